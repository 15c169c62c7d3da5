"""What providers tell, in the form that our columns take."""

import hashlib
from typing import Any

MOST = 2_147_483_647  # what a PositiveIntegerField holds


def fingerprint(record: Any) -> str:
    """Equal for equal records: tells without reading the row whether anything in it changed."""
    return hashlib.blake2b(repr(record).encode(), digest_size=16).hexdigest()


def natural(number: int | None) -> int | None:
    """The number if it can be a count; None, which reads as not told, if it is negative or beyond all reason."""
    return number if number is not None and 0 <= number <= MOST else None
