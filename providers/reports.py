"""Rows of reports, in our words. As in `records`, None was not told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from providers.records import RemoteTotals


@dataclass(frozen=True, slots=True)
class RemoteEmail:
    """One email that was sent, without its text. There is no id of the lead: join on the address."""

    address: str
    lead_name: str
    step_number: int | None
    step_id: int | None
    variant_id: int | None
    stats_id: str
    subject: str
    category: str
    sent_at: datetime | None = None
    opened_at: datetime | None = None
    clicked_at: datetime | None = None
    replied_at: datetime | None = None
    opens: int | None = None
    clicks: int | None = None
    unsubscribed: bool | None = None
    bounced: bool | None = None


@dataclass(frozen=True, slots=True)
class RemoteSenderNumbers:
    """Numbers of a mailbox, a domain or a mail provider; `name` is its address or name."""

    name: str
    mailbox_id: int | None = None
    tag: str = ""
    sent: int | None = None
    opened: int | None = None
    clicked: int | None = None
    replied: int | None = None
    positive: int | None = None
    bounced: int | None = None
    sender_bounced: int | None = None
    unsubscribed: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteStepNumbers:
    """Numbers of one step of a campaign."""

    step_id: int
    sent: int | None = None
    skipped: int | None = None
    opened: int | None = None
    clicked: int | None = None
    replied: int | None = None
    positive: int | None = None
    bounced: int | None = None
    failed: int | None = None
    stopped: int | None = None
    unsubscribed: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteExportedLead:
    """A lead of a campaign as an export has it. `membership_id` is this person in this campaign, `id` the person."""

    id: int | None
    membership_id: int | None
    email: str
    status: str
    category: str
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    company: str = ""
    company_url: str = ""
    website: str = ""
    location: str = ""
    linkedin: str = ""
    custom_fields: Mapping[str, str] = field(default_factory=dict)
    interested: bool | None = None
    unsubscribed: bool | None = None
    last_step_sent: int | None = None
    opens: int | None = None
    clicks: int | None = None
    replies: int | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RemoteCount:
    """How many of something: campaigns of a status, replies within a time, clients of a month."""

    name: str
    count: int | None
    percentage: float | None = None


@dataclass(frozen=True, slots=True)
class RemoteResponses:
    """Replies to one campaign by sentiment."""

    campaign_id: int
    name: str
    positive: int | None
    neutral: int | None
    negative: int | None


@dataclass(frozen=True, slots=True)
class RemoteClientTotals:
    """Totals of one client. `health` is the provider's own word or number."""

    client_id: int
    name: str
    campaigns: int | None
    totals: RemoteTotals
    health: str = ""


@dataclass(frozen=True, slots=True)
class RemoteLeadTotals:
    """Leads that were contacted in a range: for the first time, and again."""

    total: int | None
    new: int | None
    follow_up: int | None


@dataclass(frozen=True, slots=True)
class RemoteMailboxCounts:
    connected: int | None
    in_use: int | None
    disconnected: int | None
    without_warmup: int | None


@dataclass(frozen=True, slots=True)
class RemoteMemberNumbers:
    """Numbers of one member of the team; the only place where ids of members are told."""

    member_id: int
    name: str
    leads: int | None = None
    campaigns: int | None = None
    replied: int | None = None
    positive: int | None = None
    unique_opened: int | None = None
    average_reply_time: str = ""


@dataclass(frozen=True, slots=True)
class RemoteWarmupDay:
    day: date
    sent: int | None = None
    replied: int | None = None
    saved_from_spam: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteWarmupStats:
    """Warmup of a mailbox in the last seven days or so."""

    mailbox_id: int
    sent: int | None = None
    spam: int | None = None
    inbox: int | None = None
    received: int | None = None
    days: tuple[RemoteWarmupDay, ...] = ()
