"""What every page of a campaign has around its own part: who may see it, head, tabs and notes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.sources import Sources
from operations.registry import campaign_tabs
from operations.web import HtmxRequest
from operations.writes.permission import why_read_only


@dataclass(frozen=True)
class TabLink:
    """One of the pages of a campaign, as its tab."""

    label: str
    url: str
    count: int | None
    current: bool


def visible_campaign(request: HtmxRequest, pk: int) -> Campaign:
    """The campaign with client, connection, numbers and tags; 404 for one that the reader may not see."""
    return get_object_or_404(Campaign.objects.visible_to(request.user).with_numbers(), pk=pk)


def changeable_campaign(request: HtmxRequest, pk: int) -> Campaign:
    """As `visible_campaign`; 403 for a reader who may see it and change nothing. A read-only key is no matter of the
    reader: the page says so (`why_read_only`).
    """
    campaign = visible_campaign(request, pk)
    if not request.user.may_change:
        raise PermissionDenied("You can look at this campaign and not change it.")
    return campaign


def frame(request: HtmxRequest, campaign: Campaign, tab: str, now: datetime) -> dict[str, Any]:
    """The context of templates/campaigns/page.html. `read_only` says in a sentence why nothing can be changed, or is empty."""
    links = [
        TabLink(known.label, reverse(known.url_name, args=[campaign.pk]), known.count(campaign), name == tab)
        for name, known in campaign_tabs
    ]
    parent = None
    if campaign.parent_id is not None:
        parent = Campaign.objects.visible_to(request.user).filter(pk=campaign.parent_id).first()
    return {
        "now": now,
        "campaign": campaign,
        "parent": parent,
        "tabs": links,
        "tab": tab,
        "sources": Sources.of(campaign.connection, now),
        "read_only": why_read_only(connection_name=campaign.connection.name, may_write=campaign.connection.may_write),
    }
