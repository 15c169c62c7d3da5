"""After a sync, steps and texts are those of the provider, and took no more calls than they must."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Connection
from campaigns.models import Campaign, Step, Variant
from operations.models import SyncRun
from operations.sync import planning
from tests.support.call_counts import calls_of
from tests.support.truth import differences

ODD_BODY = (
    "<!-- note --><!--[if mso]><o:p>&nbsp;</o:p><![endif]-->\r\n<table style='width:100%'><tr><td dir=\"rtl\">שלום"
    " {{first_name}} 🚀</td></tr></table>\t<p>{Hi|Hello}&amp;&#8217;</p> \n"
)


@pytest.fixture
def agency(sandbox, connect) -> Connection:
    return connect(sandbox.agency_key)


def save_steps(sandbox, campaign: Campaign, steps: list[dict[str, Any]]) -> None:
    """As somebody who edits the sequence at the provider."""
    path = f"/smartlead/api/v1/campaigns/{campaign.remote_id}/sequences"
    sandbox.steer("POST", path, {"sequences": steps}, api_key=sandbox.agency_key)


def test_every_text_is_mirrored(sandbox, agency, pull):
    run = pull(agency)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    truth = sandbox.truth(sandbox.agency_key)
    assert differences(agency, truth) == []
    assert Step.objects.count() == sum(len(campaign["steps"]) for campaign in truth["campaigns"]) > 0
    assert not Variant.objects.filter(body="").exists()


def test_a_first_sync_takes_one_call_per_sequence_after_the_numbers(agency, pull):
    run = pull(agency)
    assert calls_of(run)["sequences"] == Campaign.objects.count()
    assert run.steps.index("sequences") > run.steps.index("leads")


def test_ended_campaigns_are_asked_for_again_only_after_a_change_or_a_day(sandbox, agency, pull, pull_due):
    pull(agency)
    ended = Campaign.objects.filter(status__in=Campaign.ENDED)
    others = Campaign.objects.exclude(status__in=Campaign.ENDED).count()
    assert ended.count() > 1
    assert calls_of(pull_due(agency, "sequences"))["sequences"] == others
    sandbox.change("rename", campaign=ended[0].remote_id, name="Renamed")
    assert calls_of(pull_due(agency, "campaigns", "sequences"))["sequences"] == others + 1
    assert calls_of(pull_due(agency, "campaigns", "sequences"))["sequences"] == others
    sandbox.advance(hours=25)
    assert calls_of(pull_due(agency, "sequences"))["sequences"] == Campaign.objects.count()


def test_a_sync_that_somebody_asks_for_leaves_no_campaign_out(agency, pull):
    pull(agency)
    assert calls_of(pull(agency))["sequences"] == Campaign.objects.count()


def test_sequences_fall_due_after_an_hour(agency, pull, clock):
    pull(agency)
    assert "sequences" not in planning.due_steps(agency.pk, clock() + timedelta(minutes=55))
    assert "sequences" in planning.due_steps(agency.pk, clock() + timedelta(minutes=60))


def test_a_saved_sequence_keeps_the_rows_of_what_it_keeps(sandbox, agency, pull):
    pull(agency)
    campaign = Campaign.objects.filter(status="paused", steps__variants__label="B").distinct()[0]
    first, *others = campaign.steps.all()
    kept = first.variants.get(label="A")
    variants = [
        {"id": kept.remote_id, "variant_label": "A", "subject": "New", "email_body": ODD_BODY},
        {"variant_label": "C", "subject": "Another", "email_body": "<p>C</p>"},
    ]
    opening: dict[str, Any] = {"id": first.remote_id, "seq_number": 1, "seq_delay_details": {"delay_in_days": 0}}
    opening |= {"seq_variants": variants, "variant_distribution_type": "MANUAL_EQUAL"}
    follow_up = {"id": None, "seq_number": 2, "seq_delay_details": {"delay_in_days": 5}}
    save_steps(sandbox, campaign, [opening, follow_up | {"subject": "", "email_body": "And?"}])
    run = pull(agency)
    assert run.counts["sequences"]["changed"] == 1
    assert differences(agency, sandbox.truth(sandbox.agency_key)) == []
    assert list(campaign.steps.values_list("number", "delay_minutes")) == [(1, 0), (2, 5 * 24 * 60)]
    assert campaign.steps.all()[0] == first
    assert not Step.objects.filter(pk__in=[step.pk for step in others]).exists()
    kept.refresh_from_db()
    assert (kept.subject, kept.body) == ("New", ODD_BODY)
    assert list(first.variants.values_list("label", flat=True)) == ["A", "C"]


def test_a_sequence_that_did_not_change_is_not_written_again(agency, pull):
    pull(agency)
    assert pull(agency).counts["sequences"]["changed"] == 0
