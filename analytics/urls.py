"""Addresses of this room: the pages and panels that show numbers."""

from django.urls import path

from analytics import views

app_name = "analytics"

urlpatterns = [
    path("campaigns/<int:pk>/", views.campaign_overview, name="campaign_overview"),
]
