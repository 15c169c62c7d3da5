"""Which function serves which documented call, and that it asks for just that. The table is complete for its groups."""
# ruff: noqa: E501  the rows of the table are lines

from datetime import date
from typing import Any

import pytest

from providers.calls import Call
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

# group, name, method, path, category, whether it may be repeated, keys of the query
DOCUMENTED = """
campaigns list_campaigns GET /campaigns/ read repeatable client_id,include_tags
campaigns get_campaign GET /campaigns/1 read repeatable include_tags
campaigns create_campaign POST /campaigns/create campaign_write once
campaigns duplicate_campaign POST /campaigns/1/duplicate campaign_write once
campaigns update_campaign_status POST /campaigns/1/status campaign_write repeatable
campaigns update_campaign_schedule POST /campaigns/1/schedule campaign_write repeatable
campaigns update_campaign_settings POST /campaigns/1/settings campaign_write repeatable
campaigns get_sequences GET /campaigns/1/sequences read repeatable
campaigns save_sequences POST /campaigns/1/sequences campaign_write once
campaigns delete_campaign DELETE /campaigns/1 campaign_write repeatable
campaigns list_campaign_email_accounts GET /campaigns/1/email-accounts read repeatable
campaigns add_campaign_email_accounts POST /campaigns/1/email-accounts campaign_write repeatable
campaigns remove_campaign_email_accounts DELETE /campaigns/1/email-accounts campaign_write repeatable
campaigns list_campaigns_of_lead GET /leads/5/campaigns read repeatable
campaigns create_subsequence POST /campaigns/create-subsequence campaign_write once
campaigns send_test_email POST /campaigns/1/send-test-email campaign_write once
campaigns update_campaign_team_member POST /campaigns/1/team-member campaign_write repeatable
campaigns update_lead_email_account POST /campaigns/update-lead-email-account leads repeatable
campaign-statistics get_campaign_analytics GET /campaigns/1/analytics analytics repeatable
campaign-statistics get_campaign_analytics_by_date GET /campaigns/1/analytics-by-date analytics repeatable end_date,start_date,time_zone
campaign-statistics get_campaign_top_level_analytics_by_date GET /campaigns/1/top-level-analytics-by-date analytics repeatable end_date,start_date
campaign-statistics get_campaign_statistics GET /campaigns/1/statistics analytics repeatable email_sequence_number,email_status,limit,offset,sent_time_end_date,sent_time_start_date
campaign-statistics get_campaign_leads_statistics GET /campaigns/1/leads-statistics analytics repeatable limit,offset
campaign-statistics get_campaign_mailbox_statistics GET /campaigns/1/mailbox-statistics analytics repeatable end_date,limit,offset,start_date,time_zone
campaign-statistics get_campaign_sequence_analytics GET /campaigns/1/sequence-analytics analytics repeatable end_date,start_date,time_zone
campaign-statistics export_campaign_leads GET /campaigns/1/leads-export leads repeatable
analytics overall_stats GET /analytics/overall-stats-v2 analytics repeatable campaign_ids,client_ids,end_date,full_data,start_date,timezone
analytics day_wise_overall_stats GET /analytics/day-wise-overall-stats analytics repeatable campaign_ids,end_date,start_date,timezone
analytics day_wise_overall_stats_by_sent_time GET /analytics/day-wise-overall-stats-by-sent-time analytics repeatable end_date,start_date,timezone
analytics day_wise_positive_reply_stats GET /analytics/day-wise-positive-reply-stats analytics repeatable campaign_ids,end_date,start_date,timezone
analytics day_wise_positive_reply_stats_by_sent_time GET /analytics/day-wise-positive-reply-stats-by-sent-time analytics repeatable campaign_ids,end_date,start_date,timezone
analytics analytics_campaign_list GET /analytics/campaign/list analytics repeatable client_ids
analytics campaign_overall_stats GET /analytics/campaign/overall-stats analytics repeatable end_date,limit,offset,start_date,timezone
analytics campaign_response_stats GET /analytics/campaign/response-stats analytics repeatable end_date,start_date,timezone
analytics campaign_status_stats GET /analytics/campaign/status-stats analytics repeatable
analytics campaign_leads_for_first_reply GET /analytics/campaign/leads-take-for-first-reply analytics repeatable end_date,start_date,timezone
analytics campaign_follow_up_reply_rate GET /analytics/campaign/follow-up-reply-rate analytics repeatable end_date,start_date,timezone
analytics campaign_lead_to_reply_time GET /analytics/campaign/lead-to-reply-time analytics repeatable end_date,start_date,timezone
analytics analytics_client_list GET /analytics/client/list analytics repeatable
analytics client_month_wise_count GET /analytics/client/month-wise-count analytics repeatable
analytics client_overall_stats GET /analytics/client/overall-stats analytics repeatable end_date,limit,offset,start_date,timezone
analytics lead_overall_stats GET /analytics/lead/overall-stats analytics repeatable end_date,start_date,timezone
analytics lead_category_wise_response GET /analytics/lead/category-wise-response analytics repeatable end_date,start_date,timezone
analytics mailbox_overall_stats GET /analytics/mailbox/overall-stats analytics repeatable
analytics mailbox_name_wise_health GET /analytics/mailbox/name-wise-health-metrics analytics repeatable end_date,is_bounced,limit,offset,start_date,timezone
analytics mailbox_domain_wise_health GET /analytics/mailbox/domain-wise-health-metrics analytics repeatable end_date,limit,offset,start_date,timezone
analytics mailbox_provider_wise_performance GET /analytics/mailbox/provider-wise-overall-performance analytics repeatable end_date,start_date,timezone
analytics team_board_overall_stats GET /analytics/team-board/overall-stats analytics repeatable end_date,start_date,timezone
clients list_clients GET /client/ read repeatable
clients create_client POST /client/save campaign_write once
clients update_client POST /client/save campaign_write repeatable
clients create_client_api_key POST /client/api-key campaign_write once
clients list_client_api_keys GET /client/api-key read repeatable clientId,keyName,status
clients delete_client_api_key DELETE /client/api-key/8 campaign_write repeatable
clients reset_client_api_key PUT /client/api-key/reset/8 campaign_write once
email-accounts list_email_accounts GET /email-accounts/ read repeatable isInUse,limit,offset
email-accounts get_email_account GET /email-accounts/2/ read repeatable fetch_campaigns
email-accounts get_warmup_stats GET /email-accounts/2/warmup-stats analytics repeatable
email-account-tags list_tags_by_email POST /email-accounts/tag-list read repeatable
"""
ROWS = [line.split() for line in DOCUMENTED.split("\n") if line]

