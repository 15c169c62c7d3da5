"""The words of this room's own changes."""

from collections.abc import Callable

from operations.models import Job
from operations.registry import change_words, subject_pages
from operations.telling import ChangeWords, Values

change_words.add(
    "stop all writes", ChangeWords("The switch for all changes", "ban", lambda before, after: "All changes stopped")
)
change_words.add(
    "allow writes again",
    ChangeWords("The switch for all changes", "ban", lambda before, after: "Changes allowed again"),
)


def _says(text: str) -> Callable[[Values, Values], str]:
    return lambda before, after: text


JOB_NAMES: dict[str, str | None] = {"items": "Things to change", "cancelled": "Not begun"}
for action, icon, said in (
    ("start job", "player-play", "Job started"),
    ("cancel job", "x", "Job cancelled"),
    ("go on with job", "player-play", "Job gone on with after the first"),
):
    change_words.add(action, ChangeWords("Jobs", icon, _says(said), names=JOB_NAMES))
change_words.add(
    "export audit trail", ChangeWords("Exports", "external-link", lambda before, after: "Audit trail exported")
)
subject_pages.add(Job._meta.label, "operations:job")
