"""Addresses of this room: the pages and panels that show numbers."""

from django.urls import path

from analytics import views
from analytics.clients import views as clients

app_name = "analytics"

urlpatterns = [
    path("clients/", clients.client_list, name="clients"),
    path("clients/<slug:slug>/", clients.client_page, name="client"),
    path("campaigns/<int:pk>/", views.campaign_overview, name="campaign_overview"),
    path("campaigns/<int:pk>/steps/<int:number>/numbers/", views.step_numbers, name="step_numbers"),
]