BODIES = {
    "create_campaign": {"client_id", "name"},
    "duplicate_campaign": {"duplicate_client_label", "duplicate_sub_sequence"},
    "update_campaign_status": {"status"},
    "update_campaign_schedule": {
        "days_of_the_week",
        "end_hour",
        "max_new_leads_per_day",
        "min_time_btw_emails",
        "start_hour",
        "timezone",
    },
    "update_campaign_settings": {"client_id", "name"},
    "save_sequences": {"sequences"},
    "add_campaign_email_accounts": {"email_account_ids"},
    "remove_campaign_email_accounts": {"email_account_ids"},
    "create_subsequence": {"condition_events", "parent_campaign_id", "subsequence_name"},
    "send_test_email": {"customEmailAddress", "leadId", "selectedEmailAccountId", "sequenceNumber"},
    "update_campaign_team_member": {"teamMemberId"},
    "update_lead_email_account": {
        "email_account_id",
        "email_campaign_id",
        "email_lead_id",
        "override_lead_email_account",
    },
    "create_client": {"email", "name"},
    "update_client": {"email", "id", "name"},
    "create_client_api_key": {"clientId", "keyName"},
    "list_tags_by_email": {"email_ids"},
}

CALLS: dict[str, Call[Any]] = {
    "list_campaigns": campaigns.campaigns(client_id=4),
    "get_campaign": campaigns.campaign(1),
    "create_campaign": campaign_writes.create_campaign("A", client_id=4),
    "duplicate_campaign": campaign_writes.duplicate_campaign(1),
    "update_campaign_status": campaign_writes.set_status(1, CampaignStatus.ACTIVE),
    "update_campaign_schedule": campaign_writes.save_schedule(1, SCHEDULE),
    "update_campaign_settings": campaign_writes.save_settings(1, SettingsChange(name="B", client_id=None)),
    "get_sequences": sequences.steps(1),
    "save_sequences": sequence_writes.save_steps(1, STEPS),
    "delete_campaign": campaign_writes.delete_campaign(1),
    "list_campaign_email_accounts": mailboxes.campaign_mailboxes(1),
    "add_campaign_email_accounts": mailbox_links.attach_mailboxes(1, [2]),
    "remove_campaign_email_accounts": mailbox_links.detach_mailboxes(1, [2]),
    "list_campaigns_of_lead": campaigns.campaigns_of_lead(5),
    "create_subsequence": campaign_writes.create_sub_sequence(1, "S", []),
    "send_test_email": campaign_writes.send_test_email(1, TestEmail(5, 1, 2, "me@x.test")),
    "update_campaign_team_member": campaign_writes.set_team_member(1, None),
    "update_lead_email_account": campaign_writes.set_sender_of_lead(1, 5, 2, override=True),
    "get_campaign_analytics": statistics.campaign_totals(1),
    "get_campaign_analytics_by_date": statistics.campaign_range(1, *RANGE),
    "get_campaign_top_level_analytics_by_date": statistics.campaign_range_in_full(1, *RANGE),
    "get_campaign_statistics": campaign_rows.emails(
        1, step_number=1, status="opened", sent_from=RANGE[0], sent_to=RANGE[1]
    ),
    "get_campaign_leads_statistics": campaign_rows.lead_rows(1),
    "get_campaign_mailbox_statistics": campaign_rows.mailbox_numbers(1, start=RANGE[0], end=RANGE[1]),
    "get_campaign_sequence_analytics": campaign_rows.step_numbers(1, *RANGE),
    "export_campaign_leads": campaign_rows.export_leads(1),
    "overall_stats": analytics.overall(*RANGE, campaign_ids=[1], client_ids=[2], full_data=True),
    "day_wise_overall_stats": analytics.daily([1], *RANGE),
    "day_wise_overall_stats_by_sent_time": analytics.daily(None, *RANGE, by_sent_time=True),
    "day_wise_positive_reply_stats": analytics.daily_positive([1], *RANGE),
    "day_wise_positive_reply_stats_by_sent_time": analytics.daily_positive([1], *RANGE, by_sent_time=True),
    "analytics_campaign_list": account_reports.campaign_names(client_ids=[2]),
    "campaign_overall_stats": analytics.totals(*RANGE),
    "campaign_response_stats": account_reports.responses(*RANGE),
    "campaign_status_stats": account_reports.status_counts(),
    "campaign_leads_for_first_reply": account_reports.leads_for_first_reply(*RANGE),
    "campaign_follow_up_reply_rate": account_reports.follow_up_reply_rate(*RANGE),
    "campaign_lead_to_reply_time": account_reports.reply_times(*RANGE),
    "analytics_client_list": account_reports.client_names(),
    "client_month_wise_count": account_reports.clients_by_month(),
    "client_overall_stats": account_reports.client_totals(*RANGE),
    "lead_overall_stats": account_reports.lead_totals(*RANGE),
    "lead_category_wise_response": account_reports.category_responses(*RANGE),
    "mailbox_overall_stats": account_reports.mailbox_counts(),
    "mailbox_name_wise_health": account_reports.mailbox_health(*RANGE, bounced=True),
    "mailbox_domain_wise_health": account_reports.domain_health(*RANGE),
    "mailbox_provider_wise_performance": account_reports.provider_numbers(*RANGE),
    "team_board_overall_stats": account_reports.team_numbers(*RANGE),
    "list_clients": clients.clients(),
    "create_client": clients.create_client(CLIENT),
    "update_client": clients.update_client(3, CLIENT),
    "create_client_api_key": clients.create_api_key(3, "Quarterdeck"),
    "list_client_api_keys": clients.api_keys(client_id=3, active=True, name="x"),
    "delete_client_api_key": clients.delete_api_key(8),
    "reset_client_api_key": clients.reset_api_key(8),
    "list_email_accounts": mailboxes.mailboxes(in_use=True),
    "get_email_account": mailboxes.mailbox(2, with_campaigns=True),
    "get_warmup_stats": warmup.warmup_stats(2, today=RANGE[1]),
    "list_tags_by_email": warmup.tags_of_mailboxes(["a@x.test"]),
}


@pytest.mark.parametrize("row", ROWS, ids=[row[1] for row in ROWS])
def test_the_function_asks_for_what_is_documented(row):
    _group, name, method, path, category, repeatable, *query = row
    call = CALLS[name]
    assert (call.method, call.path, call.category) == (method, path, category)
    assert call.repeatable == (repeatable == "repeatable")
    assert sorted(call.query) == (query[0].split(",") if query else [])
    assert all(isinstance(value, str) for value in call.query.values())
    assert (set(call.body) if isinstance(call.body, dict) else None) == BODIES.get(name)


def test_every_row_has_a_call_and_every_call_a_row():
    assert [row[1] for row in ROWS] == list(CALLS)
    groups = {group: sum(row[0] == group for row in ROWS) for group in dict.fromkeys(row[0] for row in ROWS)}
    assert groups == {
        "campaigns": 18,
        "campaign-statistics": 8,
        "analytics": 22,
        "clients": 7,
        "email-accounts": 3,
        "email-account-tags": 1,
    }
