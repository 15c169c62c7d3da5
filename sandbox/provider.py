"""The provider side, `/smartlead/api/v1/…`: limits first, then faults, then the call itself."""

import asyncio
import time
import zlib
from dataclasses import dataclass, field
from email.utils import format_datetime

from aiohttp import web

from . import faults
from .answers import Answer, Refused, in_json, in_text
from .calllog import UNKNOWN_KEY
from .faults import Rule
from .limits import FREE, Verdict
from .smartlead import routes
from .smartlead.call import Call
from .state import Sandbox
from .world.model import Key

SMARTLEAD_BASE = "/smartlead/api/v1"
ONE_DAY_SECONDS = 86_400.0


@dataclass(slots=True)
class Arrival:
    """One received request with what was found out about it."""

    method: str
    full_path: str
    path: str
    query: dict[str, str]
    secret: str
    key: Key | None
    match: routes.Match | None
    category: str
    dialect: str
    body: bytes = b""
    at: float = field(default_factory=time.time)


@dataclass(slots=True)
class Outcome:
    """What becomes of a request. With `cut` the connection breaks "before", "after" or "midway" through the answer."""

    answer: Answer
    carried_out: bool = False
    violation: bool = False
    fault: str = ""
    wait: float = 0.0
    cut: str = ""


def express_404(method: str, path: str) -> Answer:
    """What Express says about a route it does not have."""
    return in_text(f"Cannot {method} {path.removeprefix('/smartlead')}", 404, "text/html; charset=utf-8")


def as_response(answer: Answer) -> web.Response:
    headers = {"Content-Type": answer.content_type, **answer.headers}
    return web.Response(status=answer.status, body=answer.body, headers=headers)


class Provider:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        arrival = self._look_at(request)
        # Counted before the body is read: it is the arrival that matters, whatever becomes of the call.
        verdict = FREE
        if arrival.key is not None:
            verdict = self._sandbox.limiter.arrive(arrival.key.label, arrival.category)
        if request.can_read_body:
            arrival.body = await request.read()
        outcome = self._decide(arrival, verdict)
        self._record(arrival, outcome)
        return await self._send(request, outcome)

    def _look_at(self, request: web.BaseRequest) -> Arrival:
        sandbox = self._sandbox
        query = dict(request.query)
        secret = query.pop("api_key", "")
        key = sandbox.world.keys.get(secret)
        dialect = (key.dialect if key else None) or sandbox.dialect
        path = request.path.removeprefix(SMARTLEAD_BASE)
        match = routes.find(routes.TABLES[dialect], request.method, path)
        category = match.route.category if match else routes.category_of(request.method, path)
        return Arrival(request.method, request.path, path, query, secret, key, match, category, dialect)

    def _decide(self, arrival: Arrival, verdict: Verdict) -> Outcome:
        sandbox, key = self._sandbox, arrival.key
        headers = sandbox.limiter.headers(verdict)
        if not verdict.allowed:
            answer = faults.too_many(round(max(0.001, verdict.retry_after), 3))
            answer.headers.update(headers)
            return Outcome(answer, violation=True)
        label = key.label if key else None
        rule = sandbox.faults.for_call(arrival.method, arrival.path, label, arrival.secret)
        outcome = self._carry_out(arrival) if rule is None else self._strike(rule, arrival)
        if headers:
            outcome.answer.headers.update(headers)
        return outcome

    def _carry_out(self, arrival: Arrival) -> Outcome:
        key, match = arrival.key, arrival.match
        if key is None or key.revoked:
            return Outcome(in_json({"message": "Invalid API Key"}, 401))
        if match is None:
            return Outcome(express_404(arrival.method, arrival.full_path))
        call = Call(
            self._sandbox.world, key, arrival.method, match.numbers, arrival.query, arrival.body, arrival.dialect
        )
        try:
            answer = match.route.handler(call)
        except Refused as refusal:
            answer = refusal.answer
        return Outcome(answer, carried_out=answer.status < 400)

    def _strike(self, rule: Rule, arrival: Arrival) -> Outcome:
        kind = rule.kind
        if kind in {"cut_before", "down"}:
            return Outcome(Answer(), fault=kind, cut="before")
        if kind == "hang":
            return Outcome(Answer(), fault=kind, wait=rule.seconds or ONE_DAY_SECONDS, cut="before")
        instead = faults.answer_instead(rule)
        if instead is not None:
            done = rule.carried_out and self._carry_out(arrival).carried_out
            return Outcome(instead, done, fault=kind)
        outcome = self._carry_out(arrival)
        outcome.fault = kind
        if kind == "slow":
            outcome.wait = rule.seconds or 3.0
        elif kind == "truncated":
            outcome.answer.body = outcome.answer.body[: len(outcome.answer.body) // 2]
        else:
            outcome.cut = kind.removeprefix("cut_")
        return outcome

    def _record(self, arrival: Arrival, outcome: Outcome) -> None:
        self._sandbox.log.add(
            at=arrival.at,
            key=arrival.key.label if arrival.key else UNKNOWN_KEY,
            method=arrival.method,
            path=arrival.path,
            query="&".join(f"{name}={value}" for name, value in arrival.query.items()),
            status=0 if outcome.cut else outcome.answer.status,
            body=arrival.body,
            category=arrival.category,
            route=arrival.match.route.name if arrival.match else "unknown route",
            carried_out=outcome.carried_out,
            violation=outcome.violation,
            fault=outcome.fault,
        )

    async def _send(self, request: web.BaseRequest, outcome: Outcome) -> web.StreamResponse:
        answer, wait = outcome.answer, outcome.wait
        low, high = self._sandbox.delay
        if high and not wait:
            wait = (
                low + (high - low) * (zlib.crc32(f"{request.path_qs}{self._sandbox.log.total}".encode()) % 1000) / 1000
            )
        if wait:
            await asyncio.sleep(wait)
        if outcome.cut == "midway":
            response = web.StreamResponse(status=answer.status, headers={"Content-Type": answer.content_type})
            response.content_length = len(answer.body) + 1
            await response.prepare(request)
            await response.write(answer.body[: len(answer.body) // 2])
            await asyncio.sleep(0.02)
        if outcome.cut:
            if request.transport is not None:
                request.transport.abort()
            # The server writes to a closed transport, which is a no-op.
            return web.Response()
        response = as_response(answer)
        response.headers["Date"] = format_datetime(self._sandbox.world.now(), usegmt=True)
        return response
