"""Where a campaign stands for its people: its status, a change of it that is on its way or failed, and what may be done now."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import CharField, Count, F, JSONField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Cast, Coalesce, JSONObject

from campaigns.models import Campaign, CampaignMailbox, CampaignQuerySet, Step
from campaigns.refusals import refusal_of, waiting_words
from operations.models import Write
from operations.writes.permission import all_stopped, why_read_only
from providers.ports import Capabilities
from providers.registry import provider_named

STATUS, RENAME, DELETE = "campaign status", "rename campaign", "delete campaign"
KINDS = (STATUS, RENAME, DELETE)
FAILURES_STAY = timedelta(days=1)

VERBS = {"active": "Start", "paused": "Pause", "stopped": "Stop", RENAME: "Rename", DELETE: "Delete"}
ON_THE_WAY = {
    "active": "Starting…", "paused": "Pausing…", "stopped": "Stopping…", RENAME: "Renaming…", DELETE: "Deleting…",
}  # fmt: skip
STILL: dict[str, str] = {Campaign.Status.DRAFT: "a draft", Campaign.Status.UNKNOWN: "as it was"}
STARTABLE = (Campaign.Status.DRAFT, Campaign.Status.PAUSED, Campaign.Status.COMPLETED)
STOPPABLE = (Campaign.Status.ACTIVE, Campaign.Status.PAUSED)


@dataclass(frozen=True)
class Failure:
    """A change that was refused or not carried out: "Pause failed", why, and what holds now."""

    word: str
    reason: str
    still: str
    tab: str = ""
    action: str = ""


@dataclass(frozen=True)
class Standing:
    """`word` with the glyph `status`. While `moving` is there, it says what happens and `waits` what it waits for."""

    status: str
    word: str
    moving: Write | None = None
    moving_word: str = ""
    waits: str = ""
    failure: Failure | None = None

    @classmethod
    def of(cls, campaign: Campaign, change: Write | None, now: datetime) -> "Standing":
        """`change` is the newest change of status or name, or of the campaign being there at all."""
        status, word = campaign.status, campaign.get_status_display()
        if campaign.gone_at:
            return cls("unknown", "Gone")
        if change is None:
            return cls(status, word)
        aim = aim_of(change)
        if not change.is_settled:
            return cls(status, word, change, ON_THE_WAY[aim], waiting_words(change))
        return cls(status, word, failure=_failure(campaign, change, aim, now))


def aim_of(change: Write) -> str:
    """What a change is to bring about: a status, or the kind itself."""
    return str(change.payload.get("status", "")) if change.kind == STATUS else change.kind


def _failure(campaign: Campaign, change: Write, aim: str, now: datetime) -> Failure | None:
    settled_at = change.settled_at or now
    if change.state == Write.State.DONE or campaign.status == aim or now - settled_at > FAILURES_STAY:
        return None
    refusal = refusal_of(change)
    still = f"It is still {STILL.get(campaign.status) or campaign.get_status_display().lower()}."
    if change.state == Write.State.CONFLICT:
        still = f"Nothing was sent. {still}"
    return Failure(f"{VERBS[aim]} failed", refusal.text, still, refusal.tab, refusal.action)


def newest_change(campaign: Campaign) -> Write | None:
    """The newest change that heads show, unless it was simply made. A campaign read by `with_standing` knows which it is."""
    state = getattr(campaign, "change_state", Write.State.PENDING)
    if state in (None, Write.State.DONE):
        return None
    return changes_of(campaign).first()


def changes_of(campaign: Campaign) -> Any:
    """Changes of one campaign that heads show, newest first."""
    subject = {"subject_type": Campaign._meta.label, "subject_id": str(campaign.pk)}
    return Write.objects.filter(connection_id=campaign.connection_id, kind__in=KINDS, **subject).order_by("-pk")


def with_standing(campaigns: CampaignQuerySet) -> CampaignQuerySet:
    """With what heads and notes of the pages show, in the same query: the state of the newest change (`change_state`), how
    many steps (`step_count`) and which mailboxes (`sender_counts`, see `not_sending.Senders`) there are, and whether all
    changes are stopped (`changes_stopped`).
    """
    changes = Write.objects.filter(
        connection=OuterRef("connection"),
        subject_type=Campaign._meta.label,
        subject_id=Cast(OuterRef("pk"), CharField()),
        kind__in=KINDS,
    ).order_by("-pk")
    return campaigns.annotate(
        change_state=Subquery(changes.values("state")[:1]), changes_stopped=all_stopped(), **what_sends()
    )


@cache
def what_sends() -> dict[str, Any]:
    """To annotate campaigns with how many steps (`step_count`) and which mailboxes (`sender_counts`) there are.

    The same expressions each time: a query takes copies of them, and to make them costs more than to ask.
    """
    steps = Step.objects.filter(campaign=OuterRef("pk")).order_by().values("campaign").annotate(n=Count("pk"))
    return {
        "step_count": Coalesce(Subquery(steps.values("n")), 0),
        "sender_counts": Subquery(_sender_counts().values("told"), output_field=JSONField()),
    }


def _sender_counts() -> Any:
    """Counts of the mailboxes of a campaign, as one JSON object."""
    able = Q(mailbox__suspended=None) | Q(mailbox__suspended=False)
    able &= Q(mailbox__smtp_ok=None) | Q(mailbox__smtp_ok=True)
    silent = able & Q(mailbox__daily_limit=0)
    spent = able & Q(mailbox__daily_limit__gt=0, mailbox__sent_today__gte=F("mailbox__daily_limit"))
    links = CampaignMailbox.objects.filter(campaign=OuterRef("pk"), mailbox__gone_at=None).order_by()
    return links.values("campaign").annotate(
        told=JSONObject(
            total=Count("pk"),
            able=Count("pk", filter=able),
            silent=Count("pk", filter=silent),
            warming=Count("pk", filter=silent & Q(mailbox__warmup_status="active")),
            spent=Count("pk", filter=spent),
            lost=Sum("mailbox__daily_limit", filter=~able),
            capacity=Sum("mailbox__daily_limit", filter=able),
            unlimited=Count("pk", filter=able & Q(mailbox__daily_limit=None)),
        )
    )


def why_unchangeable(campaign: Campaign) -> str:
    """In a sentence why nothing about this campaign may be changed at its provider now; empty: it may."""
    connection = campaign.connection
    if campaign.gone_at:
        return "The provider no longer lists this campaign, so nothing about it can be changed."
    if not connection.is_enabled:
        return f"{connection.name} is disabled. An admin can enable it again on its connection page."
    stopped: bool | None = getattr(campaign, "changes_stopped", None)
    return why_read_only(connection_name=connection.name, may_write=connection.may_write, stopped=stopped)


def capabilities_of(campaign: Campaign) -> Capabilities:
    return provider_named(campaign.connection.provider).capabilities


@dataclass(frozen=True)
class Actions:
    """What the head of a campaign offers. `main` is start, ask to start, pause, unarchive or nothing."""

    main: str = ""
    rename: bool = False
    duplicate: bool = False
    archive: bool = False
    unarchive: bool = False
    stop: bool = False
    delete: bool = False

    @property
    def any_in_menu(self) -> bool:
        return any((self.rename, self.duplicate, self.archive, self.unarchive, self.stop, self.delete))

    @classmethod
    def of(cls, campaign: Campaign, *, may_change: bool, read_only: bool, moving: bool) -> "Actions":
        if not may_change:
            return cls()
        put_away = campaign.is_archived
        marks = {"archive": not put_away and campaign.status != Campaign.Status.ACTIVE, "unarchive": put_away}
        if read_only:
            return cls(main="unarchive" if put_away else "", **marks)
        if moving:
            return cls()
        can = capabilities_of(campaign)
        return cls(
            main=main_action(campaign),
            rename=True,
            duplicate=can.duplicate,
            stop=can.final_stop and campaign.status in STOPPABLE,
            delete=True,
            **marks,
        )


def main_action(campaign: Campaign) -> str:
    """What one does first with a campaign in this state. The first start is asked about, because it sends email to many;
    what was paused just goes on.
    """
    if campaign.is_archived:
        return "unarchive"
    if campaign.status == Campaign.Status.ACTIVE:
        return "pause"
    if campaign.status == Campaign.Status.PAUSED:
        return "start"
    return "ask to start" if campaign.status in STARTABLE else ""
