"""The mail that a demo has sent: it lies in a folder instead of leaving."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

from django.conf import settings
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

SEPARATOR = b"-" * 79  # what Django's file backend puts after each mail
LINK = re.compile(r"https?://[^\s<>&]+(?:&amp;[^\s<>&]+)*")  # in escaped text


KEEPS_MAIL_HERE = "django.core.mail.backends.filebased.EmailBackend"


def outbox_is_here() -> bool:
    """Only in a demo: links in the mail of a real installation are for those who get it."""
    return bool(settings.QUARTERDECK_DEMO) and settings.EMAIL_BACKEND == KEEPS_MAIL_HERE


@dataclass(frozen=True)
class SentMail:
    to: str
    subject: str
    sent_at: datetime | None
    text: str

    @property
    def with_links(self) -> SafeString:
        """The text, escaped, with its addresses as links."""
        linked = LINK.sub(lambda found: f'<a href="{found.group()}">{found.group()}</a>', escape(self.text))
        return mark_safe(linked)  # noqa: S308  escaped just before


def sent_mail(folder: Path, newest: int = 50) -> list[SentMail]:
    """The newest first. A folder that is not there yet holds none."""
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns, reverse=True)[:newest]
    return [mail for path in files for mail in reversed(_in_file(path))][:newest]


def _in_file(path: Path) -> list[SentMail]:
    return [_read(part) for part in path.read_bytes().split(SEPARATOR) if part.strip()]


def _read(raw: bytes) -> SentMail:
    mail = message_from_bytes(raw.strip(), policy=policy.default)
    body = mail.get_body(("plain",))
    date = mail["Date"]
    sent_at = date.datetime if date else None
    return SentMail(
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        # "-0000" is how mail says UTC.
        sent_at=sent_at.replace(tzinfo=sent_at.tzinfo or UTC) if sent_at else None,
        text=body.get_content().strip() if body else "",
    )
