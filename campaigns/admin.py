"""Campaigns in the Django admin: to look at, and to change many of them by the same dry run as in the list."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict

from campaigns.bulk.actions import BulkAction
from campaigns.models import Campaign
from campaigns.views.bulk import answer
from operations.registry import bulk_actions

AdminAction = Callable[[Any, Any, "QuerySet[Campaign]"], HttpResponse]


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """The provider owns campaigns, so nothing is edited here."""

    list_display = ["name", "remote_id", "client", "connection", "status", "archived_at", "gone_at"]
    list_filter = ["status", "client", "connection"]
    list_select_related = ["client", "connection"]
    search_fields = ["name", "remote_id"]
    readonly_fields = (
        "name", "remote_id", "connection", "client", "parent", "status", "tags", "schedule", "settings", "remote_created_at",
        "remote_updated_at", "synced_at", "archived_at", "gone_at",
    )  # fmt: skip
    fields = readonly_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Those of the list; each leads to its dry run, and nothing is done before that."""
        offered = [action for _, action in bulk_actions if action.is_for(request.user)]
        return {action.slug: (_to_dry_run(action), action.slug, f"{action.label} …") for action in offered}


def _to_dry_run(action: BulkAction) -> AdminAction:
    def lead_there(model_admin: Any, request: Any, chosen: "QuerySet[Campaign]") -> HttpResponse:
        data = QueryDict(mutable=True)
        data["campaign"] = ",".join(map(str, chosen.order_by().values_list("pk", flat=True)))
        return answer(request, action, data)

    return lead_there
