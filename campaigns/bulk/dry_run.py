"""What a bulk action would do, campaign by campaign, before it is done. As many queries for one campaign as for a thousand."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from accounts.models import Connection
from accounts.services.sessions import plan_rules, rules_of
from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import SUBJECT, CampaignJob
from campaigns.bulk.selecting import MOST
from campaigns.models import Campaign, CampaignQuerySet
from operations.jobs.handlers import Planned, Told


@dataclass(frozen=True)
class Change:
    """One campaign that would be changed: each field that differs, in words before and after."""

    campaign: Campaign
    planned: Planned
    fields: list[Told]


@dataclass(frozen=True)
class Skipped:
    campaign: Campaign
    reason: str


@dataclass(frozen=True)
class Cost:
    """What it takes at one key."""

    connection: Connection
    campaigns: int
    calls: int
    seconds: float
    limits: str

    @property
    def time(self) -> timedelta:
        return timedelta(seconds=max(1.0, self.seconds))


@dataclass(frozen=True)
class DryRun:
    changes: list[Change]
    skipped: list[Skipped]
    costs: list[Cost]

    @property
    def calls(self) -> int:
        return sum(cost.calls for cost in self.costs)

    @property
    def time(self) -> timedelta:
        """Keys have limits of their own and are worked on side by side."""
        return max((cost.time for cost in self.costs), default=timedelta(seconds=1))

    @property
    def reasons(self) -> list[tuple[str, int]]:
        """Why how many are skipped, the commonest first."""
        return Counter(one.reason for one in self.skipped).most_common()

    @property
    def clients(self) -> int:
        return len({change.campaign.client_id for change in self.changes} - {None})

    @property
    def digest(self) -> str:
        """Changes when anything changes that would be done: what was looked at is what is started."""
        told = [[one.planned.subject_id, one.planned.before, one.planned.wanted] for one in self.changes]
        return hashlib.blake2b(json.dumps(told, sort_keys=True).encode(), digest_size=12).hexdigest()


def dry_run(
    action: BulkAction, campaigns: CampaignQuerySet, options: Options, user: Any, *, most: int = MOST
) -> DryRun:
    """For these campaigns, which `user` sees, in the words that they may read."""
    handler = action.handler
    tell = handler.teller(user)
    changes: list[Change] = []
    skipped: list[Skipped] = []
    for campaign in handler.read(campaigns).order_by("name", "pk")[:most]:
        reason = action.keeps_out(campaign, options)
        wanted = {} if reason else action.wanted(campaign, options)
        current = handler.current(campaign, wanted)
        if not reason and wanted == current:
            reason = handler.same(wanted)
        if reason := reason or handler.why_not(campaign, wanted) or _refused_key(handler, campaign):
            skipped.append(Skipped(campaign, reason))
        else:
            planned = Planned(
                SUBJECT, str(campaign.pk), str(campaign), campaign.client_id, campaign.connection_id, current, wanted
            )
            changes.append(Change(campaign, planned, tell(current, wanted)))
    # Limits that were learned about a key are known to agency admins alone.
    return DryRun(changes, skipped, _costs(handler, changes, admin=user.is_agency_admin))


def _refused_key(handler: CampaignJob, campaign: Campaign) -> str:
    """Known from the last sync or check. A job that runs tries all the same: the key may work again by then."""
    refused = handler.calls and campaign.connection.health == Connection.Health.REFUSED
    return f"The key of {campaign.connection.name} is refused, replace it first" if refused else ""


def _costs(handler: CampaignJob, changes: Iterable[Change], *, admin: bool) -> list[Cost]:
    """Per key, how many calls the changes take, and how long its limits make them take at best."""
    counts = Counter(change.campaign.connection_id for change in changes)
    connections = {change.campaign.connection_id: change.campaign.connection for change in changes}
    costs = []
    for pk, connection in sorted(connections.items(), key=lambda pair: pair[1].name):
        if not handler.calls:
            break
        rules = rules_of(connection) if admin else plan_rules(connection)
        calls = Counter({category: counts[pk] * number for category, number in Counter(handler.calls).items()})
        limits = ", ".join(str(window) for window in rules.windows if window.category in ("", *calls))
        costs.append(Cost(connection, counts[pk], calls.total(), rules.time_for(calls), limits))
    return costs
