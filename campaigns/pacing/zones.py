"""Time zones as people choose them: their names, what the clock says there, and the way from a clock to a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

LONE_NAMES = ("UTC",)


@dataclass(frozen=True)
class ZoneChoice:
    """One zone of the list, with its offset and its clock."""

    name: str
    offset: str
    clock: str


@lru_cache(maxsize=1)
def all_zones() -> frozenset[str]:
    """Every name that the tz database knows, old ones among them. Reading it touches a thousand files: once."""
    return frozenset(available_timezones())


@lru_cache(maxsize=1)
def zone_names() -> tuple[str, ...]:
    """The names that are offered: a region and a place."""
    regions = (
        "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific",
    )  # fmt: skip
    return (*LONE_NAMES, *sorted(name for name in all_zones() if name.partition("/")[0] in regions and "/" in name))


def is_zone(name: str) -> bool:
    return name in all_zones()


def zone_choices(now: datetime) -> list[ZoneChoice]:
    return [choice(name, now) for name in zone_names()]


def choice(name: str, now: datetime) -> ZoneChoice:
    local = now.astimezone(ZoneInfo(name))
    return ZoneChoice(name, offset_in_words(local), f"{local:%H:%M}")


def offset_in_words(local: datetime) -> str:
    """Reads "UTC+1" or "UTC−3:30"."""
    minutes = int((local.utcoffset() or timedelta()).total_seconds() // 60)
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02d}" if rest else "")


def city(name: str) -> str:
    """Reads "Berlin" for Europe/Berlin."""
    return name.rpartition("/")[2].replace("_", " ")


def as_moment(clock: datetime, name: str) -> datetime | None:
    """The moment at which the clocks of that zone read so; None where they skip it. Read twice, it is the first time."""
    moment = clock.replace(tzinfo=ZoneInfo(name))
    back = moment.astimezone(ZoneInfo("UTC")).astimezone(ZoneInfo(name))
    return moment if back.replace(tzinfo=None) == clock else None
