"""Saving the sequence of a running campaign while something goes wrong: where, what, and which ends are allowed."""

from collections.abc import Mapping, Sequence
from typing import Any

from campaigns.models import SequenceSave
from campaigns.services.sequence_texts import from_json
from providers import readback
from tests.support.campaign_truth import differing, fields_here, fields_there, steps_there

STAGES = {"conflict check": 0, "pause": 2, "save": 6, "verify": 7, "resume": 10}
"""Which call of the campaign each stage is, counted from 0: two reads, pause, its read-back; two reads, save, its
read-back; two reads, start, its read-back."""

ACCIDENTS: dict[str, dict[str, Any]] = {
    "lost answer": {"kind": "cut_after", "next": 1},
    "lost call": {"kind": "cut_before", "next": 1},
    "refused": {"kind": "refused", "next": 1},
    "key revoked": {"kind": "revoked"},
    "provider down": {"kind": "down"},
}
LASTING = ("key revoked", "provider down")

Outcome = SequenceSave.Outcome


def rule(accident: str, stage: str, remote_id: int) -> dict[str, Any]:
    """The sandbox's fault for this cell; a lasting one hits every call of the campaign from that stage on."""
    return {"path": f"/campaigns/{remote_id}*", "skip": STAGES[stage]} | ACCIDENTS[accident]


def text_at(truth: Mapping[str, Any], save: SequenceSave) -> str:
    """Which text stands at the provider: old, new, or a mixture, which must never be."""
    steps = steps_there(truth)
    for name, texts in (("old", save.base), ("new", save.texts)):
        if not readback.steps(from_json(texts), steps):
            return name
    return "mixture"


def wrongs(save: SequenceSave, truth: Mapping[str, Any], saves_carried_out: int) -> Sequence[str]:
    """What is not as it must be at the end; empty: one of the allowed ends, and our copy says the same."""
    found = []
    text, status = text_at(truth, save), truth["status"]
    wanted = {
        Outcome.RUNNING_NEW.value: ("ACTIVE", {"new"}),
        Outcome.RUNNING_OLD.value: ("ACTIVE", {"old"}),
        Outcome.PAUSED.value: ("PAUSED", {"old", "new"}),
    }
    if not save.is_ended or save.outcome not in wanted:
        found.append(f"not one of the allowed ends: {save.stage} {save.outcome or 'none'}")
    elif status != wanted[save.outcome][0] or text not in wanted[save.outcome][1]:
        found.append(f"it says {save.outcome}, and the provider says {status} with the {text} text")
    if text == "mixture":
        found.append("a mixture of texts")
    if save.is_ended and not save.message:
        found.append("no sentence says why")
    if saves_carried_out > 1:
        found.append(f"saved {saves_carried_out} times")
    return [*found, *differing(fields_here(save.campaign), fields_there(truth))]
