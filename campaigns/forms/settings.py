"""The settings of a campaign, as they are typed: those that are told, those that never are, and whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from campaigns.facts import STOP_RULES
from campaigns.services.settings import CLIENT, UNTOLD

LEAVE = ""
AGENCY = "agency"
LONGEST_TEXT = 500
MOST_DIGITS = 19
LEAST_PERCENT = Decimal("0.01")
SWITCHES = ("track_opens", "track_clicks", "plain_text", "esp_matching")
WRITABLE_RULES = ("reply", "click", "open")

LABELS = {
    "track_opens": "Track opens",
    "track_clicks": "Track clicks",
    "stop_rule": "A lead’s sequence ends when",
    "plain_text": "Send as plain text",
    "unsubscribe_text": "Unsubscribe text",
    "follow_up_percentage": "Share for follow-ups",
    "esp_matching": "Match email providers",
    CLIENT: "Client",
    "bounce_pause_threshold": "Pause when bounces reach",
    "counts_as_reply": "Out-of-office answers count as replies",
    "reactivate": "Take leads up again after out of office",
    "reactivate_after_days": "Take them up after",
    "categorise": "Sort out-of-office answers by themselves",
    "pause_domain_on_reply": "Pause a company’s other leads when one replies",
    "domain_rate_limit": "Limit emails per company",
    "unsubscribe_header": "Add a List-Unsubscribe header",
}


def show(name: str, value: Any) -> str:
    """A setting in words. A client is its number at the provider here: the page that knows the names says those."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "stop_rule":
        return STOP_RULES.get(str(value), "another rule").lower()
    if name in {"follow_up_percentage", "bounce_pause_threshold"} and value is not None:
        return f"{value}%"
    if name == "reactivate_after_days" and value is not None:
        return f"{value} days"
    if name == "unsubscribe_text":
        return f"“{value}”" if value else "none"
    return "" if value is None else str(value)


@dataclass(frozen=True)
class Item:
    """One setting as the page draws it. `kind` is switch, select, text or number; `was` in words, `raw` as typed."""

    name: str
    label: str
    kind: str
    value: str
    was: str
    raw: str
    changed: bool
    hint: str = ""
    unit: str = ""
    error: str = ""
    choices: Sequence[tuple[str, str]] = ()

    @property
    def described_by(self) -> str:
        parts = (f"{self.name}-hint" if self.hint else "", f"{self.name}-error" if self.error else "")
        return " ".join(filter(None, parts))


def as_typed(state: Mapping[str, Any]) -> dict[str, str]:
    """Settings as the fields of a page have them; those that are never told are left as they are."""
    typed = {name: _text(state.get(name)) for name in LABELS}
    if CLIENT in state and state[CLIENT] is None:
        typed[CLIENT] = AGENCY
    return typed


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "" if value is None else str(value)


def typed_in(data: QueryDict, opened: Mapping[str, Any]) -> dict[str, str]:
    """What a request carries. A switch that is off is not in it, and neither is a field that was not shown."""
    typed = as_typed(opened)
    for name in LABELS:
        if name in data:
            typed[name] = str(data[name])
        elif name in SWITCHES and opened.get(name) is not None and f"{name}-shown" in data:
            typed[name] = "off"
    return typed


class SettingsForm:
    """Typed settings, checked. `changes()` are those that differ from `opened`; what is left alone is never sent."""

    def __init__(
        self, typed: Mapping[str, str], *, opened: Mapping[str, Any], owners: Sequence[int | None], provider: str
    ) -> None:
        self.typed, self.opened, self.owners, self.provider = dict(typed), opened, owners, provider
        self.errors: dict[str, str] = {}
        self._values: dict[str, Any] = {}
        for name in LABELS:
            self._take(name)
        later, days = self._values.get("reactivate"), self._values.get("reactivate_after_days")
        if days is not None and later is not True:
            self.errors["reactivate_after_days"] = (
                "Days count only where leads are taken up again: choose that as well."
            )

    def _take(self, name: str) -> None:
        text = self.typed[name]
        if text == as_typed(self.opened)[name]:
            return
        try:
            self._values[name] = self._clean(name, text)
        except ValidationError as problem:
            self.errors[name] = " ".join(problem.messages)

    def _clean(self, name: str, text: str) -> Any:
        text = text.strip()
        match name:
            case "stop_rule":
                return self._one_of(text, WRITABLE_RULES, "Choose one of the rules.")
            case "unsubscribe_text":
                return forms.CharField(required=False, max_length=LONGEST_TEXT).clean(text)
            case "follow_up_percentage":
                return self._number(text, 0, 100, "Type a share between 0 and 100.")
            case "reactivate_after_days":
                return self._number(text, 0, 365, "Type a number of days, 0 to 365.")
            case "bounce_pause_threshold":
                return _percent(text)
            case "client_id":
                return self._owner(text)
            case _:
                return self._one_of(text, ("on", "off"), "Choose on or off.") == "on"

    def _one_of(self, text: str, allowed: Sequence[str], otherwise: str) -> str:
        if text not in allowed:
            raise ValidationError(otherwise)
        return text

    def _number(self, text: str, low: int, high: int, otherwise: str) -> int:
        number = _whole(text)
        if number is None or not low <= number <= high:
            raise ValidationError(otherwise)
        return number

    def _owner(self, text: str) -> int | None:
        number = _whole(text)
        if (number is None and text != AGENCY) or number not in self.owners:
            raise ValidationError("You can’t give this campaign to that client.")
        return number

    @property
    def is_valid(self) -> bool:
        return not self.errors

    def changes(self) -> dict[str, Any]:
        return dict(self._values)


def _whole(text: str) -> int | None:
    """A whole number; None for everything else, and for more digits than anybody means."""
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else None


def _percent(text: str) -> str:
    """A percentage as the provider takes it, as text: "3" or "2.5"."""
    try:
        share = Decimal(text.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        raise ValidationError("Type a percentage such as 3 or 2.5.") from None
    if not share.is_finite() or not LEAST_PERCENT <= share <= 100:
        raise ValidationError("Type a percentage above 0, up to 100.")
    return f"{share.quantize(LEAST_PERCENT).normalize():f}"


def choices_of(name: str, opened: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The options of a select."""
    if name == "stop_rule":
        known = [(rule, STOP_RULES[rule]) for rule in WRITABLE_RULES]
        held = _text(opened.get(name))
        other = STOP_RULES.get(held, "Another rule, not known here")
        return known if held in WRITABLE_RULES else [(held, f"{other} (leave as it is)"), *known]
    return [(LEAVE, "Leave as it is"), ("on", "On"), ("off", "Off")]


def kind_of(name: str, opened: Mapping[str, Any]) -> str:
    if name in {"unsubscribe_text"}:
        return "text"
    if name in {"follow_up_percentage", "reactivate_after_days", "bounce_pause_threshold"}:
        return "number"
    if name in SWITCHES and opened.get(name) is not None:
        return "switch"
    return "select"


def items(
    names: Sequence[str], form: SettingsForm, hints: Mapping[str, str], units: Mapping[str, str], *, tried: bool
) -> list[Item]:
    """These settings, ready to be drawn; errors only where somebody tried to save."""
    was = as_typed(form.opened)
    return [
        Item(
            name,
            LABELS[name],
            kind_of(name, form.opened),
            form.typed[name],
            "not told" if name in UNTOLD else show(name, form.opened.get(name)) or "not told",
            was[name],
            form.typed[name] != was[name],
            hints.get(name, ""),
            units.get(name, ""),
            form.errors.get(name, "") if tried else "",
            choices_of(name, form.opened),
        )
        for name in names
    ]
