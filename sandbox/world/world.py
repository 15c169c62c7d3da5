"""The whole world of one sandbox process, and who may see what of it."""

import hashlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from ..clock import Clock
from . import days
from .model import Account, Campaign, Key


class World:
    """Accounts, keys and time. Everything is drawn from `seed` and from `built_on`, the day its history ends."""

    def __init__(self, seed: int, clock: Clock, built_on: date) -> None:
        self.seed = seed
        self.clock = clock
        self.built_on = built_on
        self.accounts: dict[str, Account] = {}
        self.campaigns: dict[int, Campaign] = {}
        self.keys: dict[str, Key] = {}
        self._next_id = 7_000_000

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def now(self) -> datetime:
        return self.clock.now()

    def account(self, name: str) -> Account:
        if name not in self.accounts:
            self.accounts[name] = Account(name, user_id=19 + len(self.accounts))
        return self.accounts[name]

    def add_campaign(self, campaign: Campaign) -> Campaign:
        self.campaigns[campaign.id] = campaign
        self.account(campaign.account).campaigns[campaign.id] = campaign
        return campaign

    def drop_campaign(self, campaign: Campaign) -> None:
        del self.campaigns[campaign.id]
        del self.accounts[campaign.account].campaigns[campaign.id]

    def add_key(self, key: Key) -> Key:
        key.id = key.id or 40 + len(self.keys)
        key.created_at = key.created_at or self.now()
        self.keys[key.secret] = key
        return key

    def secret_for(self, label: str) -> str:
        """A key for a label: fake by its looks, the same for the same seed."""
        digest = hashlib.sha256(f"{self.seed}:{label}".encode()).hexdigest()
        return f"sandbox-{label}-{digest[:12]}"

    def find_key(self, secret_or_label: str) -> Key | None:
        found = self.keys.get(secret_or_label)
        return found or next((key for key in self.keys.values() if key.label == secret_or_label), None)

    def settled(self, campaign: Campaign) -> Campaign:
        days.settle(self.seed, campaign, self.now())
        return campaign

    def visible(self, key: Key, among: Iterable[int] | None = None) -> Iterator[Campaign]:
        """The campaigns that a key sees, up to date, newest id first; of `among` only, if given."""
        now, campaigns = self.now(), self.accounts[key.account].campaigns
        wanted = campaigns if among is None else set(among) & campaigns.keys()
        for number in sorted(wanted, reverse=True):
            campaign = campaigns[number]
            if key.sees(campaign.client_id):
                days.settle(self.seed, campaign, now)
                yield campaign

    def today(self) -> date:
        return self.now().date()

    def set_status(self, campaign: Campaign, status: str) -> None:
        """Changes what a campaign does from now on; what it sent today stays sent."""
        self.settled(campaign)
        pace, today = campaign.pace, self.today()
        if status == "ACTIVE" and campaign.status != "ACTIVE":
            if pace.started_on is None:
                pace.started_on = today
                campaign.closed_through = today - timedelta(days=1)
            if not pace.per_weekday:
                pace.per_weekday = campaign.max_new_leads_per_day * 2.5
            pace.last_on = None
        elif status != "ACTIVE" and pace.last_on is None and pace.started_on is not None:
            pace.last_on = today - timedelta(days=1)
        campaign.status = status
        campaign.settled = None
        self.touch(campaign)

    def touch(self, campaign: Campaign) -> None:
        campaign.updated_at = self.now()
