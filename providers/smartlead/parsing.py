"""Reading what Smartlead sends: lenient values, envelopes, and models that become neutral records (smartlead-api
1.6-1.9).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, TypeVar

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from providers.calls import Answer
from providers.errors import NotFound, UnexpectedResponse
from providers.text import storable

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")

NOTHING = frozenset({"", "none", "null", "undefined", "nan", "n/a", "-"})
_NUMBER = re.compile(r"^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$")


def as_float(value: Any) -> float | None:
    """A number in any of the API's clothes: 3, 3.0, "3", " 1,234 ", "34%", "None", "", null. None where there is none
    (1.9).
    """
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        text = value.strip().removesuffix("%").strip().replace(",", "")
        if text.lower() in NOTHING or len(text) > 40 or not _NUMBER.match(text):
            return None
        value = float(text)
    if not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_int(value: Any) -> int | None:
    """As `as_float`, rounded; whole numbers stay exact however large (ids exceed 2^53 nowhere, but strings of digits
    are read as such).
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        text = value.strip()
        if len(text) <= 40 and re.fullmatch(r"[+-]?[0-9]+", text):
            return int(text)
    number = as_float(value)
    return None if number is None else round(number)


def as_text(value: Any) -> str:
    """Text that can be stored, numbers as text, everything else ""."""
    return storable(as_written(value))


def as_written(value: Any) -> str:
    """As `as_text`, character by character as it came: for texts of emails, which are written back as they were."""
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def as_flag(value: Any) -> bool | None:
    """A JSON boolean, or "true"/"false", 1/0; None where it is neither."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(
            value.strip().lower()
        )
    if isinstance(value, int | float):
        return None if value not in (0, 1) else value == 1
    return None


def as_time(value: Any) -> datetime | None:
    """An aware moment in UTC from either ISO form, a plain date, or epoch seconds or milliseconds; None where it is
    none of these.
    """
    try:
        if isinstance(value, bool):
            return None
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000 if abs(value) > 1e11 else value, UTC)
        if not isinstance(value, str) or not value.strip():
            return None
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None


def as_texts(value: Any) -> tuple[str, ...] | None:
    """A list of words, or a single one, as older answers have it; None where nothing is told."""
    if isinstance(value, str):
        return (as_text(value),) if value.strip() else ()
    if isinstance(value, list | tuple):
        return tuple(as_text(item) for item in value if as_text(item))
    return None


def as_rows(value: Any) -> list[Any]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def as_object(value: Any) -> Any:
    return value if isinstance(value, dict) else None


Int = Annotated[int | None, BeforeValidator(as_int)]
Id = Annotated[int, BeforeValidator(as_int)]
Percent = Annotated[float | None, BeforeValidator(as_float)]
Text = Annotated[str, BeforeValidator(as_text)]
Verbatim = Annotated[str, BeforeValidator(as_written)]
Flag = Annotated[bool | None, BeforeValidator(as_flag)]
Time = Annotated[datetime | None, BeforeValidator(as_time)]
Texts = Annotated[tuple[str, ...] | None, BeforeValidator(as_texts)]


class Shape(BaseModel):
    """Base of what is read: unknown keys are passed over, and no error repeats the input, which may hold personal
    data.
    """

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, populate_by_name=True)


def either(*names: str) -> Any:
    """A field's alias: the first of these keys that is there."""
    return AliasChoices(*names)


def maybe(*names: str, default: Any = None) -> Any:
    """An optional field, read under the first of these keys that is there."""
    return Field(default=default, validation_alias=either(*names))


def needed(*names: str) -> Any:
    """A field that must be there, read under the first of these keys that is."""
    return Field(validation_alias=either(*names))


def read(model: type[M], payload: Any) -> M:
    """`payload` as `model`; raises UnexpectedResponse that names the fields, never their content."""
    problem = ""
    try:
        return model.model_validate(payload)
    except ValidationError as error:
        problem = ", ".join(
            sorted({".".join(map(str, item["loc"])) or "it" for item in error.errors(include_input=False)})
        )
    raise UnexpectedResponse(f"The provider's answer is not of the documented form ({problem}).", code="shape")


def payload_of(answer: Answer) -> Any:
    """The JSON of an answer that must be JSON. Nothing at all is None: what that means depends on what was asked
    for.
    """
    if answer.form in ("json", "empty"):
        return answer.json
    what = {"html": "a web page", "broken": "JSON that is cut off", "text": "plain text"}[answer.form]
    raise UnexpectedResponse(
        f"The provider answered with {what} instead of data.", status=answer.status, code=answer.form
    )


def object_in(answer: Answer, *keys: str, needs: str = "id") -> dict[str, Any]:
    """The object an answer is about, bare or under one of `keys` or `data`.

    Nothing, `{}` and an object without `needs` (if that names a key) mean that it does not exist (1.7): NotFound.
    """
    payload = payload_of(answer)
    for key in ("", *keys, "data") if needs else (*keys, "data", ""):
        found = payload if not key else payload.get(key) if isinstance(payload, dict) else None
        if isinstance(found, list) and len(found) == 1:
            found = found[0]
        if isinstance(found, dict) and (found.get(needs) is not None if needs else found):
            return found
    if payload is None or isinstance(payload, dict | list):
        raise NotFound("The provider knows no such object.", status=answer.status)
    raise UnexpectedResponse("The provider's answer is not of the documented form.", status=answer.status, code="shape")


