"""Whether there is a text at all, how long it is, and whether the reader can get away."""

import re

from campaigns.sequence_editor.copy_checks.findings import Finding, error, warning
from campaigns.sequence_editor.copy_checks.html_text import Seen
from campaigns.sequence_editor.copy_checks.spintax import parse, spin

MOST_WORDS = 125
WORDS_A_MINUTE = 200
_WORD = re.compile(r"\{\{[^{}]*\}\}|[^\W_]+(?:[-'’][^\W_]+)*")
_WAY_OUT = re.compile(
    r"unsubscrib|opt[\s-]?out|not interested\?|stop (?:these|the) emails|remove me|%unsubscribe", re.I
)


def count_words(text: str) -> int:
    """A merge tag is one word; of spintax the first choice counts."""
    return len(_WORD.findall(spin(parse(text).parts, 0)))


def reading_seconds(words: int) -> int:
    """In steps of five seconds, because nobody knows better."""
    return max(5, 5 * round(words * 60 / WORDS_A_MINUTE / 5)) if words else 0


def check_contents(subject: str, seen: Seen, *, first_step: bool, unsubscribe_elsewhere: bool) -> list[Finding]:
    found = []
    if first_step and not subject.strip():
        found.append(
            error("No subject", "The first email needs one. Later steps without a subject reply in its thread.")
        )
    if not seen.paragraphs and not seen.images:
        found.append(error("No body", "An empty email would be sent."))
        return found
    words = count_words(seen.text)
    if words > MOST_WORDS:
        found.append(warning(f"{words} words, aim for under {MOST_WORDS}", "Short emails are answered more often."))
    if first_step and not unsubscribe_elsewhere and not any(_WAY_OUT.search(one) for one in _with_links(seen)):
        found.append(warning("No way to unsubscribe", "Neither this text nor the campaign’s settings offer one."))
    return found


def _with_links(seen: Seen) -> tuple[str, ...]:
    return (*seen.paragraphs, *(link.href for link in seen.links))
