"""Every email of a campaign, one by one: made on demand from its split, so that rows add up to every counter.

Whoever replied, unsubscribed or bounced gets no further email, unless the day's figures need more people than are left.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count

from .days import chance, part_of_day
from .figures import negatives
from .model import Campaign
from .split import Cell, Pot, Split

FIRST_SECOND, LONGEST = 6 * 3600, 12 * 3600
"""The seconds of a day in which emails go out."""
POSITIVE = ("Interested", "Meeting Request", "Information Request")
NEGATIVE = ("Not Interested", "Do Not Contact", "Wrong Person")
NEUTRAL = "Out Of Office"


@dataclass(slots=True)
class Email:
    number: int
    lead: int
    """The place of the lead in the campaign."""
    cell: Cell
    sent_at: float
    """Unix time."""
    opened_at: float | None = None
    opens: int = 0
    clicked_at: float | None = None
    clicks: int = 0
    replied_at: float | None = None
    category: str | None = None
    bounced: bool = False
    unsubscribed: bool = False

    @property
    def last_event_at(self) -> float:
        return max(self.sent_at, self.opened_at or 0, self.clicked_at or 0, self.replied_at or 0)


@dataclass(slots=True)
class Record:
    """What one lead of a campaign got and did."""

    emails: list[Email] = field(default_factory=list)

    @property
    def category(self) -> str | None:
        return next((one.category for one in reversed(self.emails) if one.category), None)

    @property
    def bounced(self) -> bool:
        return any(one.bounced for one in self.emails)

    @property
    def stopped(self) -> bool:
        return any(one.replied_at or one.unsubscribed for one in self.emails)

    @property
    def unsubscribed(self) -> bool:
        return any(one.unsubscribed for one in self.emails)


class Emails:
    """All emails of a campaign in the order in which they were sent, for one revision of its figures."""

    def __init__(self, seed: int, campaign: Campaign, split: Split, now: datetime) -> None:
        self.revision = split.revision
        self.rows: list[Email] = []
        self.leads: dict[int, Record] = defaultdict(Record)
        self._seed, self._campaign, self._now = seed, campaign, now
        self._queues: dict[int, deque[int]] = defaultdict(deque)
        self._reserve: dict[int, deque[int]] = defaultdict(deque)
        self._done: dict[int, int] = defaultdict(int)
        self._ended: set[int] = set()
        self._fresh = count()
        self._positives = self._others = 0
        pots: dict[date, list[Pot]] = defaultdict(list)
        for pot in split.pots:
            pots[pot.sent_on].append(pot)
        for day in sorted(pots):
            self._day(day, pots[day])
        for number, one in enumerate(self.rows):
            one.number = number
            self.leads[one.lead].emails.append(one)

    def _window(self, day: date) -> tuple[float, float]:
        """When emails went out on a day, up to now at most."""
        part = part_of_day(self._now.hour) if day == self._now.date() else 1.0
        start = datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() + FIRST_SECOND
        return start, start + LONGEST * part

    def _day(self, day: date, pots: list[Pot]) -> None:
        layout = pots[0].layout
        own = next(pot for pot in pots if pot.happened_on == day)
        left = [work.sent for work in own.works]
        start, end = self._window(day)
        total = sum(left)
        members: list[list[Email]] = [[] for _ in layout.cells]
        recipients: list[list[int]] = []
        sofar = 0
        for place, turn in enumerate(layout.turns):
            step_total = sum(left[cell] for cell in set(turn))
            leads = self._recipients(place, step_total, recipients)
            recipients.append(leads)
            first = self._done[place]
            self._done[place] += step_total
            for position, lead in enumerate(leads):
                cell = turn[(first + position) % len(turn)]
                sofar += 1
                at = start + (sofar * 0.6180339887 % 1.0) * (end - start - 1) + (sofar % 997) / 1000 if total else start
                members[cell].append(Email(0, lead, layout.cells[cell], at))
        for pot in pots:
            self._happen(pot, members)
        for place, leads in enumerate(recipients):
            for lead in leads:
                (self._reserve if lead in self._ended else self._queues)[place + 1].append(lead)
        self.rows += sorted((one for each in members for one in each), key=lambda one: one.sent_at)

    def _recipients(self, place: int, wanted: int, today: list[list[int]]) -> list[int]:
        if place == 0:
            return [next(self._fresh) for _ in range(wanted)]
        queue, reserve = self._queues[place], self._reserve[place]
        found: list[int] = []
        while len(found) < wanted and queue:
            lead = queue.popleft()
            if lead in self._ended:
                reserve.append(lead)
            else:
                found.append(lead)
        while len(found) < wanted and reserve:
            found.append(reserve.popleft())
        # More emails than people who wait: somebody gets a second one today.
        again = today[place - 1] or [0]
        while len(found) < wanted:
            found.append(again[len(found) % len(again)])
        return found

    def _happen(self, pot: Pot, members: list[list[Email]]) -> None:
        start, end = self._window(pot.happened_on)
        same_day = pot.sent_on == pot.happened_on

        def moment(one: Email, salt: int) -> float:
            begin = one.sent_at if same_day else start
            return begin + (end - begin) * (0.05 + 0.9 * chance(self._seed, self._campaign.id, one.lead, salt))

        for place, (mine, work) in enumerate(zip(members, pot.works, strict=True)):
            if not mine:
                continue
            turn = int(chance(self._seed, self._campaign.id, pot.sent_on.toordinal(), place) * len(mine))
            order = mine[turn:] + mine[:turn]
            for one in self._end(order, work.bounced):
                one.bounced = True
            answered = self._end(order, work.replied)
            for at, one in enumerate(answered):
                one.replied_at = moment(one, 11)
                one.category = self._category(at < work.positive)
            for one in self._end(order, work.unsubscribed):
                one.unsubscribed = True
            keen = answered + order
            opened = _chosen(keen, work.openers, lambda one: not one.bounced and one.opened_at is None)
            for at, one in enumerate(opened):
                one.opened_at = min(moment(one, 12), one.replied_at or end)
                one.opens = _share(work.opened, len(opened), at)
            clicked = _chosen(opened + order, work.clickers, lambda one: not one.bounced and one.clicked_at is None)
            for at, one in enumerate(clicked):
                one.clicked_at = max(moment(one, 13), one.opened_at or 0)
                one.clicks = _share(work.clicked, len(clicked), at)

    def _end(self, order: Sequence[Email], wanted: int) -> list[Email]:
        """Emails that end their lead's way: of leads that have not ended yet, as far as there are any."""

        def untouched(one: Email) -> bool:
            return not (one.bounced or one.replied_at or one.unsubscribed)

        found: list[Email] = []
        for one in order:
            if len(found) == wanted:
                break
            if one.lead not in self._ended and untouched(one):
                found.append(one)
                self._ended.add(one.lead)
        if len(found) < wanted:
            known = {id(one) for one in found}
            found += _chosen(order, wanted - len(found), lambda one: id(one) not in known and untouched(one))
        return found

    def _category(self, positive: bool) -> str:
        if positive:
            self._positives += 1
            return POSITIVE[(self._positives - 1) % len(POSITIVE)]
        self._others += 1
        sofar = negatives(self._others)
        return NEGATIVE[(sofar - 1) % len(NEGATIVE)] if sofar > negatives(self._others - 1) else NEUTRAL


def _chosen(order: Sequence[Email], wanted: int, fits: Callable[[Email], bool]) -> list[Email]:
    found: dict[int, Email] = {}
    for one in order:
        if len(found) == wanted:
            break
        if fits(one):
            found[id(one)] = one
    return list(found.values())


def _share(total: int, among: int, place: int) -> int:
    return total // among + (place < total % among)


def as_time(moment: float) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(moment * 1000))
