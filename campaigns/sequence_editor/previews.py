"""How a text reads for one lead: sample values in place of variables, one choice of each spintax.

A text that is typed waits in the cache for the frame that shows it: it is personal and unsaved, so it is in no address.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from django.core.cache import cache

from campaigns.sequence_editor.copy_checks.html_text import seen
from campaigns.sequence_editor.copy_checks.spintax import Choice, Part, Tag, parse

SAMPLES = {
    "first_name": "Katrin",
    "last_name": "Vogel",
    "email": "k.vogel@alpen-spedition.example",
    "company_name": "Alpen Spedition GmbH",
    "phone_number": "+43 512 000 111",
    "website": "alpen-spedition.example",
    "location": "Innsbruck",
    "linkedin_profile": "linkedin.com/in/katrin-vogel",
}
BLANK = "(blank)"
# Remote pictures would tell their server who looks, so the policy of the frame refuses them: they are not asked for.
_PICTURED = re.compile(r"<(?:img|source|table|td|th|body)\b(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"(\s)([^\s=>\"'/]+)(\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))")
_STYLE_URL = re.compile(r"url\((?!\s*[\"']?data:)[^)]*\)", re.IGNORECASE)
KEPT_SECONDS = 15 * 60

LOOK = (
    "body{font:14px/1.5 Arial,Helvetica,sans-serif;color:#1b1f24;background:#fff;margin:16px;overflow-wrap:anywhere}"
    "img{max-width:100%}img[data-src]{border:1px dashed #8a949e;min-width:48px;min-height:24px}"
    ".blank{color:#b3261e;background:#fdecea;border-radius:3px;padding:0 3px}"
    "pre{font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;white-space:pre-wrap;margin:0}"
)


@dataclass(frozen=True)
class Sample:
    """A variable of a text with the value that the preview shows for it."""

    name: str
    value: str


def samples_for(subject: str, body: str, typed: Mapping[str, str]) -> list[Sample]:
    """One for each variable that a text uses: the typed value, or ours for a standard field, or nothing."""
    names = [tag.name for text in (subject, body) for tag in parse(text).tags() if tag.name]
    return [Sample(name, typed.get(name, SAMPLES.get(name, ""))) for name in dict.fromkeys(names)]


def sample_address(values: Mapping[str, str]) -> str:
    return values.get("email") or SAMPLES["email"]


def filled_subject(subject: str, values: Mapping[str, str], version: int = 0) -> str:
    return _filled(parse(subject).parts, values, version, html=False)


def document(subject: str, body: str, values: Mapping[str, str], *, version: int = 0, plain: bool = False) -> str:
    """The HTML of the frame. Values are text; the body is shown as it is, to be read under a policy that runs nothing."""
    if plain:
        text = _filled(parse(seen(body).text).parts, values, version, html=False)
        inner = f"<pre>{escape(text)}</pre>"
    else:
        inner = _without_remote(_filled(parse(body).parts, values, version, html=True))
    title = escape(filled_subject(subject, values, version)) or "Email"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f'<base target="_blank"><style>{LOOK}</style></head><body>{inner}</body></html>'
    )


def _without_remote(html: str) -> str:
    return _STYLE_URL.sub("none", _PICTURED.sub(lambda tag: _ATTRIBUTE.sub(_put_aside, tag[0]), html))


def _put_aside(attribute: re.Match[str]) -> str:
    space, name, value = attribute.groups()
    remote = name.lower() in ("src", "srcset", "background") and not value.lstrip("\"' =\n\t").startswith("data:")
    return f"{space}data-{name}{value}" if remote else attribute[0]


def _filled(parts: tuple[Part, ...], values: Mapping[str, str], version: int, *, html: bool) -> str:
    written = []
    for part in parts:
        if isinstance(part, Tag):
            written.append(_value(values.get(part.name, ""), html=html))
        elif isinstance(part, Choice):
            written.append(_filled(part.options[version % len(part.options)], values, version, html=html))
        else:
            written.append(part)
    return "".join(written)


def _value(value: str, *, html: bool) -> str:
    if value:
        return escape(value) if html else value
    return f'<span class="blank">{BLANK}</span>' if html else BLANK


def store(user: Any, subject: str, body: str, values: Mapping[str, str]) -> str:
    """Put a text away for its frame; returns the word by which the same person gets it back for a quarter of an hour."""
    token = secrets.token_urlsafe(9)
    cache.set(_name(user, token), {"subject": subject, "body": body, "values": dict(values)}, KEPT_SECONDS)
    return token


def stored(user: Any, token: str) -> dict[str, Any] | None:
    found = cache.get(_name(user, token[:40])) if token else None
    return found if isinstance(found, dict) else None


def _name(user: Any, token: str) -> str:
    return f"sequence-preview-{user.pk}-{token}"
