"""Merge tags: which variables a text uses, and which of them exist for every lead."""

import difflib
from collections.abc import Iterable

from campaigns.sequence_editor.copy_checks.findings import Finding, Fix, error, warning
from campaigns.sequence_editor.copy_checks.spintax import Tag, parse

STANDARD = (
    "first_name",
    "last_name",
    "email",
    "company_name",
    "phone_number",
    "website",
    "location",
    "linkedin_profile",
)
"""The fields that every lead has. Names are case-sensitive at the provider."""

# So near that somebody meant the standard one; "company_size" (0.75) is a variable of its own.
NEAR = 0.87


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


BY_PLAIN = {_plain(name): name for name in STANDARD}


def tags_in(texts: Iterable[str]) -> list[Tag]:
    """Every merge tag of these texts in order, each spelling once."""
    return list(dict.fromkeys(tag for text in texts for tag in parse(text).tags()))


def standard_meant(name: str) -> str:
    """The standard variable that a misspelt name stands for; "" where it is one itself or a name of its own."""
    if name in STANDARD:
        return ""
    if meant := BY_PLAIN.get(_plain(name)):
        return meant
    near = difflib.get_close_matches(_plain(name), BY_PLAIN, n=1, cutoff=NEAR)
    return BY_PLAIN[near[0]] if near else ""


def check_variables(texts: Iterable[str]) -> list[Finding]:
    found = []
    for tag in tags_in(texts):
        if not tag.name:
            found.append(
                error("A variable without a name", "It would send as a blank.", code=tag.raw, marks=(tag.raw,))
            )
        elif meant := standard_meant(tag.name):
            found.append(_misspelt(tag, meant))
        elif tag.name not in STANDARD:
            found.append(
                warning(
                    "Not a standard variable:",
                    "A custom field. Which of them your leads have is not known here: where a lead has none, it sends a blank.",
                    code=tag.name,
                    marks=(tag.raw,),
                )
            )
        elif tag.filtered:
            found.append(
                warning(
                    "A variable with a fallback", "Fallbacks can’t be checked here: send yourself a test.", code=tag.raw
                )
            )
    return found


def _misspelt(tag: Tag, meant: str) -> Finding:
    fixed = tag.raw.replace(tag.name, meant, 1) if tag.filtered else f"{{{{{meant}}}}}"
    same = _plain(tag.name) == _plain(meant)
    why = "Names are case-sensitive" if same and tag.name.lower() == meant else "No lead has a field of that name"
    return error(
        "Unknown variable",
        f"{why}, so it would send as a blank.",
        code=tag.name,
        marks=(tag.raw,),
        fix=Fix(f"Use {meant}", tag.raw, fixed),
    )
