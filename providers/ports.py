"""What every provider offers to the rooms above: capabilities, and functions that build calls of neutral records.

A `Provider` belongs to one connection: it remembers which form of the API the connection's server speaks (`facts`),
and holds no key.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import httpx

from providers.calls import Answer, Call, Page
from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, TestEmail
from providers.errors import ProviderError
from providers.records import (
    CampaignStatus,
    Created,
    KeyReport,
    RemoteApiKey,
    RemoteCampaign,
    RemoteCampaignTotals,
    RemoteClient,
    RemoteDay,
    RemoteMailbox,
    RemoteName,
    RemoteRange,
    RemoteStep,
    RemoteTotals,
)
from providers.reports import RemoteMailboxCounts, RemoteSenderNumbers, RemoteStepNumbers, RemoteWarmupStats
from providers.secret import SecretText

Facts = Mapping[str, str | int | bool]
"""What was learned about the form of the API that a connection's server speaks: plain values, to be stored with the
connection."""

OnLearned = Callable[[Facts], None]
"""Is given all facts, new ones among them, when something was learned; called where the call is sent from, and must
not raise."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a provider can do and tell, so that nobody above asks for its name."""

    clients: bool
    """Knows clients of the agency, so that one key may hold several."""
    client_api_keys: bool
    tags: bool
    sub_sequences: bool
    final_stop: bool
    """`stopped` can't be taken back."""
    archive: bool
    duplicate: bool
    edit_while_active: bool
    """The sequence of an active campaign may be saved."""
    variant_weights: bool
    variant_winner: bool
    step_delay_days: bool
    """Delays are whole days."""
    totals_for_all_campaigns: bool
    """`totals` gives a row per campaign in one call."""
    day_rows_per_campaign: bool
    """`daily` tells campaigns apart; where not, a series per campaign is a call per campaign."""
    positive_days: bool
    campaign_totals: bool
    mailbox_warmup: bool
    mailbox_statistics: bool
    tells_sent: bool
    tells_clicks_by_day: bool
    max_ids_per_statistics_call: int
    max_client_ids_per_statistics_call: int
    max_range_days: int
    max_totals_page: int
    max_mailbox_page: int
    min_gap_minutes: int


