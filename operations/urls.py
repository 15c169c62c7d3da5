"""Addresses of this room."""

from django.urls import path

from operations import views

app_name = "operations"

urlpatterns = [
    # /activity/
    path("activity/", views.activity, name="activity"),
    path("activity/calls/", views.calls, name="calls"),
    path("activity/runs/<int:pk>/", views.run, name="run"),
]
