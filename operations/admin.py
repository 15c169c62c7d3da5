"""Jobs in the Django admin, to look at: what is done with them is done on their own page."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse

from operations.models import Job, JobItem


class _ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(_ReadOnly, admin.ModelAdmin):
    view_on_site = staticmethod(lambda job: reverse("operations:job", args=[job.pk]))
    list_display = ["kind", "purpose", "actor_label", "created_at", "finished_at", "cancelled_at"]
    list_filter = ["kind", "purpose"]
    fields = [
        "kind", "purpose", "parameters", "parent", "actor_label", "origin", "created_at", "started_at", "finished_at",
        "cancelled_at", "held_at", "undo_until",
    ]  # fmt: skip


@admin.register(JobItem)
class JobItemAdmin(_ReadOnly, admin.ModelAdmin):
    list_display = ["subject_label", "job", "client", "state", "message"]
    list_filter = ["state"]
    list_select_related = ["job", "client"]
    search_fields = ["subject_label"]
    fields = [
        "job", "position", "subject_label", "client", "connection", "state", "message", "before", "wanted", "after", "write",
        "began_at", "settled_at",
    ]  # fmt: skip
