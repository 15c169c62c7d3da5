"""gate.lua as Python sees it: its text, its keys, and what its answers mean."""

import hashlib
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple, Self

from operations.lanes.rules import MICROSECONDS
from providers.errors import LaneBusy

SCRIPT = Path(__file__).with_name("gate.lua").read_text(encoding="utf-8")
SHA = hashlib.sha1(SCRIPT.encode(), usedforsecurity=False).hexdigest()

ASK_AGAIN = 0.25
"""Seconds between two attempts to reach a Redis that is away, while the caller's patience lasts."""


class GateUnavailable(LaneBusy):
    """Redis cannot be asked whether a call may leave. Nothing was sent: no call goes past the gate."""

    def __init__(self, wait: float = 2.0) -> None:
        super().__init__(wait)
        self.message = "The queue of this connection cannot be reached at the moment."
        self.args = (self.message,)


class Word(IntEnum):
    """What the gate says to a caller."""

    TOO_FAR = -1
    COME_BACK = 0
    GO = 1


class Found(IntEnum):
    """What the gate made of a 429."""

    NOTHING = 0
    WIDER_MARGIN = 1
    SECOND_USER = 2


class Answer(NamedTuple):
    """The gate's answer to `take`; durations in seconds."""

    word: Word
    ticket: str
    wait: float
    """Until the call leaves, if it may; else until its caller should come back."""
    next: float
    """Until it makes sense for the next caller of this kind to ask."""
    suspect: bool
    """The last call of this lane failed, so a good answer is news."""

    @classmethod
    def read(cls, raw: list[int | bytes | str]) -> Self:
        word, ticket, wait, following, fails = raw
        name = ticket.decode() if isinstance(ticket, bytes) else str(ticket)
        return cls(Word(int(word)), name, int(wait) / MICROSECONDS, int(following) / MICROSECONDS, int(fails) > 0)


def keys(lane: str, category: str) -> tuple[str, ...]:
    """The braces keep all keys of a lane on one node of a cluster."""
    gate = f"gate:{{{lane}}}"
    of_key = (gate, f"{gate}:queue", f"{gate}:log")
    return (*of_key, f"{gate}:log:{category}") if category else of_key


def micros(seconds: float) -> int:
    return max(0, round(seconds * MICROSECONDS))
