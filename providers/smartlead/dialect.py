"""Which form of Smartlead's API a server speaks.

Live servers speak one form; the customer's guides describe another (smartlead-api 7). We begin with the live form,
fall back once to the guides' where a route or the shape of a body is refused, and remember per connection what was
understood.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import TypeVar

from providers.calls import Call
from providers.errors import NO_ROUTE, RequestRefused
from providers.ports import Facts

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dialect:
    """Every switch that is off means: as live servers are known to behave."""

    status_by_patch: bool = False
    """PATCH …/status with ACTIVE, instead of POST with START (7.1, status verb and values)."""
    settings_by_patch: bool = False
    """PATCH …/settings (7.1, settings verb)."""
    guide_track_settings: bool = False
    """`DONT_EMAIL_OPEN` in writes as in reads (7.1, `track_settings`)."""
    guide_stop_rule: bool = False
    """`CLICKED_LINK` and `OPENED_EMAIL` in writes (7.1, `stop_lead_settings`)."""
    guide_schedule: bool = False
    """`max_leads_per_day` for the daily new leads (7.1, schedule field names)."""
    bare_sequences: bool = False
    """A bare array of steps with `variants` and MANUALLY_EQUAL (7.1, sequences body, variants key)."""
    one_mailbox_per_call: bool = False
    """`email_account_id`, a number, instead of a list (7.1, attach and detach mailboxes)."""
    overview: bool = False
    """`/analytics/overview` instead of `/analytics/overall-stats-v2` (7.3, account overview)."""
    day_rows_by_date: bool = False
    """`analytics-by-date` answers with a row per day instead of totals of the range (7.3)."""
    sunday_is_seven: bool = False
    """Sunday is 7 in writes, not 0 (8, days of week)."""

    @classmethod
    def from_facts(cls, facts: Facts) -> "Dialect":
        """From what was stored with a connection; what is unknown here or no boolean is passed over."""
        return cls(**{one.name: facts[one.name] for one in fields(cls) if isinstance(facts.get(one.name), bool)})  # type: ignore[arg-type]

    def facts(self) -> Facts:
        """Only what differs from live servers, so that nothing is stored for these."""
        return {name: value for name, value in asdict(self).items() if value}


LIVE = Dialect()
GUIDES = Dialect(
    status_by_patch=True,
    settings_by_patch=True,
    guide_track_settings=True,
    guide_stop_rule=True,
    guide_schedule=True,
    bare_sequences=True,
    one_mailbox_per_call=True,
    overview=True,
    day_rows_by_date=True,
)

Learn = Callable[..., None]
"""Is told by keyword which switches of the dialect were found to be how: `learn(status_by_patch=True)`."""


def forget(**changes: bool) -> None:
    """Learns nothing."""


_SHAPE = re.compile(
    r'" is not allowed(?! to be empty)|" is required|must be of type|must be one of'
    r"|must be an? (array|object|number|string|boolean)|unsupported value"
    r"|invalid (track_settings|stop_lead_settings|status)|contains an invalid value|does not match any",
    re.IGNORECASE,
)


def is_other_form(refusal: RequestRefused) -> bool:
    """Whether a refusal is of the form of a request, not of what it asks for: an unknown route, or keys and types that
    do not fit.
    """
    if refusal.code == NO_ROUTE:
        return True
    return refusal.status in (400, 406, 415, 422) and _SHAPE.search(refusal.message) is not None


def in_forms(
    build: Callable[[Dialect], Call[T]], dialect: Dialect, learn: Learn, **switches: Callable[[RequestRefused], bool]
) -> Call[T]:
    """The call in the form that the dialect says; on a refusal of the form, once with the switch turned that it points at.

    `switches` gives, by the name of a switch of the dialect, whether a refusal points at it. Each is turned at most
    once; those that were turned when the call is accepted are learned.
    """
    return _form(build, dialect, dialect, learn, switches)


def _form(
    build: Callable[[Dialect], Call[T]],
    known: Dialect,
    tried: Dialect,
    learn: Learn,
    switches: Mapping[str, Callable[[RequestRefused], bool]],
) -> Call[T]:
    turned = {name: value for name, value in asdict(tried).items() if value != getattr(known, name)}

    def remember(result: T) -> T:
        learn(**turned)
        return result

    def other(refusal: RequestRefused) -> Call[T] | None:
        for name, applies in switches.items():
            if applies(refusal):
                rest = {key: value for key, value in switches.items() if key != name}
                return _form(build, known, replace(tried, **{name: not getattr(tried, name)}), learn, rest)
        return None

    call = build(tried)
    return replace(call.then(remember) if turned else call, otherwise=other)


def is_no_route(refusal: RequestRefused) -> bool:
    return refusal.code == NO_ROUTE
