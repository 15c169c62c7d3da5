"""After a sync, mailboxes, their warmup and the campaigns that send from them are those of the provider."""

from collections import Counter
from datetime import timedelta

import pytest

from accounts.models import Client, Connection, Mailbox
from campaigns.models import Campaign, CampaignMailbox
from operations.models import ApiCall, SyncRun
from operations.sync import planning
from providers.errors import RequestRefused
from providers.smartlead import Smartlead
from tests.support.call_counts import calls_of
from tests.support.truth import differences


@pytest.fixture
def agency(sandbox, connect) -> Connection:
    return connect(sandbox.agency_key)


def test_every_mailbox_and_link_is_mirrored(sandbox, agency, pull):
    run = pull(agency)
    truth = sandbox.truth(sandbox.agency_key)
    assert differences(agency, truth) == []
    assert Mailbox.objects.count() == len(truth["mailboxes"]) > 100
    assert CampaignMailbox.objects.count() == sum(len(campaign["mailbox_ids"]) for campaign in truth["campaigns"]) > 0
    assert run.counts["mailboxes"]["seen"] == len(truth["mailboxes"])


def test_an_agency_key_takes_one_call_per_hundred_mailboxes_and_none_for_links(sandbox, agency, pull):
    calls = calls_of(pull(agency))
    assert calls["email-accounts"] == -(-Mailbox.objects.count() // 100)


def test_what_did_not_change_is_not_written_again(agency, pull):
    pull(agency)
    counts = pull(agency).counts["mailboxes"]
    assert {name for name, count in counts.items() if count} == {"seen"}


def test_they_fall_due_after_an_hour(agency, pull, clock):
    pull(agency)
    hourly = {"mailboxes", "links"}
    assert not hourly & set(planning.due_steps(agency.pk, clock() + timedelta(minutes=55)))
    assert hourly <= set(planning.due_steps(agency.pk, clock() + timedelta(minutes=60)))


def test_links_follow_what_is_attached_and_detached(sandbox, agency, pull):
    pull(agency)
    campaign = Campaign.objects.filter(status="active", mailbox_links__isnull=False).distinct()[0]
    senders = list(campaign.mailbox_links.values_list("mailbox__remote_id", flat=True))
    other = Mailbox.objects.exclude(remote_id__in=senders)[0].remote_id
    sandbox.change("set", campaign=campaign.remote_id, fields={"mailbox_ids": [*senders[1:], other]})
    counts = pull(agency).counts["mailboxes"]
    assert (counts["linked"], counts["unlinked"]) == (1, 1)
    assert differences(agency, sandbox.truth(sandbox.agency_key)) == []


def test_a_mailbox_that_loses_its_login_or_its_client_is_found(sandbox, agency, pull):
    pull(agency)
    box = Mailbox.objects.filter(smtp_ok=True)[0]
    fields = {"connected": False, "suspended": True, "per_day": 11, "client_id": None, "reputation": 41}
    sandbox.change("set_mailbox", mailbox=box.remote_id, fields=fields)
    pull(agency)
    assert differences(agency, sandbox.truth(sandbox.agency_key)) == []
    box.refresh_from_db()
    assert not box.can_send
    assert box.problems == ["Invalid login: 535-5.7.8 Username and Password not accepted"]


def test_a_clients_own_key_asks_each_campaign_for_its_senders(sandbox, connect, pull):
    """Its list need not hold the agency's mailboxes, so it does not tell everything about the links."""
    client = Client.objects.create(name="Cinder Security", slug="cinder")
    connection = connect(sandbox.cinder_key, client=client)
    run = pull(connection)
    truth = sandbox.truth(sandbox.cinder_key)
    assert differences(connection, truth) == []
    assert calls_of(run)["email-accounts"] == 1 + len(truth["campaigns"])
    assert set(Mailbox.objects.values_list("client__name", flat=True)) == {"Cinder Security"}


def test_a_sender_that_the_key_does_not_list_is_known_through_its_campaign(sandbox, connect, pull):
    client = Client.objects.create(name="Cinder Security", slug="cinder")
    connection = connect(sandbox.cinder_key, client=client)
    pull(connection)
    campaign = Campaign.objects.filter(status="active", mailbox_links__isnull=False).distinct()[0]
    box = campaign.mailbox_links.all()[0].mailbox
    sandbox.change("set_mailbox", mailbox=box.remote_id, fields={"client_id": None})
    for _ in range(2):
        pull(connection)
        box.refresh_from_db()
        assert (box.listed, box.gone_at) == (False, None)
        assert campaign.mailbox_links.filter(mailbox=box).exists()
        assert differences(connection, sandbox.truth(sandbox.cinder_key)) == []
    for told in sandbox.truth(sandbox.cinder_key, days=False)["campaigns"]:
        others = [one for one in told["mailbox_ids"] if one != box.remote_id]
        sandbox.change("set", campaign=told["id"], fields={"mailbox_ids": others})
    pull(connection)
    box.refresh_from_db()
    assert box.gone_at is not None


def test_a_server_that_refuses_to_tell_campaigns_in_the_list_is_asked_per_campaign(
    sandbox, agency, pull, pull_due, monkeypatch
):
    """The sandbox answers this question always; here its answer is taken for a refusal. It is left out from then on."""
    as_it_is = Smartlead.mailboxes

    def refuse(_: object) -> None:
        raise RequestRefused('"fetch_campaigns" is not allowed', status=400)

    def mailboxes(self, *, offset=0, limit=None, with_campaigns=False):
        call = as_it_is(self, offset=offset, limit=limit)
        return call.then(refuse) if with_campaigns else call

    monkeypatch.setattr(Smartlead, "mailboxes", mailboxes)
    run = pull(agency)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    assert differences(agency, sandbox.truth(sandbox.agency_key)) == []
    assert calls_of(run)["email-accounts"] == 1 + 2 + Campaign.objects.count()
    others = Campaign.objects.exclude(status__in=Campaign.ENDED).count()
    assert calls_of(pull_due(agency, "mailboxes", "links"))["email-accounts"] == 2 + others


def test_a_gap_in_the_list_of_mailboxes_loses_none(sandbox, agency, pull):
    pull(agency)
    kept, linked = Mailbox.objects.present().count(), CampaignMailbox.objects.count()
    sandbox.faults({"kind": "html200", "path": "*/email-accounts/"})
    assert pull(agency).outcome == SyncRun.Outcome.PARTIAL
    assert (Mailbox.objects.present().count(), CampaignMailbox.objects.count()) == (kept, linked)


def test_each_mailbox_that_warms_up_is_asked_once_a_day_at_an_hour_of_its_own(sandbox, agency, pull, pull_due):
    run = pull(agency)
    asked: Counter[str] = Counter()
    per_hour = []
    for _ in range(24):
        paths = ApiCall.objects.filter(run=run, path__endswith="/warmup-stats").values_list("path", flat=True)
        per_hour.append(len(paths))
        asked.update(paths)
        sandbox.advance(hours=1)
        run = pull_due(agency, "warmup")
    warming = Mailbox.objects.present().warming_up()
    assert asked == Counter(f"/email-accounts/{box.remote_id}/warmup-stats" for box in warming)
    assert max(per_hour) < warming.count() / 8
    assert not Mailbox.objects.exclude(pk__in=warming).filter(warmup_week__isnull=False).exists()
    week = warming[0].warmup_week or {}
    assert [day["day"] for day in week["days"]] == sorted(day["day"] for day in week["days"])
    assert len(week["days"]) == 7
    assert week["sent"] == sum(day["sent"] for day in week["days"]) == week["inbox"] + week["spam"]


def test_a_missed_hour_of_warmup_is_made_up_for(sandbox, agency, pull, pull_due, clock):
    """The week of a mailbox whose hour found no worker is asked for as soon as there is one."""
    pull(agency)
    told = Mailbox.objects.filter(warmup_week__isnull=False)
    before = set(told.values_list("remote_id", flat=True))
    sandbox.advance(hours=27)
    run = pull_due(agency, "warmup")
    asked = {int(path.split("/")[2]) for path in ApiCall.objects.filter(run=run).values_list("path", flat=True)}
    assert before <= asked
    assert asked - before == {one for one in asked if one % 24 == clock().hour}
