"""Addresses of this room. /campaigns/<number>/ is served by analytics, which draws the numbers of one campaign."""

from django.urls import path

from campaigns.views import listing

app_name = "campaigns"

urlpatterns = [
    path("campaigns/", listing.campaign_list, name="list"),
]
