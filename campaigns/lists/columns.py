"""The columns of the campaign list: which can be chosen, which can be sorted by."""

from dataclasses import dataclass

from django.db.models import Expression, F, OrderBy
from django.db.models.functions import Lower


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    classes: str = ""
    sort: Expression | F | None = None
    first: str = "descending"  # the order of the first click
    choosable: bool = True
    quiet_head: bool = False  # the head is for screen readers only


COLUMNS = (
    Column("name", "Campaign", sort=Lower("name"), first="ascending", choosable=False),
    Column("client", "Client", "p2", sort=Lower("client__name"), first="ascending"),
    Column("status", "Status", choosable=False),
    Column("left", "Leads reached", "p2 p25", sort=F("numbers__leads_waiting"), first="ascending"),
    Column("sent", "Sent", "r p2", sort=F("numbers__recent_sent")),
    Column("reply", "Reply", "r", sort=F("numbers__recent_reply_rate")),
    Column("positive", "Positive", "r p2", sort=F("numbers__recent_positive")),
    Column("bounce", "Bounce", "r p2", sort=F("numbers__recent_bounce_rate")),
    Column("spark", "Sent per day", "p3", quiet_head=True),
)
BY_KEY = {column.key: column for column in COLUMNS}
CHOOSABLE = tuple(column.key for column in COLUMNS if column.choosable)
DEFAULT_SORT = "-sent"


def sort_or_default(wish: str) -> str:
    """`wish` ("sent", "-sent", …) if the list can be sorted so, else the default."""
    column = BY_KEY.get(wish.removeprefix("-"))
    return wish if column and column.sort is not None else DEFAULT_SORT


def ordering(sort: str) -> list[OrderBy | str]:
    """A total order: rows without the figure come last in both directions, equal rows by name and key."""
    column = BY_KEY[sort.removeprefix("-")]
    assert column.sort is not None
    by = column.sort.desc(nulls_last=True) if sort.startswith("-") else column.sort.asc(nulls_last=True)
    return [by, "name", "pk"]


def chosen_columns(wish: list[str]) -> tuple[str, ...]:
    """The choosable columns of a wish in their order; an empty wish means all of them."""
    if not wish:
        return CHOOSABLE
    return tuple(key for key in CHOOSABLE if key in wish)
