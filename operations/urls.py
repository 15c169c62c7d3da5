"""Addresses of this room."""

from django.urls import path

from operations import audit_views, job_views, search_views, views

app_name = "operations"

urlpatterns = [
    path("search/", search_views.search_everything, name="search"),
    # /activity/
    path("activity/", views.activity, name="activity"),
    path("activity/audit/", audit_views.audit, name="audit"),
    path("activity/audit/export/", audit_views.audit_export, name="audit_export"),
    path("activity/audit/<int:pk>/", audit_views.audit_entry, name="audit_entry"),
    path("activity/calls/", views.calls, name="calls"),
    path("activity/changes/", views.changes, name="changes"),
    path("activity/changes/<int:pk>/", views.change, name="change"),
    path("activity/changes/stop/", views.stop_changes, name="stop_changes"),
    path("activity/coverage/", views.coverage, name="coverage"),
    path("activity/jobs/", job_views.jobs, name="jobs"),
    path("activity/jobs/<int:pk>/", job_views.job, name="job"),
    path("activity/jobs/<int:pk>/cancel/", job_views.cancel, name="cancel_job"),
    path("activity/jobs/<int:pk>/go-on/", job_views.go_on, name="go_on_with_job"),
    path("activity/jobs/<int:pk>/retry/", job_views.retry, name="retry_job"),
    path("activity/jobs/<int:pk>/undo/", job_views.undo, name="undo_job"),
    path("activity/keys/<int:pk>/", views.key, name="key"),
    path("activity/runs/<int:pk>/", views.run, name="run"),
]
