"""Text that must not be seen: it says what it is only to code that asks for it by name."""

import hmac
from typing import NoReturn


class SecretText:
    """A key or password. `reveal()` gives it; printing, formatting, comparing by eye and pickling do not."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself. Every call of this is a place to look at when a key has leaked."""
        return self._text

    @property
    def last_four(self) -> str:
        """The end of it, by which a person tells keys apart; "" for one too short to show any of it."""
        return self._text[-4:] if len(self._text) >= 12 else ""

    def __repr__(self) -> str:
        return "SecretText(…)"

    def __str__(self) -> str:
        return "…"

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SecretText):
            return NotImplemented
        return hmac.compare_digest(self._text.encode(), other._text.encode())

    __hash__ = None  # type: ignore[assignment]  # as a key of a dict or set it would be compared in the open

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not pickled: pass the id of what holds it.")
