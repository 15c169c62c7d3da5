"""A small agency in the database: two clients behind one agency key, a manager for each, and rows to look at."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import Client as Browser

from accounts.models import Client, Connection, Membership, RemoteClient, User
from analytics.models import DailyStats, PeriodTotals
from campaigns.models import Campaign, CampaignNumbers, Tag
from operations.models import SyncCoverage

PULLED = ("campaigns", "totals", "days")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Agency:
    """`north` and `south` share the agency key `shared`; `nora` works for north, `sven` for south, `ada` is the admin."""

    north: Client
    south: Client
    shared: Connection
    ada: User
    nora: User
    sven: User
    _ids: int = field(default=1000)

    def campaign(
        self,
        name: str,
        *,
        client: Client | None = None,
        status: str = "active",
        tags: tuple[str, ...] = (),
        parent: Campaign | None = None,
        gone: bool = False,
        numbers: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Campaign:
        """A campaign at the agency key with a row of numbers."""
        self._ids += 1
        campaign = Campaign.objects.create(
            connection=fields.pop("connection", self.shared),
            remote_id=fields.pop("remote_id", self._ids),
            client=client,
            name=name,
            status=status,
            parent=parent,
            parent_remote_id=fields.pop("parent_remote_id", parent.remote_id if parent else None),
            synced_at=now(),
            gone_at=now() if gone else None,
            remote_created_at=fields.pop("remote_created_at", now() - timedelta(days=60)),
            **fields,
        )
        CampaignNumbers.objects.create(campaign=campaign, **(numbers or {}))
        for tag in tags:
            known, _ = Tag.objects.get_or_create(
                connection=campaign.connection, name=tag, defaults={"remote_id": Tag.objects.count() + 1}
            )
            campaign.tags.add(known)
        return campaign

    def day(self, campaign: Campaign, day: date, **counters: Any) -> DailyStats:
        return DailyStats.objects.create(
            campaign=campaign, client=campaign.client, day=day, synced_at=now(), **counters
        )

    def totals(self, campaign: Campaign, period: str, start: date, end: date, **counters: Any) -> PeriodTotals:
        return PeriodTotals.objects.create(
            campaign=campaign, period=period, start=start, end=end, synced_at=now(), **counters
        )

    def pulled(self, at: datetime | None, *steps: str, connection: Connection | None = None) -> None:
        """These resources of the connection were last pulled whole at that time; without names: all that pages show."""
        for step in steps or PULLED:
            SyncCoverage.objects.update_or_create(
                connection=connection or self.shared, step=step, defaults={"last_success_at": at}
            )


def build_agency() -> Agency:
    north = Client.objects.create(name="Nordics Freight", slug="nordics-freight")
    south = Client.objects.create(name="Southern Wines", slug="southern-wines")
    shared = Connection.objects.create(
        name="Agency key", base_url="http://127.0.0.1", health=Connection.Health.OK, last_success_at=now()
    )
    for number, client in enumerate((north, south), start=1):
        RemoteClient.objects.create(
            connection=shared, remote_id=number, name=client.name, client=client, synced_at=now()
        )
    ada = User.objects.create_user("ada@agency.example", "password", name="Ada Admin", role=User.Role.ADMIN)
    nora = User.objects.create_user("nora@agency.example", "password", name="Nora North")
    sven = User.objects.create_user("sven@agency.example", "password", name="Sven South")
    Membership.objects.create(user=nora, client=north)
    Membership.objects.create(user=sven, client=south)
    agency = Agency(north, south, shared, ada, nora, sven)
    agency.pulled(now())
    return agency


def browser_of(user: User) -> Browser:
    """A test client that is signed in as this person."""
    browser = Browser()
    browser.force_login(user)
    return browser
