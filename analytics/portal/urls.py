"""Addresses of the portal. A view marked with `for_client_logins` is open to them; one that is not is a page for the agency."""

from django.urls import path

from accounts.views import branding, viewing
from analytics.portal import views

app_name = "portal"

urlpatterns = [
    path("", views.home, name="home"),
    path("brand/<slug:slug>/style.css", branding.stylesheet, name="stylesheet"),
    path("brand/<slug:slug>/logo", branding.logo, name="logo"),
    path("preview/<slug:slug>/", views.preview, name="preview"),
    path("view-as/", viewing.view_as, name="view_as"),
    path("leave/", viewing.leave, name="leave"),
]
