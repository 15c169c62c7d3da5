"""Where search looks in this room: campaigns and mailboxes; and the pages and actions that one can go to by name."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Exists, OuterRef, Q, Subquery, Value, When
from django.urls import reverse
from django.utils import timezone

from campaigns.mailbox_rows import health_of
from campaigns.models import Campaign, CampaignMailbox, CampaignQuerySet
from campaigns.senders import visible_mailboxes
from operations.folding import holds, starts_with
from operations.registry import search_places, search_sources
from operations.searching import Asked, Item, Place, SearchSource, number_in

CAMPAIGN = "analytics:campaign_overview"


def find_campaigns(user: Any, asked: Asked, most: int) -> Sequence[Item]:
    """By name, by the name of the client, or by the number at the provider; names that begin so and running ones first."""
    campaigns = Campaign.objects.visible_to(user).present()
    for word in asked.words:
        number = number_in(word)
        by_number = Q() if number is None else Q(remote_id=number)
        campaigns = campaigns.filter(Q(holds("name", word)) | Q(holds("client__name", word)) | by_number)
    nearest = Case(
        When(starts_with("name", asked.text), then=Value(0)), When(holds("name", asked.text), then=Value(1)),
        default=Value(2),
    )  # fmt: skip
    liveliest = Case(
        When(status=Campaign.Status.ACTIVE, then=Value(0)), When(archived_at__isnull=False, then=Value(3)),
        When(status__in=Campaign.ENDED, then=Value(2)), default=Value(1),
    )  # fmt: skip
    return _items(campaigns.order_by(nearest, liveliest, "name", "pk")[:most])


def recall_campaigns(user: Any, keys: Sequence[str]) -> Sequence[Item]:
    numbers = [number for key in keys if (number := number_in(key)) is not None]
    return _items(Campaign.objects.visible_to(user).filter(pk__in=numbers))


def _items(campaigns: CampaignQuerySet) -> Sequence[Item]:
    shown = campaigns.select_related("client").only("name", "status", "archived_at", "client__name")
    return [_campaign(campaign) for campaign in shown]


def _campaign(campaign: Campaign) -> Item:
    status = "archived" if campaign.is_archived else campaign.status
    word = "Archived" if campaign.is_archived else campaign.get_status_display()
    note = f"{campaign.client.name} · {word}" if campaign.client else word
    return Item(campaign.name, reverse(CAMPAIGN, args=[campaign.pk]), note, status=status)


def find_mailboxes(user: Any, asked: Asked, most: int) -> Sequence[Item]:
    """By address or name. One is shown where the reader may see it: in the list of its client, or of a campaign."""
    mailboxes = visible_mailboxes(user).present()
    for word in asked.words:
        mailboxes = mailboxes.filter(Q(holds("address", word)) | Q(holds("name", word)))
    links = CampaignMailbox.objects.visible_to(user).filter(mailbox=OuterRef("pk")).order_by("campaign__gone_at", "pk")
    shown = mailboxes.annotate(
        own=Exists(user.visible_clients().filter(pk=OuterRef("client_id"))),
        serves=Subquery(links.values("campaign_id")[:1]),
    )
    nearest = Case(When(starts_with("address", asked.text), then=Value(0)), default=Value(1))
    ordered = shown.select_related("client").order_by(nearest, "address", "pk")[:most]
    return [_mailbox(mailbox) for mailbox in ordered]


def _mailbox(mailbox: Any) -> Item:
    word = health_of(mailbox, timezone.now()).word
    if mailbox.own:
        address = reverse("campaigns:client_mailboxes", args=[mailbox.client.slug])
        return Item(
            str(mailbox),
            f"{address}?{urlencode({'q': mailbox.address})}",
            f"{mailbox.client.name} · {word}",
            icon="mail",
        )
    if mailbox.serves:
        address = reverse("campaigns:mailboxes", args=[mailbox.serves])
    else:
        address = reverse("accounts:connection", args=[mailbox.connection_id])
    return Item(str(mailbox), address, word, icon="mail")


search_sources.add("campaigns", SearchSource("Campaigns", find_campaigns, CAMPAIGN, recall_campaigns), order=20)
search_sources.add("mailboxes", SearchSource("Mailboxes", find_mailboxes), order=30)

search_places.add("campaigns", Place("Campaigns", "campaigns:list", "send"), order=100)
search_places.add(
    "new campaign",
    Place("New campaign", "campaigns:create", "plus", "create add", allowed=lambda user: bool(user.may_change)),
    order=101,
)
search_places.add(
    "archived campaigns",
    Place("Archived campaigns", "campaigns:list", "archive", query="?show=archived"),
    order=102,
)
