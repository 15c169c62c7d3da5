"""How a campaign's days fall to its steps and variants: derived from the day rows on demand, never stored for all.

Each step's emails go to its variants in turn. What people did is shared out by how much each cell sent and by how well
its text works, with the fractions carried on, so that every sum over cells is exactly the figure of the day.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache, reduce
from math import gcd
from typing import NamedTuple

from . import figures
from .days import ONE_DAY, chance
from .model import NOTHING, Campaign, Day, Step


class Cell(NamedTuple):
    """A step, or one variant of it."""

    step_id: int | None
    number: int
    variant_id: int | None
    subject: str
    body: str


class Work(NamedTuple):
    """What one cell did. `openers` and `clickers` are emails that were opened or clicked at all."""

    sent: int = 0
    openers: int = 0
    opened: int = 0
    clickers: int = 0
    clicked: int = 0
    replied: int = 0
    positive: int = 0
    bounced: int = 0
    unsubscribed: int = 0

    def plus(self, other: "Work") -> "Work":
        return Work(*map(int.__add__, self, other))


class Layout(NamedTuple):
    cells: tuple[Cell, ...]
    turns: tuple[tuple[int, ...], ...]
    """For each step in order: the cells that its emails go to in turn."""


class Pot(NamedTuple):
    """What happened on one day to the emails of one day, by cell."""

    sent_on: date
    happened_on: date
    layout: Layout
    works: tuple[Work, ...]


def layout_of(steps: Sequence[Step]) -> Layout:
    cells: list[Cell] = []
    turns = []
    for step in sorted(steps, key=lambda one: one.number):
        variants = [one for one in step.variants if not one.deleted]
        first = len(cells)
        for one in variants:
            cells.append(Cell(step.id, step.number, one.id, one.subject, one.body))
        if not variants:
            cells.append(Cell(step.id, step.number, None, step.subject, step.body))
        weights = [1] * max(1, len(variants))
        if variants and step.distribution == "MANUAL_PERCENTAGE":
            shares = [one.percentage if isinstance(one.percentage, int) else 0 for one in variants]
            weights = shares if any(shares) else weights
        turns.append(tuple(first + place for place in in_turn(tuple(weights))))
    if not cells:
        return Layout((Cell(None, 1, None, "", ""),), ((0,),))
    return Layout(tuple(cells), tuple(turns))


@lru_cache(1024)
def in_turn(weights: tuple[int, ...]) -> tuple[int, ...]:
    """Places in an order that gives each its weight, well mixed: (3, 1) makes 0 0 1 0."""
    shared = reduce(gcd, weights) or 1
    total = sum(weights) // shared
    debts = [0] * len(weights)
    found = []
    for _ in range(total):
        debts = [debt + weight // shared for debt, weight in zip(debts, weights, strict=True)]
        place = max(range(len(debts)), key=debts.__getitem__)
        debts[place] -= total
        found.append(place)
    return tuple(found)


def counted(turn: Sequence[int], first: int, last: int) -> Counter[int]:
    """How many of the numbers from `first` up to but not including `last` fall to each place."""
    length = len(turn)
    whole, rest = divmod(last - first, length)
    found = Counter({place: times * whole for place, times in Counter(turn).items()}) if whole else Counter()
    start = first % length
    found.update(turn[start : start + rest])
    found.update(turn[: max(0, start + rest - length)])
    return found


def spread(total: int, weights: Sequence[float], room: Sequence[int], debts: list[float]) -> list[int]:
    """Shares `total` out by weight as far as there is room. `debts` carries the fractions to the next time."""
    given = [0] * len(weights)
    weight = sum(weights)
    if total <= 0 or weight <= 0:
        return given
    left = total
    for place, one in enumerate(weights):
        debts[place] += total * one / weight
    for place, debt in enumerate(debts):
        whole = min(int(debt), room[place], left)
        if whole > 0:
            given[place] = whole
            left -= whole
    while left:
        place = max(range(len(given)), key=lambda at: (room[at] > given[at], debts[at] - given[at]))
        if room[place] <= given[place]:
            break
        given[place] += 1
        left -= 1
    for place, number in enumerate(given):
        debts[place] -= number
    return given


@dataclass(slots=True)
class _Sharing:
    """Shares out the days of one layout, one after the other."""

    layout: Layout
    moods: list[float]
    """How well each cell's text works."""
    debts: dict[str, list[float]] = field(default_factory=dict)
    nothing: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.nothing = [0] * len(self.moods)

    def spread(self, figure: str, total: int, weights: Sequence[float], room: Sequence[int]) -> list[int]:
        if total <= 0:
            return self.nothing
        debts = self.debts.setdefault(figure, [0.0] * len(self.moods))
        return spread(total, weights, room, debts)


