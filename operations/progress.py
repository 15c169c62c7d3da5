"""How far a sync has come, step by step, in the words of its steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from operations.models import SyncRun
from operations.registry import sync_steps


@dataclass(frozen=True)
class StepProgress:
    """One step of a run. `state` is a status word of the interface: completed, pending (in work), draft (waiting), failed."""

    name: str
    label: str
    state: str
    word: str
    counts: str
    left: int = 0


def label_of(step: str) -> str:
    """What people call the step; the bare name for one that no room has registered any more."""
    return str(sync_steps[step].label) if step in sync_steps else step


def finished_steps(run: SyncRun) -> list[str]:
    """Names of the steps that are through, in the order in which they ended."""
    return [str(name) for name in run.cursor.get("done", [])]


def counts_in_words(counts: Mapping[str, Any]) -> str:
    """Reads "47 seen, 3 new": what is nothing is left out, unless all is nothing."""
    told = {name: value for name, value in counts.items() if value} or counts
    return ", ".join(f"{told[name]:,} {name.replace('_', ' ')}" for name in sorted(told, key=_place))


# Said in this order; PostgreSQL's JSON keeps none.
_FIRST = ("seen", "compared", "days", "totals", "campaigns", "sub_sequences", "new", "changed", "different", "back")


def _place(name: str) -> tuple[int, str]:
    return (_FIRST.index(name) if name in _FIRST else len(_FIRST), name)


def steps_of(run: SyncRun) -> list[StepProgress]:
    """Every step of the run, in running order."""
    done = finished_steps(run)
    return [_progress(run, name, done) for name in run.steps]


def _progress(run: SyncRun, name: str, done: Iterable[str]) -> StepProgress:
    counts = counts_in_words(run.counts.get(name, {}))
    label = label_of(name)
    if name in done:
        return StepProgress(name, label, "completed", "Done", counts)
    if run.cursor.get("step") == name:
        left = len(run.cursor.get("units", []))
        if run.is_running:
            return StepProgress(name, label, "pending", "In work", counts, left)
        return StepProgress(name, label, "failed", "Broken off", counts, left)
    return StepProgress(name, label, "draft", "Waiting" if run.is_running else "Not begun", counts)
