"""Mailboxes as a campaign's page shows them: state and reason in words, and what they can send in a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.models import Mailbox, MailboxQuerySet
from campaigns.models import Campaign, CampaignMailbox
from campaigns.senders import visible_mailboxes
from campaigns.services.mailboxes import ATTACH, KIND
from operations import wording
from operations.models import Write

YOUNG = timedelta(days=21)  # how long a mailbox counts as warming up after its warmup began
KINDS = {"GMAIL": "Google", "OUTLOOK": "Outlook", "ZOHO": "Zoho", "SMTP": "SMTP"}
SHOWN_FOR = timedelta(minutes=10)  # how long a change that is over stays on the page, with its undo


@dataclass(frozen=True)
class Health:
    """`shape` is that of the pill: ok, watch, risk, blocked, none."""

    shape: str
    word: str
    reason: str = ""


def health_of(box: Mailbox, now: datetime) -> Health:
    """What is known of whether the mailbox can send, worst first."""
    reason = box.problems[0] if box.problems else ""
    if box.gone_at is not None:
        return Health("blocked", "Gone", "The provider no longer lists it")
    if box.suspended:
        return Health("blocked", "Suspended", "Suspended at the provider, sends nothing")
    if box.smtp_ok is False:
        return Health("risk", "Disconnected", reason or "The provider can’t send through it")
    if box.imap_ok is False:
        return Health("watch", "Watch", f"Replies can’t be read: {reason}" if reason else "Replies can’t be read")
    if box.warmup_blocked_reason:
        return Health("watch", "Watch", f"Warmup blocked: {box.warmup_blocked_reason}")
    if box.smtp_ok is None:
        return Health("none", "No data", "The provider does not tell whether it is connected")
    if box.warmup_status == Mailbox.WARMING_UP and box.warmup_started_at and now - box.warmup_started_at < YOUNG:
        return Health("watch", "Warming up", f"Since {wording.day(box.warmup_started_at.date(), now.date())}")
    return Health("ok", "Healthy")


@dataclass(frozen=True)
class Row:
    """A mailbox in a list. `shares` counts the campaigns that send from it and that the reader may see."""

    box: Mailbox
    health: Health
    shares: int
    pending: str = ""
    ticked: bool = False

    @property
    def kind(self) -> str:
        return KINDS.get(self.box.kind.upper(), self.box.kind)

    @property
    def warmup(self) -> str:
        if self.box.warmup_status == Mailbox.WARMING_UP:
            score = self.box.warmup_reputation
            return "On" if score is None else f"On, {score:.0f}"
        return {"": wording.DASH, "inactive": "Off", "paused": "Paused"}.get(
            self.box.warmup_status, self.box.warmup_status.capitalize()
        )


@dataclass(frozen=True)
class Capacity:
    """What mailboxes can send in a day: the daily limits of those that can send. `unknown` of them have no known limit."""

    total: int = 0
    senders: int = 0
    out: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, boxes: Iterable[Mailbox]) -> "Capacity":
        able, out = [], 0
        for box in boxes:
            if box.can_send:
                able.append(box)
            else:
                out += 1
        limits = [box.daily_limit for box in able]
        known = [limit for limit in limits if limit is not None]
        return cls(sum(known), len(able), out, len(limits) - len(known))

    @property
    def text(self) -> str:
        """Reads "240", "at least 240" where a limit is not known, or a dash where none is."""
        if self.unknown and self.unknown == self.senders:
            return wording.DASH
        return f"at least {wording.thousands(self.total)}" if self.unknown else wording.thousands(self.total)


@dataclass(frozen=True)
class Effect:
    """What a change does to the capacity of a campaign, before it is made."""

    do: str
    boxes: list[Mailbox]
    before: Capacity
    after: Capacity
    stops: bool
    """An active campaign is left without a mailbox that can send."""
    empties: bool
    """It is left without any mailbox."""

    others: int = 0
    """How many of them belong to another client than the campaign."""

    @property
    def disconnected(self) -> int:
        """How many of them can't send."""
        return sum(not box.can_send for box in self.boxes)


