"""One call as a handler sees it, and what every handler needs: finding a campaign, dates, page limits, timestamps."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..answers import Answer, refuse
from ..world.model import Account, Campaign, Key
from ..world.world import World
from .validation import invalid

LIVE, GUIDES = "live", "guides"


@dataclass(slots=True)
class Call:
    world: World
    key: Key
    method: str
    numbers: list[int]
    """The ids in the path, in order."""
    query: dict[str, str]
    raw_body: bytes
    dialect: str

    @property
    def account(self) -> Account:
        return self.world.accounts[self.key.account]

    @property
    def guides(self) -> bool:
        return self.dialect == GUIDES

    def body(self) -> Any:
        """The JSON of the body; what is not JSON is refused as Express does it."""
        if not self.raw_body:
            return {}
        try:
            return json.loads(self.raw_body)
        except ValueError as error:
            message = f"Unexpected token in JSON: {error}"
            raise refuse({"statusCode": 400, "error": "Bad Request", "message": message}, 400) from None

    def campaign(self) -> Campaign | None:
        """The campaign of the path, settled; None if there is none. Somebody else's is refused with 404."""
        found = self.world.campaigns.get(self.numbers[0])
        if found is None:
            return None
        if found.account != self.key.account or not self.key.sees(found.client_id):
            raise not_found()
        return self.world.settled(found)

    def known_campaign(self) -> Campaign:
        found = self.campaign()
        if found is None:
            raise not_found()
        return found

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() == "true"

    def integer(self, name: str, default: int | None, low: int = 0, high: int | None = None) -> int | None:
        text = self.query.get(name, "")
        if text == "":
            return default
        try:
            number = int(text)
        except ValueError:
            raise invalid(f'"{name}" must be a number', [name], "query") from None
        if number < low:
            raise invalid(f'"{name}" must be greater than or equal to {low}', [name], "query")
        if high is not None and number > high:
            raise invalid(f'"{name}" must be less than or equal to {high}', [name], "query")
        return number

    def number_list(self, name: str, most: int) -> list[int] | None:
        """A comma-separated list of ids; None where it was not given."""
        text = self.query.get(name, "").strip()
        if not text:
            return None
        try:
            numbers = [int(part) for part in text.split(",") if part.strip()]
        except ValueError:
            raise invalid(
                f'"{name}" with value "{text[:60]}" fails to match the required pattern', [name], "query"
            ) from None
        if len(numbers) > most:
            raise invalid(f'"{name}" must contain less than or equal to {most} items', [name], "query")
        return numbers

    def dates(self) -> tuple[date, date]:
        return self._date("start_date"), self._date("end_date")

    def _date(self, name: str) -> date:
        text = self.query.get(name, "")
        if not text:
            raise invalid(f'"{name}" is required', [name], "query")
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            raise invalid(f'"{name}" must be in YYYY-MM-DD format', [name], "query") from None

    def time_zone(self, name: str, required: bool = False) -> None:
        """Checks a time zone. Days are UTC whatever it says: the sandbox keeps no hours."""
        text = self.query.get(name, "")
        if not text and required:
            raise invalid(f'"{name}" is required', [name], "query")
        if text and not is_time_zone(text):
            raise refuse({"error": f"Invalid timezone - {text}"}, 400)


def is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True


def not_found() -> Exception:
    return refuse({"error": "Campaign not found - Invalid campaign_id."}, 404)


def nothing() -> Answer:
    """What live servers say about a campaign that does not exist: 200 without a body."""
    return Answer()


def stamp(moment: datetime, odd: bool = False) -> str:
    """A timestamp; both of the provider's formats occur, the longer one where `odd`."""
    if odd:
        return moment.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def percent(part: int, whole: int) -> str:
    return f"{part / whole * 100:.2f}%" if whole else "0.00%"
