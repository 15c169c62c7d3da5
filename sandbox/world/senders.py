"""How a campaign's figures fall to its mailboxes: each figure goes round the mailboxes in turn, some more often."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from .days import ONE_DAY, chance
from .figures import sum_of
from .model import Campaign, Day
from .split import counted, in_turn

FIGURES = ("sent", "opened", "clicked", "replied", "positive", "bounced", "unsubscribed")


@lru_cache(4096)
def _turn(seed: int, boxes: tuple[int, ...], figure: str) -> tuple[int, ...]:
    """The mailboxes in an order in which some come more often: all send about alike, a few bounce a lot."""
    if figure == "bounced":
        weights = tuple(1 + int(9 * chance(seed, box, 8) ** 3) for box in boxes)
    else:
        weights = tuple(4 + int(2 * chance(seed, box, 7)) for box in boxes)
    return tuple(boxes[place] for place in in_turn(weights))


def by_mailbox(
    seed: int, campaign: Campaign, first: date, last: date, wanted: Sequence[str] = FIGURES
) -> dict[int, Day]:
    """The `wanted` figures of each mailbox in a range; the campaign must be settled."""
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    begin = date.min
    for until, boxes in [*((one.until, one.mailbox_ids) for one in campaign.past), (None, campaign.mailbox_ids)]:
        start, end = max(first, begin), last if until is None else min(last, until - ONE_DAY)
        begin = until or begin
        if not boxes or start > end:
            continue
        before = sum_of(campaign, date.min, start - ONE_DAY) if start > date.min else Day()
        inside = sum_of(campaign, start, end)
        for figure in wanted:
            sofar, more = getattr(before, figure), getattr(inside, figure)
            for box, times in counted(_turn(seed, tuple(boxes), figure), sofar, sofar + more).items() if more else ():
                sums[box][figure] = sums[box].get(figure, 0) + times
    found = {box: Day(**figures) for box, figures in sums.items()}
    _without_excess(found)
    return found


def _without_excess(found: dict[int, Day]) -> None:
    """No mailbox has more positive replies than replies: what is too many goes to one that has room."""
    for box, row in list(found.items()):
        excess = row.positive - row.replied
        if excess <= 0:
            continue
        found[box] = row._replace(positive=row.replied)
        for other in sorted(found):
            room = min(excess, found[other].replied - found[other].positive)
            if room > 0:
                found[other] = found[other]._replace(positive=found[other].positive + room)
                excess -= room
