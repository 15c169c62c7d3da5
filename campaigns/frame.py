"""What every page of a campaign has around its own part: who may see it, head, actions, tabs and notes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign
from campaigns.not_sending import Reason, facts_of, senders_out, why_not_sending
from campaigns.sources import Sources, with_sources
from campaigns.standing import Actions, Failure, Standing, newest_change, why_unchangeable, with_standing
from operations.registry import campaign_tabs
from operations.web import HtmxRequest
from providers.registry import provider_named


@dataclass(frozen=True)
class TabLink:
    """One of the pages of a campaign, as its tab."""

    label: str
    url: str
    count: int | None
    current: bool


def visible_campaign(request: HtmxRequest, pk: int) -> Campaign:
    """The campaign with client, connection, numbers and tags, and all that heads and notes show of it; 404 for one that the
    reader may not see. Two queries.
    """
    visible = Campaign.objects.visible_to(request.user)
    parent_name = Subquery(visible.filter(pk=OuterRef("parent")).order_by().values("name"))
    return get_object_or_404(
        with_sources(with_standing(visible.with_numbers())).annotate(parent_name=parent_name), pk=pk
    )


def changeable_campaign(request: HtmxRequest, pk: int) -> Campaign:
    """As `visible_campaign`; 403 for a reader who may see it and change nothing. A read-only key is no matter of the
    reader: the page says so (`why_read_only`).
    """
    campaign = visible_campaign(request, pk)
    if not request.user.may_change:
        raise PermissionDenied("You can look at this campaign and not change it.")
    return campaign


@dataclass(frozen=True)
class NotSending:
    """One line: why an active campaign sends nothing now. `url` leads to the page that changes the worst of it."""

    title: str
    text: str
    planned: bool
    url: str
    action: str


def frame(request: HtmxRequest, campaign: Campaign, tab: str, now: datetime) -> dict[str, Any]:
    """The context of templates/campaigns/page.html. `read_only` says in a sentence why nothing can be changed, or is empty."""
    links = [
        TabLink(known.label, reverse(known.url_name, args=[campaign.pk]), known.count(campaign), name == tab)
        for name, known in campaign_tabs
    ]
    return head(request, campaign, tab, now) | {"tabs": links}


@dataclass(frozen=True)
class Parent:
    """The campaign of which another one is a sub-sequence."""

    pk: int
    name: str


def parent_of(campaign: Any) -> Parent | None:
    """That of a `visible_campaign`, if the reader may see it, too."""
    return Parent(campaign.parent_id, campaign.parent_name) if campaign.parent_name is not None else None


def head(request: HtmxRequest, campaign: Campaign, tab: str, now: datetime) -> dict[str, Any]:
    """The part of the context that changes with the campaign's status: head, actions, and the notes about it."""
    sources = Sources.of(campaign, now)
    standing = Standing.of(campaign, newest_change(campaign), now)
    read_only = why_unchangeable(campaign)
    sending = facts_of(campaign, sources) if _is_to_send(campaign) else None
    reasons = why_not_sending(sending, now) if sending else []
    actions = Actions.of(
        campaign, may_change=request.user.may_change, read_only=bool(read_only), moving=standing.moving is not None
    )
    return {
        "now": now,
        "today": timezone.localtime(now).date(),
        "campaign": campaign,
        "parent": parent_of(campaign),
        "tab": tab,
        "here": request.GET.get("next") or request.POST.get("next") or request.get_full_path(),
        "sources": sources,
        "standing": standing,
        "actions": actions,
        "read_only": read_only,
        "not_sending": _in_one_line(campaign, reasons),
        "senders_out": senders_out(sending.senders) if sending else ("", ""),
        "failure_url": _failure_url(campaign, standing.failure),
        "elsewhere_url": _page_at_provider(campaign),
    }


def _is_to_send(campaign: Campaign) -> bool:
    return campaign.status == Campaign.Status.ACTIVE and campaign.gone_at is None


def _in_one_line(campaign: Campaign, reasons: list[Reason]) -> NotSending | None:
    if not reasons:
        return None
    worst, rest = reasons[0], reasons[1:]
    text = " ".join([worst.text, *(f"Also: {reason.text[0].lower()}{reason.text[1:]}" for reason in rest)])
    url = tab_url(campaign, worst.tab)
    return NotSending("Not sending now.", text, worst.planned, url, worst.action if url else "")


def _failure_url(campaign: Campaign, failure: Failure | None) -> str:
    return tab_url(campaign, failure.tab) if failure else ""


def _page_at_provider(campaign: Campaign) -> str:
    """The address of the campaign in its provider's own interface; "" behind a server that is not the provider's own."""
    provider = provider_named(campaign.connection.provider)
    own = urlsplit(provider.default_base_url).hostname
    is_own = urlsplit(campaign.connection.base_url or provider.default_base_url).hostname == own
    return provider.page_of_campaign(campaign.remote_id) if is_own and campaign.gone_at is None else ""


def tab_url(campaign: Campaign, name: str) -> str:
    """The address of that page of the campaign; "" where this installation has no such page."""
    return reverse(campaign_tabs[name].url_name, args=[campaign.pk]) if name in campaign_tabs else ""
