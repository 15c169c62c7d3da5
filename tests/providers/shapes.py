"""Strategies for what Smartlead is documented to send: the same fact in any of its clothes."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

counts = st.integers(0, 10**9)
ids = st.integers(1, 10**13)
names = st.text(max_size=30)
moments = st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC))

NOTHING: list[Any] = [None, "", "None", "null"]


def dressed(number: int) -> st.SearchStrategy[Any]:
    """A count as a number, a float or text."""
    return st.sampled_from([number, float(number), str(number), f" {number} ", f"{number:,}"])


@st.composite
def maybe_counts(draw: st.DrawFn) -> tuple[int | None, Any]:
    """A count and how it is sent; None for one that is not told."""
    number = draw(st.none() | counts)
    return number, draw(st.sampled_from(NOTHING) if number is None else dressed(number))


@st.composite
def sent_moments(draw: st.DrawFn) -> tuple[datetime | None, Any]:
    moment = draw(st.none() | moments)
    if moment is None:
        return None, draw(st.sampled_from([None, "", "not a date"]))
    if draw(st.booleans()):
        moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        return moment, moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return moment, moment.isoformat(timespec="microseconds")


@st.composite
def objects(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is meant and what is sent, by key. Any key but `id` may be missing; unknown ones may be there."""
    meant, sent = {}, {}
    for name, strategy in fields.items():
        value, form = draw(strategy)
        if name == "id" or draw(st.booleans()):
            meant[name], sent[name] = value, form
    if draw(st.booleans()):
        sent["surprise"] = {"nested": [1, 2]}
    return meant, sent


def plainly(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    return strategy.map(lambda value: (value, value))


sent_ids = ids.flatmap(lambda number: st.tuples(st.just(number), st.sampled_from([number, str(number)])))

anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["34%", "20 Apr", "None", "ACTIVE"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=20,
)
