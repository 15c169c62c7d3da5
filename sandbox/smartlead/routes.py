"""Which method and path goes to which handler, and the rate-limit category of each."""

from collections.abc import Callable
from typing import NamedTuple

from ..answers import Answer
from . import analytics, campaign_writes, campaigns, clients, mailboxes, schedules, sequences, statistics, warmup
from .call import GUIDES, LIVE, Call

Handler = Callable[[Call], Answer]


class Route(NamedTuple):
    name: str
    handler: Handler
    category: str


class Match(NamedTuple):
    route: Route
    numbers: list[int]


Row = tuple[str, str, Handler, str]

_COMMON: list[Row] = [
    ("GET", "campaigns[/]", campaigns.list_campaigns, "read"),
    ("GET", "campaigns/#", campaigns.get_campaign, "read"),
    ("GET", "campaigns/#/sequences", campaigns.get_sequences, "read"),
    ("GET", "campaigns/#/email-accounts", campaigns.campaign_mailboxes, "read"),
    ("GET", "campaigns/#/analytics", statistics.analytics, "analytics"),
    ("GET", "campaigns/#/analytics-by-date", statistics.analytics_by_date, "analytics"),
    ("GET", "campaigns/#/top-level-analytics-by-date", statistics.top_level_by_date, "analytics"),
    ("POST", "campaigns/create", campaign_writes.create, "campaign_write"),
    ("POST", "campaigns/#/duplicate", campaign_writes.duplicate, "campaign_write"),
    ("POST", "campaigns/#/schedule", schedules.save, "campaign_write"),
    ("POST", "campaigns/#/settings", campaign_writes.save_settings, "campaign_write"),
    ("POST", "campaigns/#/sequences", sequences.save, "campaign_write"),
    ("DELETE", "campaigns/#", campaign_writes.delete, "campaign_write"),
    ("POST", "campaigns/#/email-accounts", campaign_writes.attach_mailboxes, "campaign_write"),
    ("DELETE", "campaigns/#/email-accounts", campaign_writes.detach_mailboxes, "campaign_write"),
    ("GET", "client[/]", clients.list_clients, "read"),
    ("GET", "client/api-key", clients.list_api_keys, "read"),
    ("POST", "client/save", clients.save_client, "campaign_write"),
    ("POST", "client/api-key", clients.create_api_key, "campaign_write"),
    ("DELETE", "client/api-key/#", clients.delete_api_key, "campaign_write"),
    ("PUT", "client/api-key/reset/#", clients.reset_api_key, "campaign_write"),
    ("GET", "email-accounts[/]", mailboxes.list_mailboxes, "read"),
    ("GET", "email-accounts/#[/]", mailboxes.get_mailbox, "read"),
    ("GET", "email-accounts/#/warmup-stats", warmup.warmup_stats, "analytics"),
    ("GET", "analytics/overall-stats-v2", analytics.overall, "analytics"),
    ("GET", "analytics/day-wise-overall-stats", analytics.day_wise, "analytics"),
    ("GET", "analytics/day-wise-overall-stats-by-sent-time", analytics.day_wise_by_sent_time, "analytics"),
    ("GET", "analytics/day-wise-positive-reply-stats", analytics.positive_day_wise, "analytics"),
    (
        "GET",
        "analytics/day-wise-positive-reply-stats-by-sent-time",
        analytics.positive_day_wise_by_sent_time,
        "analytics",
    ),
    ("GET", "analytics/campaign/list", analytics.campaign_names, "analytics"),
    ("GET", "analytics/campaign/overall-stats", analytics.campaign_performance, "analytics"),
    ("GET", "analytics/campaign/response-stats", analytics.campaign_responses, "analytics"),
    ("GET", "analytics/campaign/status-stats", analytics.campaign_statuses, "analytics"),
    ("GET", "analytics/client/list", analytics.client_names, "analytics"),
    ("GET", "analytics/client/overall-stats", analytics.client_performance, "analytics"),
]

_LIVE: list[Row] = [("POST", "campaigns/#/status", campaign_writes.set_status, "campaign_write")]
# The guides start campaigns by PATCH and disagree with each other on the verb of the settings.
_GUIDES: list[Row] = [
    ("PATCH", "campaigns/#/status", campaign_writes.set_status, "campaign_write"),
    ("PATCH", "campaigns/#/settings", campaign_writes.save_settings, "campaign_write"),
]


def _index(table: list[Row]) -> dict[tuple[str, ...], Route]:
    """Routes by method and path segments; `#` stands for a number, `[/]` for a slash that may be left out."""
    found: dict[tuple[str, ...], Route] = {}
    for method, path, handler, category in table:
        plain = path.removesuffix("[/]")
        route = Route("/" + path.replace("[/]", "/"), handler, category)
        found[(method, *plain.split("/"))] = route
        if plain != path:
            found[(method, *plain.split("/"), "")] = route
    return found


TABLES = {LIVE: _index(_COMMON + _LIVE), GUIDES: _index(_COMMON + _GUIDES)}


def find(routes: dict[tuple[str, ...], Route], method: str, path: str) -> Match | None:
    """The route of a path below the base ("/campaigns/12/status"), with the numbers in it."""
    numbers: list[int] = []
    parts = [method]
    for part in path[1:].split("/"):
        if part.isascii() and part.isdigit():
            numbers.append(int(part))
            parts.append("#")
        else:
            parts.append(part)
    route = routes.get(tuple(parts))
    return None if route is None else Match(route, numbers)


def category_of(method: str, path: str) -> str:
    """The bucket of a call that has no route: by its verb and first word."""
    if "/analytics" in path:
        return "analytics"
    if "/leads" in path:
        return "leads"
    return "read" if method == "GET" else "campaign_write"
