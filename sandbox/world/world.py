"""The whole world of one sandbox process, and who may see what of it."""

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from ..clock import Clock
from . import days
from .emails import Emails
from .model import Account, Campaign, Key, Mailbox, Member
from .split import Split

KEPT_SPLITS, KEPT_EMAILS = 256, 6
TEAM = ("Maya Lindqvist", "Idris Kaya")


class World:
    """Accounts, keys and time. Everything is drawn from `seed` and from `built_on`, the day its history ends."""

    def __init__(self, seed: int, clock: Clock, built_on: date) -> None:
        self.seed = seed
        self.clock = clock
        self.built_on = built_on
        self.accounts: dict[str, Account] = {}
        self.campaigns: dict[int, Campaign] = {}
        self.keys: dict[str, Key] = {}
        self.sunday: int | None = 0
        """The number under which a written Sunday is kept, 0 or 7; None: under neither."""
        self._next_id = 7_000_000
        self._splits: OrderedDict[int, Split] = OrderedDict()
        self._emails: OrderedDict[int, Emails] = OrderedDict()

    def new_id(self) -> int:
        self._next_id += 1
        return self._next_id

    def now(self) -> datetime:
        return self.clock.now()

    def account(self, name: str) -> Account:
        if name not in self.accounts:
            user_id = 19 + len(self.accounts)
            team = {place: Member(place, who) for place, who in enumerate(TEAM, start=user_id * 100)}
            self.accounts[name] = Account(name, user_id, team=team)
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

    def split(self, campaign: Campaign) -> Split:
        """What each step and variant of a settled campaign did; kept for the campaigns that were asked for last."""
        found = self._splits.get(campaign.id)
        if found is None or found.revision != campaign.revision:
            found = self._splits[campaign.id] = Split(self.seed, campaign)
        self._splits.move_to_end(campaign.id)
        if len(self._splits) > KEPT_SPLITS:
            self._splits.popitem(last=False)
        return found

    def emails(self, campaign: Campaign) -> Emails:
        """Every email of a campaign, up to this hour."""
        self.settled(campaign)
        found = self._emails.get(campaign.id)
        if found is None or found.revision != campaign.revision:
            found = self._emails[campaign.id] = Emails(self.seed, campaign, self.split(campaign), self.now())
        self._emails.move_to_end(campaign.id)
        if len(self._emails) > KEPT_EMAILS:
            self._emails.popitem(last=False)
        return found

    def mailboxes(self, account: Account) -> dict[int, Mailbox]:
        """The mailboxes of an account, after what was to be reconnected by now."""
        now = self.now()
        for box in account.mailboxes.values():
            if box.reconnects_at and box.reconnects_at <= now:
                box.connected, box.reconnects_at, box.updated_at = True, None, now
        return account.mailboxes

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
