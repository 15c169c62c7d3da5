"""Faults on demand: which calls go wrong, and how."""

import fnmatch
import itertools
import random
from dataclasses import dataclass, field
from typing import Any, Self

from .answers import HTML, Answer, in_json

KINDS = {
    "429": "429 with the documented body; retry_after (seconds, default 30; 0 leaves the header out)",
    "500": "a 500 in JSON",
    "502": "a 502 as the edge's HTML page",
    "503": "a 503 as the edge's HTML page",
    "html200": "200 with an HTML page where JSON belongs",
    "truncated": "the right answer cut in half, still valid HTTP",
    "empty": "200 without a body",
    "slow": "the right answer, seconds later (default 3)",
    "hang": "no answer until the caller gives up",
    "cut_before": "the connection breaks before the call is carried out",
    "cut_after": "the call is carried out, then the connection breaks: a lost answer",
    "cut_midway": "the call is carried out, the connection breaks in the middle of the answer",
    "revoked": "401, as for a revoked key",
    "refused": "400 with a reason, and the call is not carried out",
    "cloudflare": "403 of the edge with error code 1010, as HTML",
    "down": "connections break at once; with seconds: the port is closed for so long",
}

EDGE_PAGE = """<!DOCTYPE html>
<html><head><title>server.smartlead.ai | {title}</title></head>
<body><h1>{title}</h1><p>Cloudflare Ray ID: 9a1b2c3d4e5f6789</p></body></html>
"""


@dataclass(slots=True)
class Rule:
    """One kind of fault for the calls it matches: the next so many, or a share of them, or all."""

    id: int
    kind: str
    share: float = 1.0
    left: int | None = None
    skip: int = 0
    """How many of the calls that it matches it lets pass first."""
    path: str = "*"
    method: str | None = None
    key: str | None = None
    seconds: float | None = None
    retry_after: float | None = None
    carried_out: bool = False
    """For 5xx: whether the call takes effect although it fails."""
    hits: int = 0

    @classmethod
    def from_json(cls, number: int, data: dict[str, Any]) -> Self:
        kind = str(data.get("kind", ""))
        unknown = set(data) - {
            "kind", "share", "next", "skip", "path", "method", "key", "seconds", "retry_after", "carried_out",
        }  # fmt: skip
        if kind not in KINDS or unknown:
            raise ValueError(f"unknown fault: {kind!r} {sorted(unknown)}; kinds are {', '.join(KINDS)}")
        return cls(
            id=number,
            kind=kind,
            share=float(data.get("share", 1.0)),
            left=None if data.get("next") is None else int(data["next"]),
            skip=int(data.get("skip", 0)),
            path=str(data.get("path", "*")),
            method=data.get("method"),
            key=data.get("key"),
            seconds=data.get("seconds"),
            retry_after=data.get("retry_after"),
            carried_out=bool(data.get("carried_out", False)),
        )

    def matches(self, method: str, path: str, label: str | None, secret: str) -> bool:
        return (
            self.left != 0
            and self.method in (None, method)
            and self.key in (None, label, secret)
            and (self.path == "*" or fnmatch.fnmatchcase(path, self.path))
        )

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Faults:
    seed: int
    rules: list[Rule] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    _dice: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)

    def add(self, data: list[dict[str, Any]]) -> list[Rule]:
        added = [Rule.from_json(next(self._numbers), one) for one in data]
        self.rules.extend(added)
        return added

    def clear(self) -> None:
        self.rules.clear()
        self._dice.seed(self.seed)

    def for_call(self, method: str, path: str, label: str | None, secret: str) -> Rule | None:
        """The first rule that strikes this call."""
        for rule in self.rules:
            if not rule.matches(method, path, label, secret):
                continue
            if rule.skip > 0:
                rule.skip -= 1
                continue
            if rule.share < 1.0 and self._dice.random() >= rule.share:
                continue
            rule.hits += 1
            if rule.left is not None:
                rule.left -= 1
            return rule
        return None


def page(status: int, title: str) -> Answer:
    return Answer(status, EDGE_PAGE.format(title=title).encode(), HTML, {"Server": "cloudflare"})


def too_many(retry_after: float) -> Answer:
    """The body the provider documents for 429."""
    error = {
        "code": "RATE_LIMIT_EXCEEDED",
        "message": "Too many requests. Please slow down.",
        "retry_after": retry_after,
    }
    return in_json({"error": error}, 429)


def answer_instead(rule: Rule) -> Answer | None:
    """The answer that replaces the right one, for the kinds that have one."""
    match rule.kind:
        case "429":
            wait = 30 if rule.retry_after is None else rule.retry_after
            answer = too_many(wait)
            if wait:
                answer.headers["Retry-After"] = str(int(wait))
            return answer
        case "500":
            return in_json(
                {"statusCode": 500, "error": "Internal Server Error", "message": "Something went wrong"}, 500
            )
        case "502":
            return page(502, "502: Bad gateway")
        case "503":
            return page(503, "503: Service temporarily unavailable")
        case "html200":
            return page(200, "Just a moment...")
        case "empty":
            return Answer()
        case "revoked":
            return in_json({"message": "Invalid API Key"}, 401)
        case "refused":
            return in_json({"error": "This can't be done right now."}, 400)
        case "cloudflare":
            return page(403, "Access denied. Error code 1010: the owner has banned your access by browser signature")
    return None
