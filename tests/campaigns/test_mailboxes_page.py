"""The mailboxes of a campaign: what they can send, what a change does to it before it is made, and for whose eyes."""

import pytest

from accounts.models import Connection, Mailbox
from campaigns.models import CampaignMailbox
from operations.models import Write
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

HTMX = {"HX-Request": "true"}


@pytest.fixture
def campaign(agency: Agency):
    Connection.objects.update(may_write=True)
    return agency.campaign("Freight", client=agency.north, links_synced_at=now())


def mailbox(agency: Agency, number: int, *campaigns, **fields) -> Mailbox:
    told = {"smtp_ok": True, "imap_ok": True, "daily_limit": 30, "sent_today": 4} | fields
    box = Mailbox.objects.create(
        connection=agency.shared, remote_id=number, address=f"box{number}@x.test", synced_at=now(), **told
    )
    CampaignMailbox.objects.bulk_create([CampaignMailbox(campaign=one, mailbox=box) for one in campaigns])
    return box


def page(user, address: str, **headers) -> str:
    response = browser_of(user).get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def url(campaign, rest: str = "") -> str:
    return f"/campaigns/{campaign.pk}/mailboxes/{rest}"


def post(user, campaign, **data):
    return browser_of(user).post(url(campaign, "change/"), data)


def test_state_limit_and_capacity_are_told_and_what_is_unknown_is_said(agency, campaign):
    mailbox(agency, 1, campaign)
    mailbox(agency, 2, campaign, daily_limit=None)
    mailbox(agency, 3, campaign, smtp_ok=False, problems=["Signed out"])
    mailbox(agency, 4, campaign, warmup_status="active", warmup_started_at=now(), warmup_reputation=97.0)
    shown = page(agency.nora, url(campaign))
    for words in (
        "at least 60",
        "1 with no known limit",
        "1 can’t send",
        "Disconnected",
        "Signed out",
        "Warming up",
        "On, 97",
    ):
        assert words in shown
    assert shown.index("box3@x.test") < shown.index("box1@x.test")
    assert '>Mailboxes<span class="qd-count num">4</span>' in shown


def test_the_effect_is_shown_before_anything_is_done_with_and_without_scripts(agency, campaign):
    boxes = [mailbox(agency, number, campaign) for number in (1, 2, 3)]
    asked = f"{url(campaign)}?mailbox={boxes[0].pk}&mailbox={boxes[1].pk}"
    whole, part = page(agency.nora, asked), page(agency.nora, asked + "&part=effect", **HTMX)
    for shown in (whole, part):
        assert "Capacity a day: 90 → 30" in shown
    assert "<html" not in part
    assert not Write.objects.exists()
    other = mailbox(agency, 9, client=agency.north, daily_limit=50)
    shown = page(agency.nora, f"{url(campaign, 'attach/')}?mailbox={other.pk}")
    assert "Capacity a day: 90 → 140" in shown


def test_detaching_asks_for_the_change_and_shows_it_on_its_way(agency, campaign):
    keep, take = mailbox(agency, 1, campaign), mailbox(agency, 2, campaign)
    response = post(agency.nora, campaign, do="detach", mailbox=[take.pk])
    assert response.url == url(campaign)
    write = Write.objects.get()
    assert (write.kind, write.payload["mailbox_ids"], write.actor) == ("campaign mailboxes", [2], agency.nora)
    shown = page(agency.nora, url(campaign))
    assert "Detach box2@x.test" in shown
    assert "Detaching…" in shown
    assert 'data-poll="2"' in shown
    assert CampaignMailbox.objects.filter(mailbox=keep).exists()
    Write.objects.update(state="done", settled_at=now(), after={"detached": [take.address], "senders": 1})
    shown = page(agency.nora, url(campaign))
    assert f'name="undo" value="{write.pk}"' in shown
    post(agency.nora, campaign, undo=write.pk)
    assert Write.objects.latest("pk").payload["do"] == "attach"


