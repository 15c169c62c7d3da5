"""Addresses of this room."""

from django.urls import path

from operations import views

app_name = "operations"

urlpatterns = [
    # /activity/
    path("activity/", views.activity, name="activity"),
    path("activity/calls/", views.calls, name="calls"),
    path("activity/changes/", views.changes, name="changes"),
    path("activity/changes/<int:pk>/", views.change, name="change"),
    path("activity/changes/stop/", views.stop_changes, name="stop_changes"),
    path("activity/coverage/", views.coverage, name="coverage"),
    path("activity/keys/<int:pk>/", views.key, name="key"),
    path("activity/runs/<int:pk>/", views.run, name="run"),
]
