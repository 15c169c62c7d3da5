"""All checks of one text, in the order in which they are shown: errors first."""

from dataclasses import dataclass
from functools import lru_cache

from campaigns.sequence_editor.copy_checks.contents import check_contents, count_words, reading_seconds
from campaigns.sequence_editor.copy_checks.findings import Finding
from campaigns.sequence_editor.copy_checks.flagged_words import check_flagged_words
from campaigns.sequence_editor.copy_checks.html_text import seen
from campaigns.sequence_editor.copy_checks.links import check_links
from campaigns.sequence_editor.copy_checks.spintax import check_spintax
from campaigns.sequence_editor.copy_checks.variables import check_variables


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands, as far as the checks depend on it."""

    first_step: bool
    unsubscribe_elsewhere: bool = False
    """Whether the campaign adds a way to unsubscribe by itself."""


@dataclass(frozen=True, slots=True)
class Report:
    findings: tuple[Finding, ...]
    words: int
    links: int

    @property
    def errors(self) -> int:
        return sum(one.is_error for one in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def seconds(self) -> int:
        return reading_seconds(self.words)

    @property
    def fixes(self) -> list[Finding]:
        """The findings that can be settled by a replacement, in order."""
        return [one for one in self.findings if one.fix]

    @property
    def marks(self) -> dict[str, list[str]]:
        """What to highlight, by level."""
        found: dict[str, list[str]] = {"error": [], "warning": []}
        for one in self.findings:
            found[one.level] += one.marks
        return found

    @property
    def all_well(self) -> str:
        """What is in order, in a sentence: "86 words, under 125. 2 links in order."."""
        said = [f"{self.words} word{'' if self.words == 1 else 's'}"] if self.words else []
        if said and self.words <= 125:
            said[0] += ", under 125"
        if self.links:
            said.append(f"{self.links} link{'' if self.links == 1 else 's'} looked at")
        if not self.findings:
            said.append("Nothing to fix")
        return ". ".join(said) + "." if said else ""


MOST_REMEMBERED = 20_000


def check_text(subject: str, body: str, place: Place) -> Report:
    """Never raises, whatever the text is."""
    remembered = len(subject) + len(body) <= MOST_REMEMBERED
    return _remembered(subject, body, place) if remembered else _checked(subject, body, place)


# Of twenty texts on a page one is typed in: the others are asked about again with every pause.
@lru_cache(maxsize=1024)
def _remembered(subject: str, body: str, place: Place) -> Report:
    return _checked(subject, body, place)


def _checked(subject: str, body: str, place: Place) -> Report:
    body_seen = seen(body)
    texts = (subject, *body_seen.paragraphs, *(link.href for link in body_seen.links))
    findings = [
        *check_contents(
            subject, body_seen, first_step=place.first_step, unsubscribe_elsewhere=place.unsubscribe_elsewhere
        ),
        *check_variables(texts),
        *check_spintax(subject, body_seen.paragraphs),
        *check_flagged_words(subject, body_seen.text),
        *check_links(body_seen.links),
    ]
    ordered = sorted(findings, key=lambda one: not one.is_error)
    return Report(tuple(ordered), count_words(body_seen.text), len(body_seen.links))
