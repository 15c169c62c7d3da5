"""Which method and path goes to which handler, and the rate-limit category of each."""

from collections.abc import Callable
from typing import NamedTuple

from ..answers import Answer
from . import (
    account_reports,
    analytics,
    campaign_writes,
    campaigns,
    clients,
    email_rows,
    export,
    lead_links,
    mailbox_tags,
    mailbox_writes,
    mailboxes,
    schedules,
    sequences,
    shares,
    statistics,
    warmup,
)
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
    ("GET", "campaigns/#/statistics", email_rows.emails, "analytics"),
    ("GET", "campaigns/#/leads-statistics", email_rows.leads, "analytics"),
    ("GET", "campaigns/#/mailbox-statistics", shares.by_sender, "analytics"),
    ("GET", "campaigns/#/sequence-analytics", shares.by_step, "analytics"),
    ("GET", "campaigns/#/leads-export", export.leads_export, "leads"),
    ("GET", "leads/#/campaigns", lead_links.campaigns_of_lead, "read"),
    ("POST", "campaigns/create-subsequence", lead_links.create_subsequence, "campaign_write"),
    ("POST", "campaigns/#/send-test-email", lead_links.send_test_email, "campaign_write"),
    ("POST", "campaigns/#/team-member", lead_links.set_team_member, "campaign_write"),
    ("POST", "campaigns/update-lead-email-account", lead_links.set_lead_mailbox, "leads"),
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
    ("POST", "email-accounts/#", mailbox_writes.update, "campaign_write"),
    ("DELETE", "email-accounts/#", mailbox_writes.delete, "campaign_write"),
    ("PUT", "email-accounts/suspend/#", mailbox_writes.suspend, "campaign_write"),
    ("DELETE", "email-accounts/unsuspend/#", mailbox_writes.unsuspend, "campaign_write"),
    ("POST", "email-accounts/reconnect-failed-email-accounts", mailbox_writes.reconnect, "campaign_write"),
    ("POST", "email-accounts/#/warmup", warmup.save, "campaign_write"),
    ("GET", "email-accounts/#/warmup-stats", warmup.warmup_stats, "analytics"),
    ("POST", "tags", mailbox_tags.create, "campaign_write"),
    ("POST", "email-accounts/tag-manager", mailbox_tags.update, "campaign_write"),
    ("POST", "email-accounts/tag-mapping", mailbox_tags.assign, "campaign_write"),
    ("DELETE", "email-accounts/tag-mapping", mailbox_tags.unassign, "campaign_write"),
    ("POST", "email-accounts/tag-list", mailbox_tags.list_tags, "read"),
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
    ("GET", "analytics/campaign/leads-take-for-first-reply", account_reports.leads_for_first_reply, "analytics"),
    ("GET", "analytics/campaign/follow-up-reply-rate", account_reports.follow_up_reply_rate, "analytics"),
    ("GET", "analytics/campaign/lead-to-reply-time", account_reports.lead_to_reply_time, "analytics"),
    ("GET", "analytics/client/month-wise-count", account_reports.clients_by_month, "analytics"),
    ("GET", "analytics/lead/overall-stats", account_reports.lead_totals, "analytics"),
    ("GET", "analytics/lead/category-wise-response", account_reports.replies_by_category, "analytics"),
    ("GET", "analytics/mailbox/overall-stats", account_reports.mailbox_counts, "analytics"),
    ("GET", "analytics/mailbox/name-wise-health-metrics", account_reports.mailbox_health, "analytics"),
    ("GET", "analytics/mailbox/domain-wise-health-metrics", account_reports.domain_health, "analytics"),
    ("GET", "analytics/mailbox/provider-wise-overall-performance", account_reports.provider_performance, "analytics"),
    ("GET", "analytics/team-board/overall-stats", account_reports.team_board, "analytics"),
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
