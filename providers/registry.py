"""The providers by name: the only place that knows which there are."""

from collections.abc import Callable

from providers.ports import Facts, OnLearned, Provider
from providers.smartlead import Smartlead

_PROVIDERS: dict[str, Callable[[Facts, OnLearned | None], Provider]] = {"smartlead": Smartlead.for_connection}

PROVIDER_NAMES = tuple(_PROVIDERS)


def provider_named(name: str, *, facts: Facts | None = None, on_learned: OnLearned | None = None) -> Provider:
    """The provider of a connection. `facts` are those it has learned before; raises LookupError for a name that is
    none.
    """
    if name not in _PROVIDERS:
        raise LookupError(f"There is no provider named {name!r}.")
    return _PROVIDERS[name](facts or {}, on_learned)
