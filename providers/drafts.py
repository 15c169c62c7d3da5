"""What is to be written at a provider, in our words. Nothing here is sent as it stands: each provider has its
serializers.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from typing import Literal

from providers.records import RemoteStep, StopRule


class Unchanged(Enum):
    UNCHANGED = "unchanged"


UNCHANGED: Literal[Unchanged.UNCHANGED] = Unchanged.UNCHANGED
"""For a field whose None is a value of its own."""


@dataclass(frozen=True, slots=True)
class ScheduleDraft:
    """When a campaign is to send. `days` are ISO weekdays (7 = Sunday), hours "HH:MM"; without `starts_at` it
    begins at once.
    """

    time_zone: str
    days: tuple[int, ...]
    start: str
    end: str
    min_gap_minutes: int
    daily_new_leads: int
    starts_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tracking:
    """What is tracked. The three are written together, so all must be known."""

    opens: bool
    clicks: bool
    replies: bool = True


@dataclass(frozen=True, slots=True)
class OutOfOffice:
    """What becomes of automatic replies of people who are away; None leaves a point as it is."""

    counts_as_reply: bool | None = None
    reactivate: bool | None = None
    reactivate_after_days: int | None = None
    categorise: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChange:
    """Settings to change; None (for `client_id`: UNCHANGED) leaves a setting as it is. `client_id` None gives it to
    the agency.
    """

    name: str | None = None
    tracking: Tracking | None = None
    stop_rule: StopRule | None = None
    unsubscribe_text: str | None = None
    plain_text: bool | None = None
    force_plain_text: bool | None = None
    follow_up_percentage: int | None = None
    client_id: int | Literal[Unchanged.UNCHANGED] | None = UNCHANGED
    esp_matching: bool | None = None
    pause_domain_on_reply: bool | None = None
    ignore_mailbox_limits: bool | None = None
    bounce_pause_threshold: str | None = None
    domain_rate_limit: bool | None = None
    out_of_office: OutOfOffice | None = None
    unsubscribe_header: bool | None = None
    ai_categories: tuple[str | int, ...] | None = None


class Split(StrEnum):
    """How leads are spread over the variants of a step."""

    EQUAL = "equal"
    PERCENTAGE = "percentage"
    WINNER = "winner"
    """The provider tries them on a share of the leads and goes on with the best."""


class WinBy(StrEnum):
    OPENS = "opens"
    CLICKS = "clicks"
    REPLIES = "replies"
    POSITIVE_REPLIES = "positive_replies"


@dataclass(frozen=True, slots=True)
class VariantDraft:
    """A text of a step. The `id` of one that exists must be kept, or its statistics are lost; `body` is HTML."""

    subject: str
    body: str
    label: str = "A"
    id: int | None = None
    share: int | None = None


@dataclass(frozen=True, slots=True)
class StepDraft:
    """A step as it is to be. `split` None is by percentage where the variants have shares, else equal."""

    number: int
    delay_days: int
    variants: tuple[VariantDraft, ...]
    id: int | None = None
    split: Split | None = None
    test_share: int | None = None
    win_by: WinBy | None = None

    @classmethod
    def of(cls, step: RemoteStep) -> "StepDraft":
        """A step as it is, to be changed from: ids and shares kept. Shares of 0 everywhere mean an equal split."""
        shared = any(variant.share for variant in step.variants)
        variants = tuple(
            VariantDraft(one.subject, one.body, one.label, one.id, (one.share or 0) if shared else None)
            for one in step.variants
        )
        return cls(step.number, step.delay_days, variants, step.id)

    @property
    def effective_split(self) -> Split:
        if self.split is not None:
            return self.split
        return Split.PERCENTAGE if any(one.share is not None for one in self.variants) else Split.EQUAL


@dataclass(frozen=True, slots=True)
class TestEmail:
    """A real email to show what a lead would get: to `address`, or to the lead's own where it is empty."""

    __test__ = False

    lead_id: int
    step_number: int
    mailbox_id: int | None = None
    address: str = ""
