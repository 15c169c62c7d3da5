"""Time that is moved makes days, the same ones however it is moved."""

from typing import Any

from tests.support.sandbox import Sandbox, start_sandbox


def world(sandbox: Sandbox) -> dict[str, Any]:
    truth = sandbox.truth()
    del truth["now"]
    return truth


def campaign(sandbox: Sandbox, number: int) -> dict[str, Any]:
    return next(one for one in sandbox.truth()["campaigns"] if one["id"] == number)


def test_two_days_are_the_same_as_one_day_twice(sandbox: Sandbox) -> None:
    sandbox.advance(days=1)
    sandbox.truth()
    sandbox.advance(days=1)
    in_steps = world(sandbox)
    sandbox.reset()
    sandbox.advance(days=2)
    assert world(sandbox) == in_steps


def test_the_same_seed_makes_the_same_world_and_another_makes_another(sandbox: Sandbox) -> None:
    first = world(sandbox)
    with start_sandbox() as twin, start_sandbox(seed=2) as other:
        assert world(twin) == first
        assert world(other)["campaigns"] != first["campaigns"]


def test_the_running_day_grows_and_then_stays(sandbox: Sandbox) -> None:
    at_noon = campaign(sandbox, 1849203)["days"]["2026-11-20"]
    sandbox.advance(hours=5)
    later = campaign(sandbox, 1849203)["days"]["2026-11-20"]
    assert later["sent"] > at_noon["sent"]
    assert all(later[figure] >= at_noon[figure] for figure in later)
    sandbox.advance(hours=6)
    evening = campaign(sandbox, 1849203)["days"]
    sandbox.advance(days=3)
    after = campaign(sandbox, 1849203)["days"]
    assert {day: after[day] for day in evening} == evening
    assert after["2026-11-23"]["sent"] > 0, "Monday sends again"


def test_a_campaign_whose_leads_run_out_is_completed(sandbox: Sandbox) -> None:
    assert campaign(sandbox, 1849299)["status"] == "ACTIVE"
    sandbox.advance(days=30)
    done = campaign(sandbox, 1849299)
    assert (done["status"], done["leads"]["waiting"]) == ("COMPLETED", 0)
    assert done["totals"]["people_contacted"] == done["leads"]["total"]
    days = done["days"]
    sandbox.advance(days=5)
    assert campaign(sandbox, 1849299)["days"] == days


def test_a_paused_campaign_sends_nothing_until_it_runs_again(sandbox: Sandbox) -> None:
    sandbox.change("status", campaign=1849203, status="PAUSED")
    paused = campaign(sandbox, 1849203)["days"]
    sandbox.advance(days=4)
    assert campaign(sandbox, 1849203)["days"] == paused
    sandbox.change("status", campaign=1849203, status="ACTIVE")
    sandbox.advance(days=1)
    assert len(campaign(sandbox, 1849203)["days"]) > len(paused)


def test_a_started_campaign_makes_its_first_days(sandbox: Sandbox) -> None:
    made = sandbox.change("add_campaign", client_id=304, name="New", status="ACTIVE", leads=400, tags=["Q4", "VIP"])
    sandbox.advance(days=4)
    fresh = campaign(sandbox, made["campaign"])
    assert fresh["totals"]["sent"] > 0
    assert [tag["name"] for tag in fresh["tags"]] == ["Q4", "VIP"]


def test_without_a_given_day_it_is_now(sandbox: Sandbox) -> None:
    with start_sandbox(today=None) as demo:
        truth = demo.truth()
        assert truth["built_on"] <= truth["today"]
        assert truth["now"][:10] == truth["today"]


def test_a_day_of_the_past_can_be_corrected(sandbox: Sandbox) -> None:
    before = campaign(sandbox, 1849203)
    sandbox.change("set_day", campaign=1849203, day="2026-11-03", figures={"bounced": 9})
    after = campaign(sandbox, 1849203)
    assert after["days"]["2026-11-03"] == before["days"]["2026-11-03"] | {"bounced": 9}
    difference = 9 - before["days"]["2026-11-03"]["bounced"]
    assert after["totals"]["bounced"] == before["totals"]["bounced"] + difference
