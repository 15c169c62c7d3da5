"""Which function serves which documented call, and that it asks for just that. The table is complete for its groups."""

from datetime import date

import pytest

from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, TestEmail, VariantDraft
from providers.records import CampaignStatus
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
from providers.smartlead.clients import ClientDraft

RANGE = (date(2026, 11, 1), date(2026, 11, 19))
SCHEDULE = ScheduleDraft("Europe/London", (1, 2, 7), "09:00", "17:00", 10, 50)
STEPS = [StepDraft(1, 0, (VariantDraft("Hi", "<p>Hi</p>"),))]
CLIENT = ClientDraft("Acme", "ops@acme.test")
DATES = {"start_date", "end_date"}
SPAN = DATES | {"timezone"}
PAGE = {"offset", "limit"}

READ, WRITE, ANALYTICS, LEADS = "read", "campaign_write", "analytics", "leads"
SAFE, ONCE = True, False

# group, name, method, path, category, may be repeated, the call, keys of its query, keys of its body
TABLE = [
    ("campaigns", "list_campaigns", "GET", "/campaigns/", READ, SAFE, campaigns.campaigns(client_id=4), {"client_id", "include_tags"}, None),
    ("campaigns", "get_campaign", "GET", "/campaigns/1", READ, SAFE, campaigns.campaign(1), {"include_tags"}, None),
    ("campaigns", "create_campaign", "POST", "/campaigns/create", WRITE, ONCE, campaign_writes.create_campaign("A", client_id=4), set(), {"name", "client_id"}),
    ("campaigns", "duplicate_campaign", "POST", "/campaigns/1/duplicate", WRITE, ONCE, campaign_writes.duplicate_campaign(1), set(), {"duplicate_sub_sequence", "duplicate_client_label"}),
    ("campaigns", "update_campaign_status", "POST", "/campaigns/1/status", WRITE, SAFE, campaign_writes.set_status(1, CampaignStatus.ACTIVE), set(), {"status"}),
    ("campaigns", "update_campaign_schedule", "POST", "/campaigns/1/schedule", WRITE, SAFE, campaign_writes.save_schedule(1, SCHEDULE), set(), {"timezone", "days_of_the_week", "start_hour", "end_hour", "min_time_btw_emails", "max_new_leads_per_day"}),
    ("campaigns", "update_campaign_settings", "POST", "/campaigns/1/settings", WRITE, SAFE, campaign_writes.save_settings(1, SettingsChange(name="B", client_id=None)), set(), {"name", "client_id"}),
    ("campaigns", "get_sequences", "GET", "/campaigns/1/sequences", READ, SAFE, sequences.steps(1), set(), None),
    ("campaigns", "save_sequences", "POST", "/campaigns/1/sequences", WRITE, ONCE, sequence_writes.save_steps(1, STEPS), set(), {"sequences"}),
    ("campaigns", "delete_campaign", "DELETE", "/campaigns/1", WRITE, SAFE, campaign_writes.delete_campaign(1), set(), None),
    ("campaigns", "list_campaign_email_accounts", "GET", "/campaigns/1/email-accounts", READ, SAFE, mailboxes.campaign_mailboxes(1), set(), None),
    ("campaigns", "add_campaign_email_accounts", "POST", "/campaigns/1/email-accounts", WRITE, SAFE, mailbox_links.attach_mailboxes(1, [2]), set(), {"email_account_ids"}),
    ("campaigns", "remove_campaign_email_accounts", "DELETE", "/campaigns/1/email-accounts", WRITE, SAFE, mailbox_links.detach_mailboxes(1, [2]), set(), {"email_account_ids"}),
    ("campaigns", "list_campaigns_of_lead", "GET", "/leads/5/campaigns", READ, SAFE, campaigns.campaigns_of_lead(5), set(), None),
    ("campaigns", "create_subsequence", "POST", "/campaigns/create-subsequence", WRITE, ONCE, campaign_writes.create_sub_sequence(1, "S", []), set(), {"parent_campaign_id", "subsequence_name", "condition_events"}),
    ("campaigns", "send_test_email", "POST", "/campaigns/1/send-test-email", WRITE, ONCE, campaign_writes.send_test_email(1, TestEmail(5, 1, 2, "me@x.test")), set(), {"leadId", "sequenceNumber", "selectedEmailAccountId", "customEmailAddress"}),
    ("campaigns", "update_campaign_team_member", "POST", "/campaigns/1/team-member", WRITE, SAFE, campaign_writes.set_team_member(1, None), set(), {"teamMemberId"}),
    ("campaigns", "update_lead_email_account", "POST", "/campaigns/update-lead-email-account", LEADS, SAFE, campaign_writes.set_sender_of_lead(1, 5, 2, override=True), set(), {"email_account_id", "email_campaign_id", "email_lead_id", "override_lead_email_account"}),
    ("campaign-statistics", "get_campaign_analytics", "GET", "/campaigns/1/analytics", ANALYTICS, SAFE, statistics.campaign_totals(1), set(), None),
    ("campaign-statistics", "get_campaign_analytics_by_date", "GET", "/campaigns/1/analytics-by-date", ANALYTICS, SAFE, statistics.campaign_range(1, *RANGE), DATES | {"time_zone"}, None),
    ("campaign-statistics", "get_campaign_top_level_analytics_by_date", "GET", "/campaigns/1/top-level-analytics-by-date", ANALYTICS, SAFE, statistics.campaign_range_in_full(1, *RANGE), DATES, None),
    ("campaign-statistics", "get_campaign_statistics", "GET", "/campaigns/1/statistics", ANALYTICS, SAFE, campaign_rows.emails(1, step_number=1, status="opened", sent_from=RANGE[0], sent_to=RANGE[1]), PAGE | {"email_sequence_number", "email_status", "sent_time_start_date", "sent_time_end_date"}, None),
    ("campaign-statistics", "get_campaign_leads_statistics", "GET", "/campaigns/1/leads-statistics", ANALYTICS, SAFE, campaign_rows.lead_rows(1), PAGE, None),
    ("campaign-statistics", "get_campaign_mailbox_statistics", "GET", "/campaigns/1/mailbox-statistics", ANALYTICS, SAFE, campaign_rows.mailbox_numbers(1, start=RANGE[0], end=RANGE[1]), PAGE | DATES | {"time_zone"}, None),
    ("campaign-statistics", "get_campaign_sequence_analytics", "GET", "/campaigns/1/sequence-analytics", ANALYTICS, SAFE, campaign_rows.step_numbers(1, *RANGE), DATES | {"time_zone"}, None),
    ("campaign-statistics", "export_campaign_leads", "GET", "/campaigns/1/leads-export", LEADS, SAFE, campaign_rows.export_leads(1), set(), None),
    ("analytics", "overall_stats", "GET", "/analytics/overall-stats-v2", ANALYTICS, SAFE, analytics.overall(*RANGE, campaign_ids=[1], client_ids=[2], full_data=True), SPAN | {"campaign_ids", "client_ids", "full_data"}, None),
    ("analytics", "day_wise_overall_stats", "GET", "/analytics/day-wise-overall-stats", ANALYTICS, SAFE, analytics.daily([1], *RANGE), SPAN | {"campaign_ids"}, None),
    ("analytics", "day_wise_overall_stats_by_sent_time", "GET", "/analytics/day-wise-overall-stats-by-sent-time", ANALYTICS, SAFE, analytics.daily(None, *RANGE, by_sent_time=True), SPAN, None),
    ("analytics", "day_wise_positive_reply_stats", "GET", "/analytics/day-wise-positive-reply-stats", ANALYTICS, SAFE, analytics.daily_positive([1], *RANGE), SPAN | {"campaign_ids"}, None),
    ("analytics", "day_wise_positive_reply_stats_by_sent_time", "GET", "/analytics/day-wise-positive-reply-stats-by-sent-time", ANALYTICS, SAFE, analytics.daily_positive([1], *RANGE, by_sent_time=True), SPAN | {"campaign_ids"}, None),
    ("analytics", "analytics_campaign_list", "GET", "/analytics/campaign/list", ANALYTICS, SAFE, account_reports.campaign_names(client_ids=[2]), {"client_ids"}, None),
    ("analytics", "campaign_overall_stats", "GET", "/analytics/campaign/overall-stats", ANALYTICS, SAFE, analytics.totals(*RANGE), SPAN | PAGE, None),
    ("analytics", "campaign_response_stats", "GET", "/analytics/campaign/response-stats", ANALYTICS, SAFE, account_reports.responses(*RANGE), SPAN, None),
    ("analytics", "campaign_status_stats", "GET", "/analytics/campaign/status-stats", ANALYTICS, SAFE, account_reports.status_counts(), set(), None),
    ("analytics", "campaign_leads_for_first_reply", "GET", "/analytics/campaign/leads-take-for-first-reply", ANALYTICS, SAFE, account_reports.leads_for_first_reply(*RANGE), SPAN, None),
    ("analytics", "campaign_follow_up_reply_rate", "GET", "/analytics/campaign/follow-up-reply-rate", ANALYTICS, SAFE, account_reports.follow_up_reply_rate(*RANGE), SPAN, None),
    ("analytics", "campaign_lead_to_reply_time", "GET", "/analytics/campaign/lead-to-reply-time", ANALYTICS, SAFE, account_reports.reply_times(*RANGE), SPAN, None),
    ("analytics", "analytics_client_list", "GET", "/analytics/client/list", ANALYTICS, SAFE, account_reports.client_names(), set(), None),
    ("analytics", "client_month_wise_count", "GET", "/analytics/client/month-wise-count", ANALYTICS, SAFE, account_reports.clients_by_month(), set(), None),
    ("analytics", "client_overall_stats", "GET", "/analytics/client/overall-stats", ANALYTICS, SAFE, account_reports.client_totals(*RANGE), SPAN | PAGE, None),
    ("analytics", "lead_overall_stats", "GET", "/analytics/lead/overall-stats", ANALYTICS, SAFE, account_reports.lead_totals(*RANGE), SPAN, None),
    ("analytics", "lead_category_wise_response", "GET", "/analytics/lead/category-wise-response", ANALYTICS, SAFE, account_reports.category_responses(*RANGE), SPAN, None),
    ("analytics", "mailbox_overall_stats", "GET", "/analytics/mailbox/overall-stats", ANALYTICS, SAFE, account_reports.mailbox_counts(), set(), None),
    ("analytics", "mailbox_name_wise_health", "GET", "/analytics/mailbox/name-wise-health-metrics", ANALYTICS, SAFE, account_reports.mailbox_health(*RANGE, bounced=True), SPAN | PAGE | {"is_bounced"}, None),
    ("analytics", "mailbox_domain_wise_health", "GET", "/analytics/mailbox/domain-wise-health-metrics", ANALYTICS, SAFE, account_reports.domain_health(*RANGE), SPAN | PAGE, None),
    ("analytics", "mailbox_provider_wise_performance", "GET", "/analytics/mailbox/provider-wise-overall-performance", ANALYTICS, SAFE, account_reports.provider_numbers(*RANGE), SPAN, None),
    ("analytics", "team_board_overall_stats", "GET", "/analytics/team-board/overall-stats", ANALYTICS, SAFE, account_reports.team_numbers(*RANGE), SPAN, None),
    ("clients", "list_clients", "GET", "/client/", READ, SAFE, clients.clients(), set(), None),
    ("clients", "create_client", "POST", "/client/save", WRITE, ONCE, clients.create_client(CLIENT), set(), {"name", "email"}),
    ("clients", "update_client", "POST", "/client/save", WRITE, SAFE, clients.update_client(3, CLIENT), set(), {"id", "name", "email"}),
    ("clients", "create_client_api_key", "POST", "/client/api-key", WRITE, ONCE, clients.create_api_key(3, "Quarterdeck"), set(), {"clientId", "keyName"}),
    ("clients", "list_client_api_keys", "GET", "/client/api-key", READ, SAFE, clients.api_keys(client_id=3, active=True, name="x"), {"clientId", "status", "keyName"}, None),
    ("clients", "delete_client_api_key", "DELETE", "/client/api-key/8", WRITE, SAFE, clients.delete_api_key(8), set(), None),
    ("clients", "reset_client_api_key", "PUT", "/client/api-key/reset/8", WRITE, ONCE, clients.reset_api_key(8), set(), None),
    ("email-accounts", "list_email_accounts", "GET", "/email-accounts/", READ, SAFE, mailboxes.mailboxes(in_use=True), PAGE | {"isInUse"}, None),
    ("email-accounts", "get_email_account", "GET", "/email-accounts/2/", READ, SAFE, mailboxes.mailbox(2, with_campaigns=True), {"fetch_campaigns"}, None),
    ("email-accounts", "get_warmup_stats", "GET", "/email-accounts/2/warmup-stats", ANALYTICS, SAFE, warmup.warmup_stats(2, today=RANGE[1]), set(), None),
    ("email-account-tags", "list_tags_by_email", "POST", "/email-accounts/tag-list", READ, SAFE, warmup.tags_of_mailboxes(["a@x.test"]), set(), {"email_ids"}),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=[row[1] for row in TABLE])
def test_the_function_asks_for_what_is_documented(row):
    _group, _name, method, path, category, repeatable, call, query, body = row
    assert (call.method, call.path, call.category, call.repeatable) == (method, path, category, repeatable)
    assert set(call.query) == query
    assert all(isinstance(value, str) for value in call.query.values())
    assert (set(call.body) if isinstance(call.body, dict) else None) == body


def test_every_call_has_one_row():
    assert len({row[1] for row in TABLE}) == len(TABLE) == TABLE_SIZE
