"""The neutral form of everything in the sandbox. Provider dialects are made from it at the edge, never stored."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple


class Day(NamedTuple):
    """One campaign on one day. Every figure adds up over days, except through `contacted`, which counts new people."""

    sent: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    positive: int = 0
    bounced: int = 0
    unsubscribed: int = 0
    contacted: int = 0

    def __add__(self, other: tuple[int, ...]) -> "Day":  # type: ignore[override]
        return Day(*map(int.__add__, self, other))


NOTHING = Day()


@dataclass(slots=True)
class Pace:
    """How a campaign sends: the input from which its days are drawn."""

    per_weekday: float = 0.0
    new_share: float = 0.33
    reply_share: float = 0.02
    positive_share: float = 0.3
    bounce_share: float = 0.012
    open_share: float = 0.42
    started_on: date | None = None
    last_on: date | None = None
    """The last day that sends; None while the campaign runs."""


@dataclass(slots=True)
class Tag:
    id: int
    name: str
    color: str


@dataclass(slots=True)
class Schedule:
    timezone: str
    days: list[int]
    start_hour: str
    end_hour: str
    starts_at: str | None = None


@dataclass(slots=True)
class Variant:
    id: int
    label: str
    subject: str
    body: str
    percentage: int | str | None = None
    deleted: bool = False


@dataclass(slots=True)
class Step:
    id: int
    number: int
    delay_days: int
    subject: str = ""
    body: str = ""
    variants: list[Variant] = field(default_factory=list)
    distribution: str = "MANUAL_EQUAL"


class Era(NamedTuple):
    """What a campaign sent, and from where, before somebody changed it."""

    until: date
    """The first day that is no longer part of it."""
    steps: list[Step]
    mailbox_ids: list[int]


@dataclass(slots=True)
class Campaign:
    id: int
    name: str
    account: str
    client_id: int | None
    status: str
    created_at: datetime
    updated_at: datetime
    parent_campaign_id: int | None = None
    tags: list[Tag] = field(default_factory=list)
    schedule: Schedule | None = None
    gap_minutes: int = 10
    max_new_leads_per_day: int = 60
    track_settings: list[str] = field(default_factory=list)
    """What is *not* tracked, in the words of the read side."""
    track_settings_as_text: bool = False
    """Some old campaigns answer with one string where others have a list."""
    stop_lead_settings: str = "REPLY_TO_AN_EMAIL"
    unsubscribe_text: str = ""
    send_as_plain_text: bool = False
    follow_up_percentage: int = 40
    enable_ai_esp_matching: bool = False
    settings: dict[str, object] = field(default_factory=dict)
    """Settings that can be written but are never read back by the provider."""
    mailbox_ids: list[int] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    leads: int = 0
    totals_lag: float = 0.0
    """The share of replies that the provider's totals leave out although its days count them."""
    pace: Pace = field(default_factory=Pace)
    rows: dict[date, Day] = field(default_factory=dict)
    sums: Day = NOTHING
    """The sum of all closed days as drawn; what later days are drawn from. Corrections of the past leave it alone."""
    closed_through: date | None = None
    settled: tuple[date, int] | None = None
    used_up_on: date | None = None
    past: list[Era] = field(default_factory=list)
    """Earlier sequences and mailboxes, oldest first: what was sent keeps the step and mailbox it was sent with."""
    revision: int = 0
    """Grows with every change of its figures; what is derived from them is kept for one revision."""
    team_member_id: int | None = None
    lead_mailboxes: dict[int, int] = field(default_factory=dict)
    """Mailboxes that single leads were given, by the id of the lead."""
    test_emails: int = 0

    def era(self, day: date) -> Era:
        """With which steps and mailboxes it sent on this day."""
        return next((one for one in self.past if day < one.until), Era(date.max, self.steps, self.mailbox_ids))

    def remember(self, today: date) -> None:
        """To be called before steps or mailboxes change."""
        until = today + timedelta(days=1) if today in self.rows else today
        if self.rows and (not self.past or self.past[-1].until < until):
            self.past.append(Era(until, self.steps, list(self.mailbox_ids)))
        self.revision += 1

    @property
    def tracks_opens(self) -> bool:
        return "DONT_EMAIL_OPEN" not in self.track_settings


@dataclass(slots=True)
class Client:
    id: int
    name: str
    email: str
    uuid: str
    account: str
    created_at: datetime
    permission: list[str] = field(default_factory=lambda: ["reply_master_inbox"])
    logo: str | None = None
    logo_url: str | None = None


@dataclass(slots=True)
class Mailbox:
    id: int
    from_name: str
    from_email: str
    kind: str
    account: str
    client_id: int | None
    created_at: datetime
    password: str
    per_day: int = 30
    connected: bool = True
    suspended: bool = False
    warmup: str | None = "ACTIVE"
    reputation: int = 97
    signature: str | None = None
    gap_minutes: int | None = 5
    tracking_domain: str = ""
    bcc: str | None = None
    tags: list[Tag] = field(default_factory=list)
    warmup_per_day: int = 35
    rampup: int | None = None
    warmup_reply_rate: int = 15
    updated_at: datetime | None = None
    reconnects_at: datetime | None = None
    """When a reconnection that was asked for will have worked."""

    @property
    def domain(self) -> str:
        return self.from_email.rpartition("@")[2]


@dataclass(slots=True)
class Member:
    """Somebody on the team of an account."""

    id: int
    name: str


@dataclass(slots=True)
class Account:
    """One paying account at the provider: what its agency key sees."""

    name: str
    user_id: int
    clients: dict[int, Client] = field(default_factory=dict)
    campaigns: dict[int, Campaign] = field(default_factory=dict)
    mailboxes: dict[int, Mailbox] = field(default_factory=dict)
    tags: dict[int, Tag] = field(default_factory=dict)
    """The tags of mailboxes."""
    team: dict[int, Member] = field(default_factory=dict)
    reconnects: list[datetime] = field(default_factory=list)
    """When reconnection of failed mailboxes was asked for."""


@dataclass(slots=True)
class Key:
    secret: str
    label: str
    account: str
    client_ids: frozenset[int] | None = None
    """None: an agency key, which sees the whole account."""
    revoked: bool = False
    dialect: str | None = None
    id: int = 0
    created_at: datetime | None = None
    name: str = ""
    """What its maker called it; the label where nobody did."""

    def sees(self, client_id: int | None) -> bool:
        return self.client_ids is None or client_id in self.client_ids
