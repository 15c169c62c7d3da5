"""Text as providers send it, which is not always text that can be kept."""

import re

# PostgreSQL takes no NUL, and no database takes half of a surrogate pair, which is what a provider leaves of an emoji
# that it cuts in the middle.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """The text as it is, character by character; only characters that no database takes become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
