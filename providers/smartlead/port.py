"""Smartlead as a `Provider`."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import httpx

from providers import readback
from providers.calls import Answer, Call, Page
from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, TestEmail
from providers.errors import ProviderError
from providers.ports import Capabilities, Facts, OnLearned
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
from providers.smartlead import (
    account_reports,
    analytics,
    campaign_rows,
    campaign_writes,
    campaigns,
    clients,
    mailbox_links,
    mailboxes,
    sequence_writes,
    sequences,
    statistics,
    warmup,
)
from providers.smartlead.auth import KeyInQuery
from providers.smartlead.dialect import Dialect
from providers.smartlead.judge import judge
from providers.smartlead.ranges import MAX_CAMPAIGN_IDS, MAX_CLIENT_IDS, MAX_RANGE_DAYS

CAPABILITIES = Capabilities(
    clients=True,
    client_api_keys=True,
    tags=True,
    sub_sequences=True,
    final_stop=True,
    archive=False,
    duplicate=True,
    edit_while_active=False,
    variant_weights=True,
    variant_winner=True,
    step_delay_days=True,
    totals_for_all_campaigns=True,
    day_rows_per_campaign=False,
    positive_days=True,
    campaign_totals=True,
    mailbox_warmup=True,
    mailbox_statistics=True,
    tells_sent=True,
    tells_clicks_by_day=False,
    max_ids_per_statistics_call=MAX_CAMPAIGN_IDS,
    max_client_ids_per_statistics_call=MAX_CLIENT_IDS,
    max_range_days=MAX_RANGE_DAYS,
    max_totals_page=analytics.TOTALS_PAGE,
    max_mailbox_page=mailboxes.MAILBOX_PAGE,
    min_gap_minutes=3,
)


class Smartlead:
    """Smartlead in the form that one connection's server speaks. Learns from answers, and passes on what it learned."""

    name = "smartlead"
    default_base_url = "https://server.smartlead.ai/api/v1"
    capabilities = CAPABILITIES

    def __init__(self, dialect: Dialect | None = None, on_learned: OnLearned | None = None) -> None:
        self.dialect = dialect or Dialect()
        self._on_learned = on_learned

    @classmethod
    def for_connection(cls, facts: Facts, on_learned: OnLearned | None = None) -> "Smartlead":
        return cls(Dialect.from_facts(facts), on_learned)

    @property
    def facts(self) -> Facts:
        return self.dialect.facts()

    def learn(self, **changes: bool) -> None:
        """Remember which form was understood; the callback gets all facts."""
        dialect = replace(self.dialect, **changes)
        if dialect != self.dialect:
            self.dialect = dialect
            if self._on_learned:
                self._on_learned(dialect.facts())

    def page_of_campaign(self, number: int) -> str:
        return f"https://app.smartlead.ai/app/email-campaign/{number}/analytics"

    def auth(self, key: SecretText) -> httpx.Auth:
        return KeyInQuery(key)

    def judge(self, call: Call[Any], answer: Answer) -> ProviderError | None:
        return judge(call, answer)

    def check_key(self) -> Call[KeyReport]:
        return campaigns.check_key()

    def clients(self) -> Call[tuple[RemoteClient, ...]]:
        return clients.clients()

    def create_client(self, name: str, email: str) -> Call[Created]:
        return clients.create_client(clients.ClientDraft(name, email))

    def client_keys(self, client_id: int) -> Call[tuple[RemoteApiKey, ...]]:
        return clients.api_keys(client_id=client_id)

    def create_client_key(self, client_id: int, name: str) -> Call[RemoteApiKey]:
        return clients.create_api_key(client_id, name)

    def reset_client_key(self, key_id: int) -> Call[RemoteApiKey]:
        return clients.reset_api_key(key_id)

    def campaigns(self) -> Call[tuple[RemoteCampaign, ...]]:
        return campaigns.campaigns()

    def campaign(self, campaign_id: int) -> Call[RemoteCampaign]:
        return campaigns.campaign(campaign_id)

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
        size = limit or analytics.TOTALS_PAGE
        return analytics.totals(start, end, campaign_ids=campaign_ids, offset=offset, limit=size, time_zone=time_zone)

    def daily(
        self, campaign_ids: Collection[int] | None, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteDay, ...]]:
        return analytics.daily(campaign_ids, start, end, time_zone=time_zone)

    def daily_positive(
        self, campaign_ids: Collection[int] | None, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteDay, ...]]:
        return analytics.daily_positive(campaign_ids, start, end, time_zone=time_zone)

    def overall(
        self,
        start: date,
        end: date,
        campaign_ids: Collection[int] | None = None,
        *,
        client_ids: Collection[int] | None = None,
        time_zone: str = "UTC",
    ) -> Call[RemoteTotals]:
        return analytics.overall(
            start,
            end,
            campaign_ids=campaign_ids,
            client_ids=client_ids,
            time_zone=time_zone,
            dialect=self.dialect,
            learn=self.learn,
        )

    def campaign_totals(self, campaign_id: int) -> Call[RemoteCampaignTotals]:
        return statistics.campaign_totals(campaign_id)

    def campaign_range(self, campaign_id: int, start: date, end: date, *, time_zone: str = "UTC") -> Call[RemoteRange]:
        return statistics.campaign_range(
            campaign_id, start, end, time_zone=time_zone, dialect=self.dialect, learn=self.learn
        )

    def campaign_names(self) -> Call[tuple[RemoteName, ...]]:
        return account_reports.campaign_names()

    def client_names(self) -> Call[tuple[RemoteName, ...]]:
        return account_reports.client_names()

    def mailbox_counts(self) -> Call[RemoteMailboxCounts]:
        return account_reports.mailbox_counts()

    def steps(self, campaign_id: int) -> Call[tuple[RemoteStep, ...]]:
        return sequences.steps(campaign_id)

    def mailboxes(
        self, *, offset: int = 0, limit: int | None = None, with_campaigns: bool = False
    ) -> Call[Page[RemoteMailbox]]:
        size = limit or mailboxes.MAILBOX_PAGE
        return mailboxes.mailboxes(offset=offset, limit=size, with_campaigns=with_campaigns)

    def campaign_mailboxes(self, campaign_id: int) -> Call[tuple[RemoteMailbox, ...]]:
        return mailboxes.campaign_mailboxes(campaign_id)

    def mailbox(self, mailbox_id: int) -> Call[RemoteMailbox]:
        return mailboxes.mailbox(mailbox_id, with_campaigns=True)

    def warmup(self, mailbox_id: int, *, today: date) -> Call[RemoteWarmupStats]:
        return warmup.warmup_stats(mailbox_id, today=today)

    def step_numbers(
        self, campaign_id: int, start: date, end: date, *, time_zone: str = "UTC"
    ) -> Call[tuple[RemoteStepNumbers, ...]]:
        return campaign_rows.step_numbers(campaign_id, start, end, time_zone=time_zone)

    def mailbox_numbers(
        self, campaign_id: int, start: date, end: date, *, offset: int = 0, time_zone: str = "UTC"
    ) -> Call[Page[RemoteSenderNumbers]]:
        return campaign_rows.mailbox_numbers(campaign_id, start=start, end=end, offset=offset, time_zone=time_zone)

    def create_campaign(self, name: str, *, client_id: int | None = None) -> Call[Created]:
        return campaign_writes.create_campaign(name, client_id=client_id)

    def duplicate_campaign(self, campaign_id: int, *, sub_sequences: bool = False) -> Call[Created]:
        return campaign_writes.duplicate_campaign(campaign_id, sub_sequences=sub_sequences)

    def set_status(self, campaign_id: int, status: CampaignStatus) -> Call[None]:
        return campaign_writes.set_status(campaign_id, status, dialect=self.dialect, learn=self.learn)

    def save_schedule(self, campaign_id: int, draft: ScheduleDraft) -> Call[None]:
        return campaign_writes.save_schedule(campaign_id, draft, dialect=self.dialect, learn=self.learn)

    def save_schedule_again(self, campaign_id: int, draft: ScheduleDraft, read: RemoteCampaign) -> Call[None] | None:
        """With Sunday under its other number, where the campaign reads as if Sunday had not been sent (8)."""
        if not readback.sunday_was_lost(draft, read):
            return None
        other = not self.dialect.sunday_is_seven
        spoken = replace(self.dialect, sunday_is_seven=other)
        call = campaign_writes.save_schedule(campaign_id, draft, dialect=spoken, learn=self.learn)
        return call.then(lambda done: self.learn(sunday_is_seven=other))

    def save_settings(self, campaign_id: int, change: SettingsChange) -> Call[None]:
        return campaign_writes.save_settings(campaign_id, change, dialect=self.dialect, learn=self.learn)

    def save_steps(self, campaign_id: int, drafts: Sequence[StepDraft]) -> Call[None]:
        return sequence_writes.save_steps(campaign_id, drafts, dialect=self.dialect, learn=self.learn)

    def delete_campaign(self, campaign_id: int) -> Call[None]:
        return campaign_writes.delete_campaign(campaign_id)

    def attach_mailboxes(self, campaign_id: int, mailbox_ids: Collection[int]) -> Call[None]:
        return mailbox_links.attach_mailboxes(campaign_id, mailbox_ids, dialect=self.dialect, learn=self.learn)

    def detach_mailboxes(self, campaign_id: int, mailbox_ids: Collection[int]) -> Call[None]:
        return mailbox_links.detach_mailboxes(campaign_id, mailbox_ids, dialect=self.dialect, learn=self.learn)

    def send_test_email(self, campaign_id: int, test: TestEmail) -> Call[None]:
        return campaign_writes.send_test_email(campaign_id, test)
