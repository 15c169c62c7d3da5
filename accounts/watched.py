"""Hangs the connections into Activity, which knows nothing of keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery

from accounts.forms import plan_label
from accounts.learned import learned_facts
from accounts.models import Connection
from accounts.reports import may_see_counts
from accounts.services.sessions import lane_name, plan_rules, rules_of
from accounts.standing import standing_of
from operations import wording
from operations.keys import WatchedKey, list_keys
from operations.models import Comparison


@list_keys("connections")
def watched_connections(user: Any, now: datetime) -> Sequence[WatchedKey]:
    """Every connection that the user may see, disabled ones too; one query."""
    present = Q(remote_clients__gone_at=None)
    connections = (
        Connection.objects.visible_to(user)
        .select_related("client")
        .annotate(
            mapped=Count("remote_clients__client", filter=present, distinct=True),
            unmapped=Count("remote_clients", filter=present & Q(remote_clients__client=None), distinct=True),
            lost=_of_comparisons(Comparison.objects.lost(), Count("pk")),
            compared_at=_of_comparisons(Comparison.objects.all(), Max("compared_at")),
        )
    )
    return [_watched(connection, user, now) for connection in connections]


def _of_comparisons(rows: "QuerySet[Comparison]", told: Any) -> Subquery:
    of_connection = rows.filter(connection=OuterRef("pk")).order_by().values("connection").annotate(told=told)
    return Subquery(of_connection.values("told"))


def _watched(connection: Any, user: Any, now: datetime) -> WatchedKey:
    standing = standing_of(connection)
    tells_counts = may_see_counts(connection, user)
    return WatchedKey(
        id=connection.pk,
        name=connection.name,
        provider=connection.get_provider_display(),
        last4=connection.key_last4,
        whose=_whose(connection, tells_counts),
        tone=standing.tone,
        condition=_condition(connection, now),
        enabled=connection.is_enabled,
        agency_wide=connection.client_id is None,
        lane=lane_name(connection.pk),
        rules=rules_of(connection) if tells_counts else plan_rules(connection),
        tells_counts=tells_counts,
        plan=plan_label(connection),
        last_success_at=connection.last_success_at,
        learned=learned_facts(connection) if tells_counts else (),
        lost=(connection.lost or 0) if tells_counts else 0,
        compared_at=connection.compared_at if tells_counts else None,
        remedy="replace" if connection.is_enabled and connection.health == Connection.Health.REFUSED else "",
    )


def _whose(connection: Any, tells_counts: bool) -> str:
    if connection.client_id:
        return "1 client"
    if not tells_counts:
        return "Whole agency"
    clients = f"{connection.mapped} client{'' if connection.mapped == 1 else 's'}"
    return f"{clients}, {connection.unmapped} not mapped" if connection.unmapped else clients


def _condition(connection: Connection, now: datetime) -> str:
    """Reads "Refused since 07:12"; "" for a key that works."""
    if not connection.is_enabled:
        return "Disabled"
    since = wording.moment(connection.health_since, now)
    match connection.health:
        case Connection.Health.REFUSED:
            return f"Refused since {since}"
        case Connection.Health.BLOCKED:
            return f"Blocked since {since}"
        case Connection.Health.UNREACHABLE:
            return f"Not reachable since {since}"
        case Connection.Health.ODD:
            return f"Odd answers since {since}"
        case Connection.Health.UNCHECKED:
            return "Not checked yet"
    return ""
