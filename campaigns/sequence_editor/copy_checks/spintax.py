"""Spintax `{Hi|Hello}` and merge tags `{{first_name}}`: one parser for both, because they share their braces."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from campaigns.sequence_editor.copy_checks.findings import Finding, Fix, error, warning

_TOKEN = re.compile(r"(?P<tag>\{\{[^{}]*\}\})|(?P<liquid>\{%[^{}]*%\})|[{|}]")
_HALF_TAG = re.compile(r"\{\{\s*([\w.-]+)\s*\}(?!\})")


@dataclass(frozen=True, slots=True)
class Tag:
    """A merge tag as it is written; `name` is what stands between the braces, without a filter."""

    raw: str

    @property
    def name(self) -> str:
        return self.raw[2:-2].partition("|")[0].strip()

    @property
    def filtered(self) -> bool:
        return "|" in self.raw


@dataclass(frozen=True, slots=True)
class Choice:
    """Spintax: one of the options is sent."""

    options: tuple[tuple["Part", ...], ...]


Part = str | Tag | Choice


@dataclass(frozen=True, slots=True)
class Parsed:
    """`unclosed` are the openings that never end, from where they stand; `stray` counts ends without a beginning. Both
    are ordinary text in `parts`, so that writing the parts gives the text again.
    """

    parts: tuple[Part, ...]
    unclosed: tuple[str, ...] = ()
    stray: int = 0

    @property
    def is_sound(self) -> bool:
        return not self.unclosed and not self.stray

    def tags(self) -> list[Tag]:
        """Every merge tag, inside of spintax too, in order."""
        return list(_tags(self.parts))

    def choices(self) -> list[Choice]:
        return list(_choices(self.parts))


class _Group:
    def __init__(self, start: int) -> None:
        self.start = start
        self.options: list[list[Part]] = [[]]


def parse(text: str) -> Parsed:
    """Never raises; what is broken is reported and kept as text."""
    stack = [_Group(0)]
    stray = place = 0
    for found in _TOKEN.finditer(text):
        _add_text(stack[-1], text[place : found.start()])
        place = found.end()
        here = found[0]
        if found["tag"]:
            stack[-1].options[-1].append(Tag(here))
        elif here == "{":
            stack.append(_Group(found.start()))
        elif here == "|" and len(stack) > 1:
            stack[-1].options.append([])
        elif here == "}" and len(stack) > 1:
            group = stack.pop()
            stack[-1].options[-1].append(Choice(tuple(tuple(option) for option in group.options)))
        else:
            stray += here == "}"
            _add_text(stack[-1], here)
    _add_text(stack[-1], text[place:])
    unclosed = tuple(_opening(text, group.start) for group in stack[1:])
    while len(stack) > 1:
        _give_back(stack.pop(), stack[-1])
    return Parsed(tuple(stack[0].options[0]), unclosed, stray)


def _add_text(group: _Group, text: str) -> None:
    option = group.options[-1]
    if not text:
        return
    if option and isinstance(option[-1], str):
        option[-1] += text
    else:
        option.append(text)


def _give_back(group: _Group, to: _Group) -> None:
    """What an opening that never ends has gathered is text of what stands around it."""
    _add_text(to, "{")
    for number, option in enumerate(group.options):
        if number:
            _add_text(to, "|")
        for part in option:
            if isinstance(part, str):
                _add_text(to, part)
            else:
                to.options[-1].append(part)


def _opening(text: str, start: int) -> str:
    """As much of an opening as shows which it is: up to the first bar or a few words."""
    rest = text[start:].split("\n")[0]
    bar = rest.find("|")
    return rest[: bar + 1] if 0 <= bar < 40 else rest[:24].rstrip()


def write(parts: Sequence[Part]) -> str:
    """The text that the parts were read from."""
    return resolve(parts, lambda choice: "{" + "|".join(write(option) for option in choice.options) + "}")


def resolve(parts: Sequence[Part], choose: Callable[[Choice], str]) -> str:
    """The text with `choose` deciding what stands for each spintax; merge tags stay."""
    return "".join(
        part if isinstance(part, str) else part.raw if isinstance(part, Tag) else choose(part) for part in parts
    )


def spin(parts: Sequence[Part], version: int) -> str:
    """One version of the text: version 0 takes each first option, others walk through the rest."""
    return resolve(parts, lambda choice: spin(choice.options[version % len(choice.options)], version))


def _tags(parts: Sequence[Part]) -> list[Tag]:
    found: list[Tag] = []
    for part in parts:
        if isinstance(part, Tag):
            found.append(part)
        elif isinstance(part, Choice):
            for option in part.options:
                found += _tags(option)
    return found


def _choices(parts: Sequence[Part]) -> list[Choice]:
    found: list[Choice] = []
    for part in parts:
        if isinstance(part, Choice):
            found.append(part)
            for option in part.options:
                found += _choices(option)
    return found


def check_spintax(subject: str, paragraphs: Sequence[str]) -> list[Finding]:
    """Braces that do not match, and choices that are none."""
    found = _of(subject, "The subject")
    whole = parse("\n\n".join(paragraphs))
    for number, paragraph in enumerate(paragraphs, start=1):
        here = _of(paragraph, f"Paragraph {number}")
        if whole.is_sound and any(one.title in (UNCLOSED, STRAY) for one in here):
            # Braces match over the whole text: it may be meant, and the provider decides.
            crossing = warning(
                "Spintax runs over paragraphs", f"It begins or ends in paragraph {number}. See the preview."
            )
            return [*found, crossing]
        found += here
    return found


UNCLOSED = "Spintax isn’t closed"
STRAY = "Spintax isn’t opened"


def _of(text: str, where: str) -> list[Finding]:
    parsed = parse(text)
    if halves := list(_HALF_TAG.finditer(text)):
        return [
            error(
                "Variable isn’t closed",
                f"{where} has it with one brace at its end.",
                code=half[0],
                marks=(half[0],),
                fix=Fix(f"Use {{{{{half[1]}}}}}", half[0], f"{{{{{half[1]}}}}}"),
            )
            for half in halves
        ]
    found = [
        error(UNCLOSED, f"{where} opens it and never ends it with }}.", code=opening, marks=(opening,))
        for opening in parsed.unclosed
    ]
    if parsed.stray:
        found.append(error(STRAY, f"{where} has a }} without a {{ before it."))
    for choice in parsed.choices():
        if len(choice.options) == 1:
            found.append(_single(write(choice.options[0]), where))
        elif all(not write(option).strip() for option in choice.options):
            found.append(error("Spintax is empty", f"{where} has a choice between nothing and nothing."))
    return found


def _single(inner: str, where: str) -> Finding:
    raw = f"{{{inner}}}"
    if re.fullmatch(r"\s*[\w.-]+\s*", inner):
        name = f"{{{{{inner.strip()}}}}}"
        return error(
            "One brace instead of two",
            f"{where} would send it as it stands.",
            code=raw,
            marks=(raw,),
            fix=Fix(f"Use {name}", raw, name),
        )
    return error(
        "Spintax with one choice", f"{where}: separate choices with |, or leave the braces out.", code=raw[:40]
    )