class Provider(Protocol):
    """One provider in the form that one connection's server speaks. All functions only build calls; `Client.send`
    sends them.
    """

    @property
    def name(self) -> str: ...

    @property
    def default_base_url(self) -> str: ...

    @property
    def capabilities(self) -> Capabilities: ...

    @property
    def facts(self) -> Facts: ...

    def page_of_campaign(self, number: int) -> str:
        """Where people see a campaign in the provider's own interface."""

    def auth(self, key: SecretText) -> httpx.Auth: ...

    def judge(self, call: Call[Any], answer: Answer) -> ProviderError | None: ...

    def check_key(self) -> Call[KeyReport]:
        """The cheapest read that proves the key and tells what it sees."""

    def clients(self) -> Call[tuple[RemoteClient, ...]]:
        """Every client of the agency; Forbidden, or just itself, for a client's own key."""

    def create_client(self, name: str, email: str) -> Call[Created]:
        """Makes a client of the agency. Its address is unique: after UnknownOutcome look for that first."""

    def client_keys(self, client_id: int) -> Call[tuple[RemoteApiKey, ...]]:
        """The API keys of a client (`client_api_keys`), without the keys themselves."""

    def create_client_key(self, client_id: int, name: str) -> Call[RemoteApiKey]:
        """Makes an API key of a client. The key comes with this answer only."""

    def reset_client_key(self, key_id: int) -> Call[RemoteApiKey]:
        """Gives an API key of a client a new value, which comes with this answer only; the old one dies at once."""

    def campaigns(self) -> Call[tuple[RemoteCampaign, ...]]:
        """Every campaign that the key sees, with tags; sub-sequences are among them and name their parent."""

    def campaign(self, campaign_id: int) -> Call[RemoteCampaign]:
        """One campaign, or NotFound."""

    def totals(
        self,
        start: date,
        end: date,
        campaign_ids: Collection[int] | None = None,
        *,
        offset: int = 0,
        limit: int | None = None,
        time_zone: str = "UTC",
    ) -> Call[Page[RemoteTotals]]:
        """Totals of a range of days, a row per campaign that had any; all campaigns where none are named."""

    def daily(
        self, campaign_ids: Collection[int] | None, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteDay, ...]]:
        """A row per day of all these campaigns together (None: of all). Days without events may be missing."""

    def daily_positive(
        self, campaign_ids: Collection[int] | None, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteDay, ...]]:
        """As `daily`, of positive replies alone."""

    def overall(
        self,
        start: date,
        end: date,
        campaign_ids: Collection[int] | None = None,
        *,
        client_ids: Collection[int] | None = None,
        time_zone: str = "UTC",
    ) -> Call[RemoteTotals]:
        """Headline totals of all these campaigns together; people are counted once."""

    def campaign_totals(self, campaign_id: int) -> Call[RemoteCampaignTotals]:
        """Counters of a campaign since it began, and where its leads stand."""

    def campaign_range(self, campaign_id: int, start: date, end: date, *, time_zone: str = "UTC") -> Call[RemoteRange]:
        """Numbers of one campaign in a range: totals, or a row per day where the server gives these."""

    def campaign_names(self) -> Call[tuple[RemoteName, ...]]:
        """Ids and names of all campaigns that the key sees, by another way than `campaigns`: to compare with."""

    def client_names(self) -> Call[tuple[RemoteName, ...]]:
        """Ids and names of all clients, by another way than `clients`."""

    def mailbox_counts(self) -> Call[RemoteMailboxCounts]:
        """How many mailboxes there are and work, without their rows."""

    def steps(self, campaign_id: int) -> Call[tuple[RemoteStep, ...]]:
        """The sequence in order, with the variants that are not deleted."""

    def mailboxes(
        self, *, offset: int = 0, limit: int | None = None, with_campaigns: bool = False
    ) -> Call[Page[RemoteMailbox]]:
        """A page of all mailboxes that the key sees, on demand with the ids of their campaigns where the server tells
        them in a list.
        """

    def campaign_mailboxes(self, campaign_id: int) -> Call[tuple[RemoteMailbox, ...]]:
        """The mailboxes that a campaign sends from."""

    def mailbox(self, mailbox_id: int) -> Call[RemoteMailbox]:
        """One mailbox with the ids of its campaigns, or NotFound."""

    def warmup(self, mailbox_id: int, *, today: date) -> Call[RemoteWarmupStats]:
        """Warmup of one mailbox in the last week: a call per mailbox, so ask seldom."""

    def step_numbers(
        self, campaign_id: int, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteStepNumbers, ...]]:
        """Numbers of each step in a range."""

    def mailbox_numbers(
        self, campaign_id: int, start: date, end: date, *, offset: int = 0, time_zone: str = "UTC"
    ) -> Call[Page[RemoteSenderNumbers]]:
        """Numbers of each mailbox of a campaign in a range."""

    def create_campaign(self, name: str, *, client_id: int | None = None) -> Call[Created]:
        """Makes an empty draft. After UnknownOutcome look for the name before making another."""

    def duplicate_campaign(self, campaign_id: int, *, sub_sequences: bool = False) -> Call[Created]:
        """Makes a draft with the same settings, steps, schedule and mailboxes, without leads and numbers."""

    def set_status(self, campaign_id: int, status: CampaignStatus) -> Call[None]:
        """Starts (ACTIVE), pauses or stops; ValueError for a status that can't be set. Starting sends real email."""

    def save_schedule(self, campaign_id: int, draft: ScheduleDraft) -> Call[None]:
        """Sets the whole schedule."""

    def save_schedule_again(self, campaign_id: int, draft: ScheduleDraft, read: RemoteCampaign) -> Call[None] | None:
        """Another form of the same, where what was read back shows that this server wants it; None where it does
        not.
        """

    def save_settings(self, campaign_id: int, change: SettingsChange) -> Call[None]:
        """Changes the settings that are given."""

    def save_steps(self, campaign_id: int, drafts: Sequence[StepDraft]) -> Call[None]:
        """Replaces the whole sequence. Ids of steps and variants that exist must be kept, or their history is lost."""

    def delete_campaign(self, campaign_id: int) -> Call[None]:
        """Deletes a campaign for good."""

    def attach_mailboxes(self, campaign_id: int, mailbox_ids: Collection[int]) -> Call[None]:
        """Adds mailboxes to a campaign."""

    def detach_mailboxes(self, campaign_id: int, mailbox_ids: Collection[int]) -> Call[None]:
        """Takes mailboxes from a campaign."""

    def send_test_email(self, campaign_id: int, test: TestEmail) -> Call[None]:
        """Sends a real email that shows a step as one lead would get it."""
