"""The query that account-wide statistics share, and their limits (smartlead-api 3.4)."""

from collections.abc import Collection, Mapping
from datetime import date

from providers.calls import NoLongerFits
from providers.smartlead.parsing import csv_ids

MAX_CAMPAIGN_IDS = 100
MAX_CLIENT_IDS = 50
MAX_RANGE_DAYS = 30
"""`analytics-by-date` refuses more (3.2.2). The limit of the account-wide calls is not documented: who asks for more
days there must be ready for a refusal or a shorter answer."""
MAX_SPAN_DAYS = 366
"""Day rows may come without their year (1.9): in a longer range it could not be told."""
ENDS_FIRST = "The range ends before it begins."


def days_in(start: date, end: date, *, most: int = MAX_RANGE_DAYS) -> int:
    """Days of a range with both ends; raises where it ends before it begins or is longer than the API answers for."""
    days = (end - start).days + 1
    if days < 1:
        raise ValueError(ENDS_FIRST)
    if days > most:
        raise NoLongerFits(f"{days} days; the provider answers for at most {most} at once.")
    return days


def span(
    start: date,
    end: date,
    *,
    time_zone: str,
    campaign_ids: Collection[int] | None = None,
    client_ids: Collection[int] | None = None,
    full_data: bool = False,
) -> Mapping[str, str]:
    """Dates, zone and filters. An empty collection of ids is refused: left out of the query it would mean all.

    Totals may be asked of any number of days, since their beginning too; what answers with day rows takes `span_of_days`.
    """
    if end < start:
        raise ValueError(ENDS_FIRST)
    query = {"start_date": start.isoformat(), "end_date": end.isoformat(), "timezone": time_zone}
    query |= filters(campaign_ids=campaign_ids, client_ids=client_ids)
    if full_data:
        query["full_data"] = "true"
    return query


def span_of_days(
    start: date,
    end: date,
    *,
    time_zone: str,
    campaign_ids: Collection[int] | None = None,
    client_ids: Collection[int] | None = None,
    full_data: bool = False,
) -> Mapping[str, str]:
    """As `span`, of at most so many days that the year of each can be told."""
    days_in(start, end, most=MAX_SPAN_DAYS)
    return span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids, full_data=full_data)


def filters(
    *, campaign_ids: Collection[int] | None = None, client_ids: Collection[int] | None = None
) -> dict[str, str]:
    query = {}
    for name, ids, most in (
        ("campaign_ids", campaign_ids, MAX_CAMPAIGN_IDS),
        ("client_ids", client_ids, MAX_CLIENT_IDS),
    ):
        if ids is None:
            continue
        if not ids:
            raise ValueError(f"No {name}: leave them out to ask for everything.")
        if len(ids) > most:
            raise NoLongerFits(f"{len(ids)} {name}; the provider takes at most {most} at once.")
        query[name] = csv_ids(ids)
    return query


def window(offset: int, limit: int) -> dict[str, str]:
    """Offset and limit of a list; both are text in the query."""
    if offset < 0 or limit < 1:
        raise ValueError("An offset is at least 0, a limit at least 1.")
    return {"offset": str(offset), "limit": str(limit)}
