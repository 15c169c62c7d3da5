"""The jobs whose panel stands above every page of the person who started them, until they are through."""

from typing import Any

IN_SESSION = "watched_jobs"
MOST = 3


def watch(session: Any, job_id: int) -> None:
    """From the next page on; of several jobs, the newest few."""
    others = [pk for pk in session.get(IN_SESSION, []) if pk != job_id]
    session[IN_SESSION] = [job_id, *others][:MOST]


def stop_watching(session: Any, job_id: int) -> None:
    others = [pk for pk in session.get(IN_SESSION, []) if pk != job_id]
    if len(others) != len(session.get(IN_SESSION, [])):
        session[IN_SESSION] = others