def test_the_last_one_that_can_send_of_an_active_campaign_is_asked_about(agency, campaign):
    able = mailbox(agency, 1, campaign)
    mailbox(agency, 2, campaign, smtp_ok=False)
    response = post(agency.nora, campaign, do="detach", mailbox=[able.pk])
    shown = response.content.decode()
    assert response.status_code == 200
    assert "This active campaign stops sending." in shown
    assert "Detach and stop sending" in shown
    assert not Write.objects.exists()
    post(agency.nora, campaign, do="detach", mailbox=[able.pk], confirmed="yes")
    assert Write.objects.count() == 1


def test_a_read_only_key_explains_itself_and_keeps_what_was_ticked(agency, campaign):
    box = mailbox(agency, 1, campaign)
    Connection.objects.update(may_write=False)
    assert "read-only" in page(agency.nora, url(campaign))
    shown = post(agency.nora, campaign, do="detach", mailbox=[box.pk]).content.decode()
    assert "Detach failed:" in shown
    assert f'name="mailbox" value="{box.pk}"' in shown
    assert not Write.objects.exists()


def test_a_manager_is_offered_and_told_of_nothing_that_belongs_to_others(agency, campaign):
    theirs = agency.campaign("Wine", client=agency.south)
    shared = mailbox(agency, 1, campaign, theirs, client=agency.south)
    own, foreign = mailbox(agency, 2, client=agency.north), mailbox(agency, 3, client=agency.south)
    elsewhere = Connection.objects.create(name="Elsewhere", base_url="http://127.0.0.1", client=agency.north)
    other = Mailbox.objects.create(
        connection=elsewhere, client=agency.north, remote_id=7, address="box7@x.test", synced_at=now()
    )
    nora = page(agency.nora, url(campaign))
    assert '<td class="r p3 muted">1</td>' in nora
    assert '<td class="r p3 muted">2</td>' in page(agency.ada, url(campaign))
    offered = page(agency.nora, url(campaign, "attach/"))
    assert own.address in offered
    for hidden in (foreign.address, shared.address, other.address, agency.south.name):
        assert hidden not in offered
    assert agency.south.name in page(agency.ada, url(campaign, "attach/"))
    for box in (foreign, other):
        assert post(agency.nora, campaign, do="attach", mailbox=[own.pk, box.pk]).status_code == 404
        assert box.address not in page(agency.nora, f"{url(campaign, 'attach/')}?mailbox={box.pk}")
    assert not Write.objects.exists()


def test_the_list_to_attach_is_searched(agency, campaign):
    mailbox(agency, 21, client=agency.north)
    mailbox(agency, 22, client=agency.north, smtp_ok=False)
    found = page(agency.nora, url(campaign, "attach/?q=box22"), **HTMX)
    assert "box22@x.test" in found
    assert "box21@x.test" not in found
    assert "box22@x.test" not in page(agency.nora, url(campaign, "attach/?only=able"))
    assert "Nothing matches" in page(agency.nora, url(campaign, "attach/?q=nowhere"))


@pytest.mark.parametrize("rest", ["q=box22", "q=nowhere", "page=2"])
def test_a_tick_stays_when_the_list_moves_on(agency, campaign, rest):
    boxes = [mailbox(agency, number, client=agency.north) for number in range(1, 62)]
    kept = boxes[0]
    for headers in ({}, HTMX):
        shown = page(agency.nora, url(campaign, f"attach/?{rest}&mailbox={kept.pk}"), **headers)
        also = shown.partition("Also ticked:")[2].partition("</fieldset>")[0]
        assert f'name="mailbox" value="{kept.pk}" checked' in also
        assert kept.address in also
        assert "Attach 1 mailbox" in shown
    assert "Also ticked:" not in page(agency.nora, url(campaign, f"attach/?q=box1@&mailbox={kept.pk}"), **HTMX)


def test_the_pages_make_as_many_queries_as_recorded(agency, campaign, django_assert_max_num_queries):
    for number in range(1, 30):
        mailbox(agency, number, campaign, client=agency.north)
        mailbox(agency, number + 100, client=agency.north)
    for who, user in (("admin", agency.ada), ("manager", agency.nora)):
        browser = browser_of(user)
        for name, rest in (("mailboxes of a campaign", ""), ("mailboxes to attach", "attach/")):
            with django_assert_max_num_queries(12), recorded_queries(f"{name}, {who}"):
                assert browser.get(url(campaign, rest)).status_code == 200
