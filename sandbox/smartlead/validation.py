"""Bodies are validated strictly, in the words of Joi: a missing, wrong or unknown key is a 400 that names it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..answers import Refused, refuse


@dataclass(frozen=True, slots=True)
class Field:
    fits: Callable[[Any], bool]
    otherwise: str
    required: bool = False
    null: bool = False


def invalid(message: str, keys: list[str], source: str = "body") -> Refused:
    validation = {"source": source, "keys": keys}
    return refuse({"statusCode": 400, "error": "Bad Request", "message": message, "validation": validation}, 400)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def text(*, required: bool = False, null: bool = False) -> Field:
    return Field(lambda value: isinstance(value, str), "must be a string", required, null)


def integer(low: int | None = None, high: int | None = None, *, required: bool = False, null: bool = False) -> Field:
    def fits(value: Any) -> bool:
        return _is_integer(value) and (low is None or value >= low) and (high is None or value <= high)

    bounds = "must be a number" if low is None else f"must be greater than or equal to {low}"
    return Field(fits, bounds if high is None else f"must be between {low} and {high}", required, null)


def flag(*, required: bool = False) -> Field:
    return Field(lambda value: isinstance(value, bool), "must be a boolean", required)


def array(*, required: bool = False) -> Field:
    return Field(lambda value: isinstance(value, list), "must be an array", required)


def integers(*, required: bool = False) -> Field:
    return Field(
        lambda value: isinstance(value, list) and all(map(_is_integer, value)), "must be an array of numbers", required
    )


def mapping(*, required: bool = False) -> Field:
    return Field(lambda value: isinstance(value, dict), "must be of type object", required)


def one_of(*choices: str, required: bool = False) -> Field:
    return Field(lambda value: value in choices, f"must be one of [{', '.join(choices)}]", required)


def anything() -> Field:
    return Field(lambda _value: True, "", null=True)


def check(value: Any, fields: dict[str, Field], where: str = "") -> dict[str, Any]:
    """The value if it has exactly these fields; the first thing wrong with it otherwise."""
    if not isinstance(value, dict):
        raise invalid(f'"{where or "value"}" must be of type object', [where or "value"])
    prefix = f"{where}." if where else ""
    for name, field in fields.items():
        if name not in value:
            if field.required:
                raise invalid(f'"{prefix}{name}" is required', [prefix + name])
        elif value[name] is None and field.null:
            continue
        elif value[name] is None or not field.fits(value[name]):
            raise invalid(f'"{prefix}{name}" {field.otherwise}', [prefix + name])
    for name in value:
        if name not in fields:
            raise invalid(f'"{prefix}{name}" is not allowed', [prefix + name])
    return value
