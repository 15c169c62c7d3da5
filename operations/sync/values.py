"""What providers tell, in the form that our columns take."""

import hashlib
import re
from typing import Any

MOST = 2_147_483_647  # what a PositiveIntegerField holds

# PostgreSQL takes no NUL, and no database takes half of a surrogate pair, which is what a provider leaves of an emoji
# that it cuts in the middle.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def fingerprint(record: Any) -> str:
    """Equal for equal records: tells without reading the row whether anything in it changed."""
    return hashlib.blake2b(repr(record).encode(), digest_size=16).hexdigest()


def storable(text: str) -> str:
    """The text as it is, character by character; only characters that no database takes become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def natural(number: int | None) -> int | None:
    """The number if it can be a count; None, which reads as not told, if it is negative or beyond all reason."""
    return number if number is not None and 0 <= number <= MOST else None