def list_in(answer: Answer, *keys: str) -> list[dict[str, Any]]:
    """The rows of an answer: a bare array, or the first list under one of `keys` or `data`, where `data` may hold one
    of `keys` again.

    An answer without any list is UnexpectedResponse, not an empty list: whoever reconciles would take everything for
    gone.
    """
    payload = payload_of(answer)
    rows = _list_under(payload, (*keys, "data"))
    if rows is None:
        raise UnexpectedResponse("The provider's answer holds no list.", status=answer.status, code="shape")
    if not all(isinstance(row, dict) for row in rows):
        raise UnexpectedResponse(
            "The provider's list holds something that is no object.", status=answer.status, code="shape"
        )
    return rows


def _list_under(payload: Any, keys: tuple[str, ...]) -> list[Any] | None:
    if isinstance(payload, list):
        return payload
    if isinstance(payload, dict):
        for key in keys:
            if isinstance(payload.get(key), list):
                return payload[key]
        return _list_under(payload["data"], keys) if isinstance(payload.get("data"), dict) else None
    return None


def data_in(answer: Answer, key: str) -> Any:
    """What account-wide statistics hold under `key`, itself under `data` (3.4); None where the provider sends null
    there.
    """
    payload = payload_of(answer)
    for holder in (payload.get("data") if isinstance(payload, dict) else None, payload):
        if isinstance(holder, dict) and key in holder:
            return holder[key]
    raise UnexpectedResponse(f"The provider's answer holds no {key}.", status=answer.status, code="shape")


def rows_in(answer: Answer, key: str) -> list[dict[str, Any]]:
    """The rows of account-wide statistics under `key`; none where it is null."""
    value = data_in(answer, key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise UnexpectedResponse(f"The provider's {key} is no list of objects.", status=answer.status, code="shape")
    return value


def acknowledged(answer: Answer) -> None:
    """A write that was accepted: any JSON that does not say otherwise, the word `success`, or nothing at all (1.3,
    1.6).
    """
    if answer.form == "text" and answer.text.strip().strip('"').lower() not in ("success", "ok", "true"):
        raise UnexpectedResponse(
            "The provider answered a change in words we do not know.", status=answer.status, code="text"
        )
    if answer.form in ("html", "broken"):
        payload_of(answer)


def says_no(payload: Any) -> bool:
    """`ok: false` or `success: false`, which come with HTTP 200 too (1.6)."""
    return isinstance(payload, dict) and (payload.get("ok") is False or payload.get("success") is False)


def id_in(answer: Answer, *keys: str) -> int:
    """The id of what a write made, at any of the places where sources have seen it (7.1): `id`, `data.id`, or `keys`,
    dotted.
    """
    payload = payload_of(answer)
    for path in (*keys, "id", "data.id"):
        found = payload
        for part in path.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        number = as_int(found) if found is not None and not isinstance(found, bool) else None
        if number is not None:
            return number
    raise UnexpectedResponse("The provider does not tell the id of what it made.", status=answer.status, code="shape")


def each(rows: Iterable[dict[str, Any]], model: type[M], record: Callable[[M], R]) -> tuple[R, ...]:
    return tuple(record(read(model, row)) for row in rows)


_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_DAY_MONTH = re.compile(r"^(\d{1,2})(?:st|nd|rd|th)?[ \-/]+([A-Za-z]{3,9})\.?(?:[ \-/,]+(\d{4}))?$")
_MONTH_DAY = re.compile(r"^([A-Za-z]{3,9})\.?[ \-/]+(\d{1,2})(?:st|nd|rd|th)?(?:[ \-/,]+(\d{4}))?$")


def day_in(value: Any, start: date, end: date) -> date:
    """The day of a row: ISO, or "20 Apr" with the year from the requested range (1.9), which may span New Year.

    A day without a year that lies outside the range (the provider reckons in another time zone) is the nearest such
    day to it.
    """
    text = as_text(value).strip()
    if re.match(r"^\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            pass
    elif found := _DAY_MONTH.match(text) or _MONTH_DAY.match(text):
        first, second, year = found.groups()
        day, month = (first, second) if first.isdigit() else (second, first)
        number = _MONTHS.get(month[:3].lower())
        if number:
            years = [int(year)] if year else range(start.year - 1, end.year + 2)
            days = [candidate for one in years if (candidate := _day(one, number, int(day)))]
            if days:
                return min(days, key=lambda candidate: _distance(candidate, start, end))
    raise UnexpectedResponse("The provider's day row carries no date we can read.", code="shape")


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _distance(day: date, start: date, end: date) -> timedelta:
    return max(start - day, day - end, timedelta(0))


def csv_ids(ids: Iterable[int]) -> str:
    return ",".join(str(int(one)) for one in ids)


def flag(value: bool) -> str:
    """A boolean of the query (1.9)."""
    return "true" if value else "false"


def only(**values: str | None) -> Mapping[str, str]:
    """A query of the values that are there."""
    return {name: value for name, value in values.items() if value is not None}
