"""What the reads make of answers that nobody has documented."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from providers.calls import Answer
from providers.errors import ProviderError
from tests.providers.shapes import anything
from tests.providers.test_endpoint_table import CALLS
from tests.providers.wire import json_reply

KNOWN_KEYS = [
    "id",
    "data",
    "status",
    "name",
    "tags",
    "scheduler_cron_value",
    "track_settings",
    "created_at",
    "campaigns",
    "campaign_wise_performance",
    "day_wise_stats",
    "overall_stats",
    "email_engagement_metrics",
    "date",
    "sent",
    "campaign_lead_stats",
    "seq_number",
    "seq_delay_details",
    "sequence_variants",
    "warmup_details",
    "from_email",
    "client_permision",
    "permission",
    "tag_id",
    "days",
    "total_stats",
    "hasMore",
    "lead_email",
    "email_campaign_seq_id",
    "campaign_list",
    "client_list",
    "campaign_wise_response_stats",
    "campaign_status_stats",
    "lead_to_reply_time",
    "monthly_stats",
    "count",
    "client_wise_performance",
    "campaign_stats",
    "client_id",
    "lead_stats",
    "lead_responses_by_category",
    "overall_mailbox_stats",
    "email_health_metrics",
    "domain_health_metrics",
    "email_providers_performance_overview",
    "overall",
    "tag_wise",
    "team_board_stats",
    "stats_by_date",
    "email_account_id",
    "newCampaignId",
    "api_key",
    "campaign_id",
]


odd = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KNOWN_KEYS), inner, max_size=6),
    max_leaves=15,
)


@given(st.sampled_from(sorted(CALLS)), odd | st.text(max_size=30))
@settings(max_examples=400)
def test_whatever_comes_is_a_record_or_an_error_of_ours(name, payload):
    text = payload if isinstance(payload, str) else json_reply(payload).text
    with suppress(ProviderError):
        CALLS[name].parse(Answer(200, text))