class Split:
    """One campaign's days by cell, for one revision of its figures."""

    def __init__(self, seed: int, campaign: Campaign) -> None:
        self.revision = campaign.revision
        self.pots: list[Pot] = []
        self._seed, self._campaign = seed, campaign
        self._sharings: dict[int, _Sharing] = {}
        self._done: list[int] = []
        self._opens = self._clicks = 0
        self._first_times = {"openers": 0, "clickers": 0}
        self._room: dict[date, tuple[_Sharing, list[Work]]] = {}
        for day in sorted(campaign.rows):
            self._add(day, campaign.rows[day])
        self._room.clear()

    def _sharing(self, day: date) -> _Sharing:
        steps = self._campaign.era(day).steps
        found = self._sharings.get(id(steps))
        if found is None:
            layout = layout_of(steps)
            moods = [0.6 + 0.8 * chance(self._seed, one.variant_id or one.step_id or 0) for one in layout.cells]
            found = self._sharings[id(steps)] = _Sharing(layout, moods)
        return found

    def _add(self, day: date, row: Day) -> None:
        before = figures.carried(self._campaign.rows, day)
        if before != NOTHING:
            sharing, sofar = self._room[day - ONE_DAY]
            self._pot(day - ONE_DAY, day, sharing, sofar, before)
            row = row._replace(
                opened=row.opened - before.opened,
                replied=row.replied - before.replied,
                positive=row.positive - before.positive,
            )
        sharing = self._sharing(day)
        sent = self._sent(sharing.layout, row)
        nothing = [Work()] * len(sent)
        works = self._pot(day, day, sharing, nothing, row, sent)
        self._room = {day: (sharing, works)}

    def _sent(self, layout: Layout, row: Day) -> list[int]:
        """Emails by cell; the steps behind the first get theirs by how many people wait for each."""
        steps = len(layout.turns)
        done = self._done = (self._done + [0] * steps)[:steps]
        by_step = [0] * steps
        by_step[0] = min(row.contacted, row.sent) if steps > 1 else row.sent
        rest = row.sent - by_step[0]
        waits = [max(0, done[place - 1] - done[place]) for place in range(1, steps)]
        debts = [0.0] * len(waits)
        for place, number in enumerate(spread(min(rest, sum(waits)), waits, waits, debts), start=1):
            by_step[place] = number
            rest -= number
        for place in range(1, steps):
            # More than are waiting: some get two on one day.
            more = min(rest, max(0, done[place - 1] + by_step[place - 1] - done[place] - by_step[place]))
            by_step[place] += more
            rest -= more
        by_step[-1] += rest
        cells = [0] * len(layout.cells)
        for place, number in enumerate(by_step):
            for cell, times in counted(layout.turns[place], done[place], done[place] + number).items():
                cells[cell] = times
            done[place] += number
        return cells

    def _pot(
        self,
        sent_on: date,
        happened_on: date,
        sharing: _Sharing,
        sofar: list[Work],
        row: Day,
        sent: list[int] | None = None,
    ) -> list[Work]:
        """Shares out a row, adds what it made to the pots, and gives what the cells of that day did so far."""
        there = sent or [one.sent for one in sofar]
        liked = [number * mood for number, mood in zip(there, sharing.moods, strict=True)]
        ended = [one.bounced + one.replied + one.unsubscribed for one in sofar]
        room = [number - one for number, one in zip(there, ended, strict=True)]
        bounced = sharing.spread("bounced", row.bounced, there, room)
        room = [one - gone for one, gone in zip(room, bounced, strict=True)]
        replied = sharing.spread("replied", row.replied, liked, room)
        positive = sharing.spread("positive", row.positive, liked, replied)
        room = [one - gone for one, gone in zip(room, replied, strict=True)]
        unsubscribed = sharing.spread("unsubscribed", row.unsubscribed, there, room)
        arrived = [number - one.bounced - gone for number, one, gone in zip(there, sofar, bounced, strict=True)]
        opens, clicks = self._opens + row.opened, self._clicks + row.clicked
        total = self._firsts("openers", figures.opened_emails(opens), row.opened)
        room = [number - one.openers for number, one in zip(arrived, sofar, strict=True)]
        openers = sharing.spread(
            "openers", total, [one + 2 * number for one, number in zip(liked, there, strict=True)], room
        )
        opened = self._repeated(sharing, "opened", row.opened, openers)
        total = self._firsts("clickers", figures.clicked_emails(clicks), row.clicked)
        room = [number - one.clickers for number, one in zip(arrived, sofar, strict=True)]
        clickers = sharing.spread("clickers", total, liked, room)
        clicked = self._repeated(sharing, "clicked", row.clicked, clickers)
        self._opens, self._clicks = opens, clicks
        mine = sent or [0] * len(there)
        works = tuple(
            map(
                Work._make,
                zip(mine, openers, opened, clickers, clicked, replied, positive, bounced, unsubscribed, strict=True),
            )
        )
        self.pots.append(Pot(sent_on, happened_on, sharing.layout, works))
        return [one.plus(work) for one, work in zip(sofar, works, strict=True)]

    def _firsts(self, figure: str, sofar: int, now: int) -> int:
        """For how many emails it is the first time; for one at least if it was done at all."""
        found = max(sofar - self._first_times[figure], 1) if now else 0
        self._first_times[figure] += found
        return found

    def _repeated(self, sharing: _Sharing, figure: str, total: int, first: list[int]) -> list[int]:
        """How often it was done in all, where `first` did it at least once."""
        again = total - sum(first)
        room = [again if number else 0 for number in first]
        more = sharing.spread(figure, again, first, room)
        return [number + extra for number, extra in zip(first, more, strict=True)]

    def works(self, first: date = date.min, last: date = date.max) -> dict[tuple[int | None, int | None], Work]:
        """Sums by step and variant of what happened in a range."""
        sums: dict[tuple[int | None, int | None], list[Work]] = {}
        for pot in self.pots:
            if first <= pot.happened_on <= last:
                for cell, work in zip(pot.layout.cells, pot.works, strict=True):
                    sums.setdefault((cell.step_id, cell.variant_id), []).append(work)
        return {at: added(works) for at, works in sums.items()}

    def by_number(self, first: date = date.min, last: date = date.max) -> dict[int, Work]:
        """Sums by the number of the step, whatever became of the step since."""
        sums: dict[int, list[Work]] = {}
        for pot in self.pots:
            if first <= pot.happened_on <= last:
                for cell, work in zip(pot.layout.cells, pot.works, strict=True):
                    sums.setdefault(cell.number, []).append(work)
        return {number: added(works) for number, works in sums.items()}


def added(works: Iterable[Work]) -> Work:
    return Work(*map(sum, zip(*works, strict=True)))
