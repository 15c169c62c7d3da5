"""Every address of the product. Apps own theirs; paths read aloud: /campaigns/12/, /connections/3/check/."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config import health

# The admin has no door of its own: one sign-in page, with its throttling and (later) its second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", RedirectView.as_view(pattern_name="campaigns:list"), name="home"),
    path("", include("campaigns.urls")),
    path("", include("analytics.urls")),
    path("", include("operations.urls")),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
