"""What is saved of schedule and settings is what the provider has afterwards, field by field, or the page says what is not."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Client, Connection, Membership, RemoteClient, User
from accounts.services.mapping import map_remote_client
from accounts.services.writing import advance_writes
from analytics.models import DailyStats
from campaigns.models import Campaign
from campaigns.services.schedule import current_schedule, save_schedule
from campaigns.services.settings import current_settings, possible_owners, save_settings
from operations.audit import Actor
from operations.models import AuditEntry, Write
from tests.support.agency import browser_of

pytestmark = pytest.mark.django_db(transaction=True)

WANTED: dict[str, Any] = {
    "time_zone": "Asia/Kolkata",
    "days": [1, 3, 7],
    "start": "08:45",
    "end": "16:15",
    "min_gap_minutes": 7,
    "daily_new_leads": 33,
    "starts_at": "2026-12-01T03:15:00+00:00",
}


@pytest.fixture(params=["live", "guides"])
def dialect(request, sandbox):
    sandbox.dialect(request.param)
    yield request.param
    sandbox.dialect("live")


@pytest.fixture
def agency(transactional_db, sandbox, connect, mirror) -> Connection:
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    mirror(connection)
    return connection


@pytest.fixture
def campaign(agency) -> Campaign:
    return agency.campaigns.filter(status="active").order_by("remote_id").first()


def carried_out(write: Write, clock) -> Write:
    """As a worker does it, with what follows from it."""
    while advance_writes(write.connection_id, lambda: max(clock(), timezone.now())):
        pass
    write.refresh_from_db()
    return write


def newest_write() -> Write:
    return Write.objects.latest("pk")


def truth(sandbox, campaign) -> dict[str, Any]:
    found = sandbox.truth(sandbox.agency_key, days=False)["campaigns"]
    return next(one for one in found if one["id"] == campaign.remote_id)


def saved_schedule(campaign, clock, **otherwise: Any) -> Write:
    write = save_schedule(campaign, {**WANTED, **otherwise}, current_schedule(campaign), Actor(), clock())
    return carried_out(write, clock)


def saved_settings(campaign, clock, **changes: Any) -> Write:
    write = save_settings(campaign, changes, current_settings(campaign), Actor(), clock())
    return carried_out(write, clock)


def test_a_saved_schedule_is_the_providers_field_by_field(dialect, sandbox, campaign, clock) -> None:
    before = current_schedule(campaign)
    write = saved_schedule(campaign, clock)
    assert (write.state, write.message) == (Write.State.DONE, "")
    there = truth(sandbox, campaign)
    assert there["schedule"] == {
        "timezone": "Asia/Kolkata", "days": [0, 1, 3], "start_hour": "08:45", "end_hour": "16:15",
        "starts_at": "2026-12-01T03:15:00+00:00",
    }  # fmt: skip
    assert (there["gap_minutes"], there["max_new_leads_per_day"]) == (7, 33)
    campaign.refresh_from_db()
    assert current_schedule(campaign) == WANTED
    entry = AuditEntry.objects.get(action="campaign schedule: done")
    assert (entry.before, entry.after) == (before, WANTED)


@pytest.mark.parametrize("kept_as", [0, 7])
def test_a_sunday_is_kept_whichever_number_it_has_there(sandbox, agency, campaign, clock, kept_as) -> None:
    sandbox.change("sunday", number=kept_as)
    write = saved_schedule(campaign, clock)
    last = newest_write()
    assert last.state == Write.State.DONE
    assert (last.pk == write.pk) == (kept_as == 0)
    assert truth(sandbox, campaign)["schedule"]["days"] == sorted([1, 3, kept_as])
    campaign.refresh_from_db()
    assert current_schedule(campaign)["days"] == [1, 3, 7]


def test_a_schedule_that_was_taken_in_part_says_which_part_was_not(sandbox, campaign, clock, people) -> None:
    """A server that keeps a Sunday under neither number."""
    sandbox.change("sunday", number=None)
    write = saved_schedule(campaign, clock)
    assert write.state == Write.State.FAILED
    assert newest_write().state == Write.State.FAILED
    campaign.refresh_from_db()
    assert current_schedule(campaign) == {**WANTED, "days": [1, 3]}
    page = people["admin"].get(f"/campaigns/{campaign.pk}/schedule/?write={write.pk}").content.decode()
    assert "Smartlead took only a part of it." in page
    assert "Wanted Mon, Wed, Sun" in page
    assert "Smartlead says Mon, Wed<" in page


def test_what_changed_there_meanwhile_is_shown_and_never_overwritten(sandbox, campaign, clock, people) -> None:
    opened = current_schedule(campaign)
    sandbox.change("set", campaign=campaign.remote_id, fields={"gap_minutes": 21, "max_new_leads_per_day": 33})
    write = carried_out(save_schedule(campaign, {**opened, **WANTED}, opened, Actor(), clock()), clock)
    assert write.state == Write.State.CONFLICT
    assert truth(sandbox, campaign)["gap_minutes"] == 21
    assert not [one for one in sandbox.log(method="POST", limit=50)["calls"] if one["path"].endswith("/schedule")]

    address = f"/campaigns/{campaign.pk}/schedule/?write={write.pk}"
    page = people["admin"].get(address).content.decode()
    assert "Changed in Smartlead since you opened this page." in page
    assert "Take theirs: <b>21 minutes</b>" in page
    assert "Keep mine: <b>7 minutes</b>" in page
    assert "take-daily_new_leads" not in page, "both sides want the same"
    typed = {"opened": _opened(page), **_typed(WANTED), "take-min_gap_minutes": "theirs"}
    people["admin"].post(f"/campaigns/{campaign.pk}/schedule/", typed)
    again = carried_out(newest_write(), clock)
    assert again.state == Write.State.DONE
    there = truth(sandbox, campaign)
    assert (there["gap_minutes"], there["schedule"]["start_hour"]) == (21, "08:45")


def test_saving_unchanged_values_leaves_everything_as_it_was(dialect, sandbox, campaign, clock) -> None:
    before = truth(sandbox, campaign)
    write = carried_out(
        save_schedule(campaign, current_schedule(campaign), current_schedule(campaign), Actor(), clock()), clock
    )
    assert write.state == Write.State.DONE
    after = truth(sandbox, campaign)
    assert {**after, "updated_at": ""} == {**before, "updated_at": ""}


def test_saved_settings_are_the_providers_and_nothing_else_is_sent(dialect, sandbox, campaign, clock) -> None:
    before = truth(sandbox, campaign)
    write = saved_settings(
        campaign, clock, track_opens=not before["tracks_opens"], stop_rule="click", plain_text=True,
        unsubscribe_text="Not for me", follow_up_percentage=55, esp_matching=True,
    )  # fmt: skip
    assert (write.state, write.message) == (Write.State.DONE, "")
    there = truth(sandbox, campaign)
    changed = {name for name in there if there[name] != before[name]} - {"updated_at"}
    assert changed == {
        "tracks_opens", "stop_lead_settings", "send_as_plain_text", "unsubscribe_text", "follow_up_percentage",
        "enable_ai_esp_matching",
    }  # fmt: skip
    assert there["stop_lead_settings"] == ("CLICKED_LINK" if dialect == "guides" else "CLICK_ON_A_LINK")
    assert there["unsubscribe_text"] == "Not for me"
    entry = AuditEntry.objects.get(action="campaign settings: done")
    assert entry.before["track_opens"] == before["tracks_opens"]
    assert entry.after["follow_up_percentage"] == 55


def test_settings_that_are_never_told_are_sent_only_when_chosen(dialect, sandbox, campaign, clock) -> None:
    write = saved_settings(campaign, clock, bounce_pause_threshold="2.5", counts_as_reply=False, reactivate=True)
    assert write.state == Write.State.DONE
    assert truth(sandbox, campaign)["settings"] == {
        "bounce_autopause_threshold": "2.5",
        "out_of_office_detection_settings": {"ignoreOOOasReply": True, "autoReactivateOOO": True},
    }
    assert write.after["bounce_pause_threshold"] == "accepted, can't be read back"


def test_a_lost_answer_to_what_is_never_told_is_sent_again_and_not_believed(sandbox, campaign, clock) -> None:
    sandbox.faults({"kind": "cut_before", "next": 1, "method": "POST", "path": "*/settings"})
    write = saved_settings(campaign, clock, bounce_pause_threshold="4")
    assert write.state == Write.State.DONE
    assert truth(sandbox, campaign)["settings"] == {"bounce_autopause_threshold": "4"}


def test_only_settings_that_somebody_else_changed_are_a_conflict(sandbox, campaign, clock) -> None:
    sandbox.change("set", campaign=campaign.remote_id, fields={"follow_up_percentage": 71})
    assert saved_settings(campaign, clock, plain_text=True).state == Write.State.DONE
    opened = {**current_settings(campaign), "follow_up_percentage": 40}
    write = save_settings(campaign, {"follow_up_percentage": 10}, opened, Actor(), clock())
    assert carried_out(write, clock).state == Write.State.CONFLICT
    assert truth(sandbox, campaign)["follow_up_percentage"] == 71


def test_a_campaign_that_is_given_to_another_client_is_seen_by_its_people_alone(
    sandbox, agency, campaign, clock, people, pull
) -> None:
    pull(agency)
    old, new = _map_two(agency, campaign)
    campaign.refresh_from_db()
    write = saved_settings(campaign, clock, client_id=new.remote_id)
    assert write.state == Write.State.DONE
    assert truth(sandbox, campaign)["client_id"] == new.remote_id
    campaign.refresh_from_db()
    assert campaign.client == new.client
    assert set(DailyStats.objects.filter(campaign=campaign).values_list("client", flat=True)) == {new.client.pk}
    told = [(one.client, one.before, one.after) for one in AuditEntry.objects.filter(action="campaign client")]
    both = ({"client": old.client.name}, {"client": new.client.name})
    assert sorted(told, key=lambda one: one[0] is not None) == [(None, *both), (new.client, {}, both[1])]
    assert old.client.name in _read_of(people["admin"], campaign)
    manager = User.objects.create_user("new@agency.example", "password")
    Membership.objects.create(user=manager, client=new.client)
    shown = _read_of(browser_of(manager), campaign)
    assert shown.count("Moved to another client") >= 2
    assert old.client.name not in shown


def test_people_of_a_client_never_read_whose_a_remote_client_was(agency, people) -> None:
    remote = RemoteClient.objects.filter(connection=agency).first()
    assert remote is not None
    for name in ("Zinnia before", "Yarrow now"):
        manager = User.objects.create_user(f"{name[0]}@agency.example", "password")
        client = Client.objects.create(name=name, slug=name[0].lower())
        Membership.objects.create(user=manager, client=client)
        map_remote_client(remote, client, Actor())
    campaign = Campaign.objects.filter(client=client).first()
    assert campaign is not None
    shown = _read_of(browser_of(manager), campaign)
    assert "Remote client mapped" in shown
    assert "Zinnia before" not in shown
    assert "Zinnia before" in _read_of(people["admin"], campaign)


def test_only_admins_and_managers_of_both_clients_may_give_a_campaign_away(agency, campaign, people) -> None:
    old, new = _map_two(agency, campaign)
    campaign.refresh_from_db()
    one = User.objects.create_user("one@agency.example", "password")
    both = User.objects.create_user("both@agency.example", "password")
    for user, client in ((one, old.client), (both, old.client), (both, new.client)):
        Membership.objects.create(user=user, client=client)
    assert possible_owners(campaign, one) == []
    assert {owner[0] for owner in possible_owners(campaign, both)} == {old.remote_id, new.remote_id}
    browser_of(one).post(f"/campaigns/{campaign.pk}/settings/", {"client_id": str(new.remote_id)})
    browser_of(both).post(f"/campaigns/{campaign.pk}/settings/", {"client_id": "agency"})
    assert not Write.objects.exists()
    browser_of(both).post(f"/campaigns/{campaign.pk}/settings/", {"client_id": str(new.remote_id)})
    assert Write.objects.get().payload["client_id"] == new.remote_id


def test_a_refusal_is_said_and_keeps_what_was_typed(sandbox, campaign, clock, people) -> None:
    write = saved_schedule(campaign, clock, time_zone="Nowhere/Atall")
    assert write.state == Write.State.FAILED
    page = people["admin"].get(f"/campaigns/{campaign.pk}/schedule/?write={write.pk}").content.decode()
    assert "The provider does not know this timezone." in page
    assert 'value="Nowhere/Atall"' in page


@pytest.fixture
def people(db) -> dict[str, Any]:
    ada = User.objects.create_user("ada@agency.example", "password", name="Ada", role=User.Role.ADMIN)
    return {"admin": browser_of(ada)}


def _map_two(agency: Connection, campaign: Campaign) -> Any:
    remote = RemoteClient.objects.filter(connection=agency)
    old = remote.get(remote_id=campaign.remote_client_id or 0)
    new = remote.exclude(pk=old.pk).first()
    assert new is not None
    for number, one in enumerate((old, new)):
        map_remote_client(one, Client.objects.create(name=f"Client {number}", slug=f"client-{number}"), Actor())
    return old, new


def _read_of(browser: Any, campaign: Campaign) -> str:
    """All that somebody can read of what was changed: timeline, audit, its single entries, export."""
    pages = [browser.get(f"/campaigns/{campaign.pk}/activity/"), browser.get("/activity/audit/")]
    entries = [browser.get(f"/activity/audit/{pk}/") for pk in AuditEntry.objects.values_list("pk", flat=True)]
    assert {page.status_code for page in pages} == {200}
    export = b"".join(browser.get("/activity/audit/export/").streaming_content)
    return "".join(page.content.decode() for page in [*pages, *entries]) + export.decode()


def _opened(page: str) -> str:
    return page.partition('name="opened" value="')[2].partition('"')[0]


def _typed(schedule: dict[str, Any]) -> dict[str, Any]:
    return {**schedule, "days": [str(day) for day in schedule["days"]], "starts_at": "2026-12-01T08:45"}
