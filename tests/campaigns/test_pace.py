"""The pace of a schedule, as the clocks of its zone run: in every zone, over the hours that clocks skip and repeat."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.pacing import pace
from campaigns.pacing.pace import Plan, Sender, Supply
from campaigns.pacing.zones import as_moment, zone_names

ZONES = st.sampled_from(
    [
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "America/St_Johns",
        "Africa/Cairo",
        "UTC",
    ]
)
# Weeks in which clocks change somewhere, and one in which they do not.
MOMENTS = st.sampled_from(
    [datetime(2026, 3, 27, tzinfo=UTC), datetime(2026, 10, 23, tzinfo=UTC), datetime(2026, 4, 2, tzinfo=UTC),
     datetime(2026, 3, 6, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)]
).flatmap(lambda day: st.integers(0, 4 * 1440).map(lambda minutes: day + timedelta(minutes=minutes)))  # fmt: skip
MINUTES = st.integers(0, 1439)


@st.composite
def plans(draw: st.DrawFn, *, days: st.SearchStrategy[frozenset[int]] | None = None) -> Plan:
    first, last = sorted(draw(st.lists(MINUTES, min_size=2, max_size=2, unique=True)))
    chosen = draw(days if days is not None else st.frozensets(st.integers(1, 7), min_size=1))
    return Plan(
        draw(ZONES),
        tuple(sorted(chosen)),
        _hour(first),
        _hour(last),
        draw(st.integers(3, 60)),
        draw(st.integers(1, 400)),
    )


def _hour(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def reads_open(plan: Plan, moment: datetime) -> bool:
    """By the wall, written down once more: the day is chosen and the clock stands between the two hours."""
    wall = moment.astimezone(ZoneInfo(plan.time_zone)).strftime("%u %H:%M")
    return int(wall[0]) in plan.days and plan.start <= wall[2:] < plan.end


@settings(max_examples=150, deadline=None)
@given(plan=plans(), now=MOMENTS)
def test_the_next_send_is_the_first_minute_at_which_the_clock_is_within_the_hours(plan: Plan, now: datetime) -> None:
    found = pace.next_send(plan, now)
    by_hand = next(
        (
            now + timedelta(minutes=ahead)
            for ahead in range(15 * 1440)
            if reads_open(plan, now + timedelta(minutes=ahead))
        ),
        None,
    )
    assert found == by_hand


@given(plan=plans(days=st.just(frozenset())), now=MOMENTS)
def test_without_a_day_nothing_is_ever_sent(plan: Plan, now: datetime) -> None:
    assert pace.next_send(plan, now) is None
    assert pace.outlook(plan, 10, 100, now) is None


@settings(deadline=None)
@given(plan=plans(), now=MOMENTS, later=st.integers(0, 20 * 1440))
def test_nothing_is_sent_before_the_start_time(plan: Plan, now: datetime, later: int) -> None:
    begun = now + timedelta(minutes=later)
    found = pace.next_send(replace(plan, starts_at=begun), now)
    assert found == pace.next_send(plan, begun)
    assert found is None or found >= begun


@settings(deadline=None)
@given(plan=plans(), now=MOMENTS, waiting=st.integers(1, 5000), per_day=st.integers(1, 500))
def test_the_outlook_starts_every_waiting_lead_on_the_chosen_days(
    plan: Plan, now: datetime, waiting: int, per_day: int
) -> None:
    way = pace.outlook(plan, per_day, waiting, now)
    assert way is None or way.finish.isoweekday() in plan.days
    if way is None:
        # Only a window that is never there, or five years that are not enough.
        assert pace.first_whole_day(plan, now) is None or waiting / per_day > 5 * 52 * len(plan.days) - 7
        return
    assert (way.sending_days - 1) * per_day < waiting <= way.sending_days * per_day
    first = way.mornings[0][0]
    days = [first + timedelta(days=ahead) for ahead in range((way.finish - first).days + 1)]
    assert sum(day.isoweekday() in plan.days for day in days) == way.sending_days
    left = [count for _, count in way.mornings]
    assert left[0] == waiting
    assert left[-1] == 0
    assert left == sorted(left, reverse=True)
    assert all(day.isoweekday() == 1 for day, _ in way.mornings[1:-1])


@given(
    plan=plans(),
    limits=st.lists(st.tuples(st.integers(0, 90), st.booleans()), max_size=8),
    share=st.none() | st.integers(0, 100),
)
def test_the_pace_is_within_every_limit_that_is_known(
    plan: Plan, limits: list[tuple[int, bool]], share: int | None
) -> None:
    senders = [Sender(daily, None, connected) for daily, connected in limits]
    found = pace.limits(plan, Supply(senders, 100, share))
    able = sum(daily for daily, connected in limits if connected)
    boxes = sum(connected for _, connected in limits)
    assert found.per_day <= plan.daily_new_leads
    assert found.per_day <= able * (100 - (share or 0)) / 100
    assert found.per_day * plan.min_gap_minutes <= boxes * plan.window_minutes


def test_a_sunday_counts_like_any_other_day() -> None:
    plan = Plan("Europe/Berlin", (7,), "09:00", "17:00", 10, 50)
    way = pace.outlook(plan, 50, 120, datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert way is not None
    assert (way.sending_days, way.finish.isoformat()) == (3, "2026-12-06")


def test_the_mockups_campaign_is_through_on_the_eleventh_of_december() -> None:
    plan = Plan("Europe/Berlin", (1, 2, 3, 4, 5), "08:30", "17:00", 14, 160)
    supply = Supply([Sender(30, None, True)] * 10 + [Sender(30, None, False)] * 3, 2400, None, follow_ups_due=118)
    now = datetime(2026, 11, 20, 16, 48, tzinfo=UTC)
    limits = pace.limits(plan, supply)
    assert (limits.new_leads, limits.mailboxes, limits.slots) == (160, 182, 242)
    way = pace.outlook(plan, limits.per_day, 2400, now)
    assert way is not None
    assert (way.sending_days, way.finish.isoformat()) == (15, "2026-12-11")
    assert [left for _, left in way.mornings] == [2400, 1600, 800, 0]
    assert str(pace.next_send(plan, now)) == "2026-11-23 08:30:00+01:00"


def test_an_unknown_limit_of_one_mailbox_makes_the_sum_unknown() -> None:
    plan = Plan("UTC", (1,), "09:00", "17:00", 10, 500)
    found = pace.limits(plan, Supply([Sender(30, None, True), Sender(None, None, True)], None, None))
    assert (found.mailboxes, found.slots) == (None, 96)
    assert pace.limits(plan, Supply(None, None, None)).per_day == 500


@pytest.mark.parametrize(
    ("clock", "there"),
    [("2026-03-29T02:30", None), ("2026-10-25T02:30", "2026-10-25T00:30"), ("2026-07-01T09:00", "2026-07-01T07:00")],
)
def test_a_clock_becomes_a_moment_unless_its_zone_skips_it(clock: str, there: str | None) -> None:
    moment = as_moment(datetime.fromisoformat(clock), "Europe/Berlin")
    assert (f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M}" if moment else None) == there


def test_every_zone_that_is_offered_can_be_reckoned_with() -> None:
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    assert len(zone_names()) > 300
    for name in zone_names():
        assert pace.next_send(Plan(name, (1,), "09:00", "17:00", 10, 50), now) is not None
