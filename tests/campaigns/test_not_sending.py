"""Why an active campaign does not send: each reason by itself, their order, and the next hours in every zone."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.not_sending import Senders, SendingFacts, senders_out, why_not_sending

BERLIN = {"days": [1, 2, 3, 4, 5], "start": "08:30", "end": "17:00", "time_zone": "Europe/Berlin", "starts_at": None}
IN_HOURS = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)  # Friday, 10:00 in Berlin
SPENT = "Its mailboxes had sent all they may send in a day when they were last read."
SUNDAY = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def facts(**changes: Any) -> SendingFacts:
    """A campaign to which nothing is wrong."""
    good: dict[str, Any] = {
        "steps": 3, "senders": Senders(total=2, able=2), "schedule": BERLIN,
        "leads_total": 500, "leads_waiting": 100, "leads_in_progress": 50,
    }  # fmt: skip
    return SendingFacts(**good | changes)


def said(now: datetime = IN_HOURS, **changes: Any) -> list[str]:
    return [reason.text for reason in why_not_sending(facts(**changes), now)]


def test_it_says_nothing_of_a_campaign_that_sends() -> None:
    assert said() == []
    assert said(leads_waiting=0) == [], "follow-ups still go out"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"steps": 0}, "It has no steps."),
        ({"senders": Senders(0, 0)}, "No mailbox is attached."),
        ({"senders": Senders(1, 0)}, "Its only mailbox is disconnected or suspended."),
        ({"senders": Senders(4, 0)}, "All 4 mailboxes are disconnected or suspended."),
        ({"senders": Senders(3, 2, silent=2, warming=2)}, "Its mailboxes only warm up: their daily limit is 0."),
        ({"senders": Senders(3, 2, silent=2, warming=1)}, "The daily limit of its mailboxes is 0."),
        ({"schedule": None}, "It has no schedule."),
        ({"schedule": {**BERLIN, "days": []}}, "Its schedule has no days."),
        ({"leads_total": 0}, "It has no leads."),
        ({"leads_waiting": 0, "leads_in_progress": 0}, "No lead is waiting or in progress."),
        ({"senders": Senders(3, 3, silent=1, spent=2)}, SPENT),
        ({"key_trouble": "We can’t tell since 07:12: key refused."}, "We can’t tell since 07:12: key refused."),
    ],
)  # fmt: skip
def test_each_thing_that_keeps_it_from_sending_is_said(changes: dict[str, Any], reason: str) -> None:
    assert said(**changes) == [reason]


@pytest.mark.parametrize("field", ["steps", "senders", "leads_total", "leads_waiting", "leads_in_progress"])
def test_what_is_not_known_is_no_reason(field: str) -> None:
    assert why_not_sending(facts(**{field: None}), IN_HOURS) == []


def test_one_mailbox_that_can_send_is_enough() -> None:
    assert said(senders=Senders(total=9, able=3, silent=2, warming=2)) == []


@pytest.mark.parametrize(
    ("now", "schedule", "text"),
    [
        (SUNDAY, {}, "Outside its hours. Next send: Mon 23 Nov 08:30 Berlin."),
        (datetime(2026, 11, 20, 16, 0, tzinfo=UTC), {}, "Outside its hours. Next send: Mon 23 Nov 08:30 Berlin."),
        (datetime(2026, 11, 20, 7, 29, tzinfo=UTC), {}, "Outside its hours. Next send: Fri 20 Nov 08:30 Berlin."),
        (SUNDAY, {"time_zone": "America/New_York"}, "Outside its hours. Next send: Mon 23 Nov 08:30 New York."),
        (SUNDAY, {"days": [3]}, "Outside its hours. Next send: Wed 25 Nov 08:30 Berlin."),
        (
            IN_HOURS,
            {"starts_at": "2026-12-01T00:00:00+00:00"},
            "It is to start on Tue 1 Dec. Next send: Tue 1 Dec 08:30 Berlin.",
        ),
        # Clocks go back on the night to Sunday 25 October 2026: the same hour on the wall is another hour of the world.
        (datetime(2026, 10, 24, 12, tzinfo=UTC), {"days": [7]}, "Outside its hours. Next send: Sun 25 Oct 08:30 Berlin."),
        # Clocks skip from 02:00 to 03:00 on Sunday 29 March 2026: it begins with the first minute that there is.
        (
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            {"days": [7], "start": "02:30", "end": "05:00"},
            "Outside its hours. Next send: Sun 29 Mar 03:00 Berlin.",
        ),
    ],
)  # fmt: skip
def test_outside_its_hours_the_next_ones_are_named_with_their_zone(
    now: datetime, schedule: dict[str, Any], text: str
) -> None:
    reasons = why_not_sending(facts(schedule=BERLIN | schedule), now)
    assert [reason.text for reason in reasons] == [text]
    assert reasons[0].planned


@pytest.mark.parametrize(("moment", "sends"), [("2026-11-22T10:00", True), ("2026-11-22T18:00", False)])
def test_sunday_is_a_day_like_any_other(moment: str, sends: bool) -> None:
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert (said(now, schedule=BERLIN | {"days": [7]}) == []) is sends


def test_what_needs_somebody_comes_before_what_passes_by_itself() -> None:
    reasons = why_not_sending(facts(steps=0, senders=Senders(0, 0), leads_total=0), SUNDAY)
    assert [reason.short for reason in reasons[:3]] == ["No steps", "No mailboxes", "No leads"]
    assert [reason.planned for reason in reasons] == [False, False, False, True]


def test_a_schedule_that_nobody_understands_is_no_reason_and_no_error() -> None:
    end_of_time = {"starts_at": "9999-12-31T23:59:00+00:00"}
    for odd in ({"time_zone": "Mars/Olympus"}, {"start": "late"}, {"start": "17:00", "end": "09:00"}, end_of_time):
        assert said(SUNDAY, schedule=BERLIN | odd) == []


ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/Santiago",
)
minutes = st.integers(0, 23 * 60 + 58)


@given(
    zone=st.sampled_from(ZONES),
    days=st.sets(st.integers(1, 7), min_size=1),
    window=st.tuples(minutes, minutes).map(sorted).filter(lambda pair: pair[0] < pair[1]),
    now=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)).map(
        lambda moment: moment.replace(second=0, microsecond=0)
    ),
    ahead=st.one_of(st.none(), st.integers(-10, 20 * 24 * 60)),
)
def test_the_next_hours_are_the_first_ones_by_the_clock_of_the_zone(
    zone: str, days: set[int], window: list[int], now: datetime, ahead: int | None
) -> None:
    """Against the clock on the wall, looked at every minute: shut all the way until the moment that is named."""
    start, end = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in window)
    starts_at = None if ahead is None else now + timedelta(minutes=ahead)
    schedule = {
        "days": sorted(days), "start": start, "end": end, "time_zone": zone,
        "starts_at": starts_at and starts_at.isoformat(),
    }  # fmt: skip

    def is_open(moment: datetime) -> bool:
        local = moment.astimezone(ZoneInfo(zone))
        begun = starts_at is None or moment >= starts_at
        return begun and local.isoweekday() in days and start <= f"{local:%H:%M}" < end

    reasons = why_not_sending(facts(schedule=schedule), now)
    assert bool(reasons) is not is_open(now)
    if not reasons:
        return
    named = reasons[0].text.removesuffix(f" {zone.rsplit('/', 1)[-1].replace('_', ' ')}.").rsplit("Next send: ", 1)[1]
    moment = now
    while not is_open(moment):
        moment += timedelta(minutes=1)
    local = moment.astimezone(ZoneInfo(zone))
    assert named == f"{local:%a} {local.day} {local:%b} {local:%H:%M}"


@pytest.mark.parametrize(
    ("senders", "title", "text"),
    [
        (
            Senders(13, 10, lost=90),
            "3 of 13 mailboxes can’t send.",
            "Sending goes on from 10, up to 90 emails a day fewer.",
        ),
        (Senders(2, 1), "1 of 2 mailboxes can’t send.", "Sending goes on from 1."),
        (Senders(2, 2), "", ""),
        (Senders(2, 0), "", ""),
        (None, "", ""),
    ],
)
def test_a_campaign_that_sends_on_without_some_of_its_mailboxes_says_so(senders, title: str, text: str) -> None:
    assert senders_out(senders) == (title, text)
