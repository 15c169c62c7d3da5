"""Every address of the product. Apps own theirs; paths read aloud: /campaigns/12/, /connections/3/check/."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from accounts.views.own_sessions import own_sessions
from config import health
from config.home import home

# The admin has no door of its own: one sign-in page, with its throttling and its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", home, name="home"),
    path("", include("campaigns.urls")),
    path("", include("accounts.urls")),  # before analytics: /clients/add/ is no client
    path("", include("analytics.urls")),
    path("", include("operations.urls")),
    path("portal/", include("analytics.portal.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/sessions/", own_sessions, name="usersessions_list"),
    path("admin/", admin.site.urls),
]