def effect_of(campaign: Campaign, do: str, attached: Iterable[Mailbox], boxes: Iterable[Mailbox]) -> Effect:
    attached, boxes = list(attached), list(boxes)
    chosen = {box.pk for box in boxes}
    if do == ATTACH:
        after = [*attached, *(box for box in boxes if box.pk not in {one.pk for one in attached})]
    else:
        after = [box for box in attached if box.pk not in chosen]
    before_sums, after_sums = Capacity.of(attached), Capacity.of(after)
    sends = campaign.status == Campaign.Status.ACTIVE and campaign.gone_at is None
    return Effect(
        do,
        boxes,
        before_sums,
        after_sums,
        stops=sends and before_sums.senders > 0 and after_sums.senders == 0,
        empties=not after,
        others=sum(box.client_id not in (None, campaign.client_id) for box in boxes) if do == ATTACH else 0,
    )


def attached_mailboxes(campaign: Campaign, user: Any) -> MailboxQuerySet:
    """The mailboxes that the campaign sends from; it must be one that the reader may see. Those that can't send first."""
    links = CampaignMailbox.objects.visible_to(user).filter(campaign=campaign).values("mailbox_id")
    rows = Mailbox.objects.filter(pk__in=links)
    return with_shares(rows, user).order_by(
        F("gone_at").desc(nulls_last=True), F("suspended").desc(nulls_last=True), F("smtp_ok").asc(nulls_last=True),
        "address", "pk",
    )  # fmt: skip


def attachable_mailboxes(campaign: Campaign, user: Any, text: str = "", only: str = "") -> MailboxQuerySet:
    """The other mailboxes of the campaign's connection that the reader may see: its client's own, then those that can send."""
    links = CampaignMailbox.objects.filter(campaign=campaign).values("mailbox_id")
    rows = visible_mailboxes(user).present().filter(connection=campaign.connection_id).exclude(pk__in=links)
    if text:
        rows = rows.filter(Q(address__icontains=text) | Q(name__icontains=text))
    if only == "able":
        rows = rows.exclude(suspended=True).exclude(smtp_ok=False)
    own = Case(When(client=campaign.client_id, then=0), default=1) if campaign.client_id else Value(0)
    return with_shares(rows, user).order_by(
        own, F("suspended").asc(nulls_first=True), F("smtp_ok").desc(nulls_last=True), "address", "pk"
    )


def with_shares(rows: MailboxQuerySet, user: Any) -> MailboxQuerySet:
    """With the number of campaigns that send from each (`shares`), as far as the reader may see them."""
    links = CampaignMailbox.objects.visible_to(user).filter(mailbox=OuterRef("pk"), campaign__gone_at=None)
    counts = links.order_by().values("mailbox").annotate(n=Count("pk")).values("n")
    return rows.annotate(shares=Coalesce(Subquery(counts), 0))


def rows_of(
    boxes: Iterable[Any], now: datetime, *, pending: dict[int, str] | None = None, ticked: Iterable[int] = ()
) -> list[Row]:
    chosen = set(ticked)
    return [
        Row(box, health_of(box, now), box.shares, (pending or {}).get(box.remote_id, ""), box.pk in chosen)
        for box in boxes
    ]


def recent_changes(campaign: Campaign, user: Any, now: datetime) -> list[Write]:
    """Changes of the campaign's mailboxes that are on their way, or were over a moment ago; newest first."""
    rows = Write.objects.visible_to(user).filter(
        connection=campaign.connection_id, subject_type=Campaign._meta.label, subject_id=str(campaign.pk), kind=KIND
    )
    moving = Q(settled_at=None) | Q(settled_at__gt=now - SHOWN_FOR)
    return list(rows.filter(moving).order_by("-pk")[:10])


def pending_of(writes: Iterable[Write]) -> dict[int, str]:
    """What is on its way, by the mailbox's id at the provider."""
    found: dict[int, str] = {}
    for write in writes:
        if not write.is_settled:
            word = "Attaching…" if write.payload.get("do") == ATTACH else "Detaching…"
            for remote_id in write.payload.get("mailbox_ids", ()):
                found.setdefault(remote_id, word)
    return found
