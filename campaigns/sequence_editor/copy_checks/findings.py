"""What a check has to say about a text."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """An error stops saving, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fix:
    """A replacement that would settle the matter, wherever `find` stands in subject and body."""

    label: str
    find: str
    replace: str

    def apply(self, text: str) -> str:
        return text.replace(self.find, self.replace)


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is what the title is about, shown as written; `marks` are pieces of the text to be highlighted."""

    level: Level
    title: str
    text: str = ""
    code: str = ""
    marks: tuple[str, ...] = ()
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        return self.level is Level.ERROR


def error(
    title: str, text: str = "", *, code: str = "", marks: tuple[str, ...] = (), fix: Fix | None = None
) -> Finding:
    return Finding(Level.ERROR, title, text, code, marks, fix)


def warning(
    title: str, text: str = "", *, code: str = "", marks: tuple[str, ...] = (), fix: Fix | None = None
) -> Finding:
    return Finding(Level.WARNING, title, text, code, marks, fix)
