"""What providers tell, in our words. A field that is None was not told; that is never the same as 0.

Numbers of providers lie beside each other here and are not added: totals, day rows and lifetime counters come from
different calls that do not agree with each other (smartlead-api 3.4, quirk b).
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from providers.secret import SecretText


class CampaignStatus(StrEnum):
    """What a campaign is doing. `UNKNOWN` is any word we have not met; the record keeps the word."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"
    ARCHIVED = "archived"
    UNKNOWN = "unknown"


class StopRule(StrEnum):
    """What a lead does that ends its sequence."""

    REPLY = "reply"
    CLICK = "click"
    OPEN = "open"
    NEVER = "never"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What a key can see: the proof that it works, and for whom."""

    campaigns: int
    """With sub-sequences."""
    client_ids: frozenset[int]
    without_client: int
    sub_sequences: int = 0


@dataclass(frozen=True, slots=True)
class RemoteClient:
    id: int
    name: str
    email: str = ""
    created_at: datetime | None = None
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemoteApiKey:
    """A client's own API key. The key itself comes only with the answer that made or reset it."""

    id: int
    client_id: int | None
    name: str
    active: bool
    created_at: datetime | None = None
    key: SecretText | None = None


@dataclass(frozen=True, slots=True)
class RemoteTag:
    id: int
    name: str
    color: str = ""


@dataclass(frozen=True, slots=True)
class RemoteSchedule:
    """When a campaign sends. `days` are ISO weekdays, 1 = Monday … 7 = Sunday, in order; hours are "HH:MM" in
    `time_zone`.
    """

    time_zone: str
    days: tuple[int, ...]
    start: str
    end: str
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteSettings:
    track_opens: bool | None = None
    track_clicks: bool | None = None
    track_replies: bool | None = None
    stop_rule: StopRule = StopRule.UNKNOWN
    raw_stop_rule: str = ""
    plain_text: bool | None = None
    follow_up_percentage: int | None = None
    unsubscribe_text: str = ""
    esp_matching: bool | None = None
    daily_new_leads: int | None = None
    min_gap_minutes: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteCampaign:
    """A campaign. One with a `parent_id` is a sub-sequence: listed like the others, with figures under its own id.
    `client_id` None is the agency's own.
    """

    id: int
    name: str
    status: CampaignStatus
    raw_status: str
    client_id: int | None = None
    parent_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    tags: tuple[RemoteTag, ...] = ()
    schedule: RemoteSchedule | None = None
    settings: RemoteSettings = field(default_factory=RemoteSettings)


@dataclass(frozen=True, slots=True)
class RemoteName:
    """A campaign or client of which only id and name are told, and perhaps its status."""

    id: int
    name: str
    raw_status: str = ""


@dataclass(frozen=True, slots=True)
class RemoteTotals:
    """Numbers of a range of days, of one campaign or (`campaign_id` None) of everything asked for together.

    `contacted` counts people and `unique_opened` people who opened; neither can be added over ranges.
    """

    campaign_id: int | None
    name: str = ""
    sent: int | None = None
    opened: int | None = None
    clicked: int | None = None
    replied: int | None = None
    bounced: int | None = None
    unsubscribed: int | None = None
    positive: int | None = None
    contacted: int | None = None
    unique_opened: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteDay:
    """One day of everything that was asked for together."""

    day: date
    sent: int | None = None
    opened: int | None = None
    replied: int | None = None
    bounced: int | None = None
    unsubscribed: int | None = None
    positive: int | None = None
    clicked: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteLeadCounts:
    """How many leads of a campaign stand where, now."""

    total: int | None = None
    not_started: int | None = None
    in_progress: int | None = None
    completed: int | None = None
    paused: int | None = None
    stopped: int | None = None
    blocked: int | None = None
    interested: int | None = None
    revenue: float | None = None


@dataclass(frozen=True, slots=True)
class RemoteCampaignTotals:
    """Counters of one campaign since it began. `planned` and `not_sent` are snapshots of emails, in the provider's own
    reckoning.
    """

    campaign_id: int
    name: str
    status: CampaignStatus
    raw_status: str
    client_id: int | None = None
    parent_id: int | None = None
    client_name: str = ""
    sent: int | None = None
    unique_sent: int | None = None
    opened: int | None = None
    unique_opened: int | None = None
    clicked: int | None = None
    unique_clicked: int | None = None
    replied: int | None = None
    blocked: int | None = None
    bounced: int | None = None
    unsubscribed: int | None = None
    planned: int | None = None
    not_sent: int | None = None
    steps: int | None = None
    tags: tuple[RemoteTag, ...] = ()
    leads: RemoteLeadCounts | None = None


@dataclass(frozen=True, slots=True)
class RemoteRange:
    """Numbers of one campaign in a range of days.

    Most servers give totals of the range (`days` is None then); some give a row per day, in which case `totals` holds
    nothing but the id.
    """

    totals: RemoteTotals
    days: tuple[RemoteDay, ...] | None = None
    skipped: int | None = None
    failed: int | None = None
    blocked: int | None = None
    stopped: int | None = None
    planned: int | None = None
    not_sent: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteWarmup:
    status: str
    sent: int | None = None
    spam: int | None = None
    reputation: float | None = None
    reply_rate: float | None = None
    daily_maximum: int | None = None
    blocked_reason: str = ""
    started_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteMailbox:
    """A sending account. Passwords that the provider tells are dropped where the answer is read: no record has them."""

    id: int
    address: str
    name: str = ""
    kind: str = ""
    client_id: int | None = None
    daily_limit: int | None = None
    sent_today: int | None = None
    min_gap_minutes: int | None = None
    smtp_ok: bool | None = None
    imap_ok: bool | None = None
    smtp_problem: str = ""
    imap_problem: str = ""
    suspended: bool | None = None
    reply_to: str = ""
    tracking_domain: str = ""
    signature: str = ""
    campaign_count: int | None = None
    campaign_ids: tuple[int, ...] | None = None
    tags: tuple[RemoteTag, ...] = ()
    warmup: RemoteWarmup | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteVariant:
    """One text of a step. `share` is its percentage where the provider tells one; None or 0 everywhere means an equal
    split.
    """

    id: int | None
    label: str
    subject: str
    body: str
    share: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteStep:
    """A position in the sequence. A step with one text has it as its only variant, without an id where the provider
    keeps none.

    An empty subject means: a reply in the thread of the step before. `body` is HTML.
    """

    id: int | None
    number: int
    delay_days: int
    variants: tuple[RemoteVariant, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Created:
    """The id of what a write has made."""

    id: int


@dataclass(frozen=True, slots=True)
class Difference:
    """What was written beside what is read afterwards, for one field."""

    field: str
    written: object
    read: object

    def __str__(self) -> str:
        written, read = (str(one) if isinstance(one, StrEnum) else one for one in (self.written, self.read))
        return f"{self.field}: wrote {written!r}, now reads {read!r}"
