"""The sandbox's own doors, `/_truth`, `/_log`, `/_faults` and so on: what tests and people steer it by."""

import gc
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web

from . import changes, truth
from .answers import Answer, in_json, in_text
from .guide import GUIDE
from .smartlead.call import GUIDES, LIVE
from .state import Sandbox
from .world.model import Key
from .world.seed import fresh_agency

Query = dict[str, str]


class Steering:
    """Answers in plain JSON; what it does not understand is a 400 with an `error`."""

    def __init__(self, sandbox: Sandbox, close_port: Callable[[float], None]) -> None:
        self._sandbox = sandbox
        self._close_port = close_port
        self._doors: dict[tuple[str, str], Callable[[Query, Any], Any]] = {
            ("GET", "/_truth"): self.truth,
            ("GET", "/_log"): self.log,
            ("DELETE", "/_log"): self.clear_log,
            ("GET", "/_faults"): self.list_faults,
            ("POST", "/_faults"): self.add_faults,
            ("DELETE", "/_faults"): self.clear_faults,
            ("GET", "/_clock"): self.clock,
            ("POST", "/_clock"): self.advance,
            ("POST", "/_change"): self.change,
            ("GET", "/_keys"): self.list_keys,
            ("POST", "/_keys"): self.change_keys,
            ("GET", "/_limits"): self.limits,
            ("POST", "/_limits"): self.change_limits,
            ("GET", "/_dialect"): self.dialect,
            ("POST", "/_dialect"): self.change_dialect,
            ("POST", "/_reset"): self.reset,
        }

    async def handle(self, request: web.BaseRequest) -> Answer:
        if request.path == "/":
            return in_text(GUIDE)
        door = self._doors.get((request.method, request.path))
        if door is None:
            return in_json({"error": f"no {request.method} {request.path} here; see /"}, 404)
        try:
            raw = await request.read()
            return in_json(door(dict(request.query), json.loads(raw) if raw else {}))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return in_json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _key(self, secret_or_label: str) -> Key:
        found = self._sandbox.world.find_key(secret_or_label)
        if found is None:
            raise ValueError("no such key")
        return found

    def truth(self, query: Query, _body: Any) -> Any:
        key = self._key(query["key"]) if query.get("key") else None
        statistics = None
        if query.get("statistics") == "1":
            first, last = query.get("first"), query.get("last")
            statistics = (
                date.fromisoformat(first) if first else date.min,
                date.fromisoformat(last) if last else date.max,
            )
        return truth.as_json(self._sandbox.world, key, query.get("days") != "0", statistics)

    def log(self, query: Query, _body: Any) -> Any:
        log, violations = self._sandbox.log, self._sandbox.limiter.violations
        label = self._key(query["key"]).label if query.get("key") not in (None, "", "unknown") else query.get("key")
        calls = log.calls(
            int(query.get("after", 0)),
            int(query.get("limit", 1000)),
            label or None,
            query.get("path"),
            query.get("method"),
            writes=query.get("writes") == "1",
            carried_out=query.get("carried_out") == "1",
        )
        repeated = {"repeated_writes": log.repeated_writes()} if query.get("repeated") == "1" else {}
        return repeated | {
            "total": log.total,
            "dropped": log.dropped,
            "violations": violations.total(),
            "violations_by_key": dict(violations),
            "by_status": dict(log.by_status),
            "by_key": dict(log.by_key),
            "by_route": dict(log.by_route),
            "calls": calls,
        }

    def clear_log(self, _query: Query, _body: Any) -> Any:
        self._sandbox.log.clear()
        self._sandbox.limiter.violations.clear()
        return {"ok": True}

    def list_faults(self, _query: Query, _body: Any) -> Any:
        return {"rules": [rule.as_json() for rule in self._sandbox.faults.rules]}

    def add_faults(self, _query: Query, body: Any) -> Any:
        rules = body if isinstance(body, list) else body.get("rules", [body])
        closing = [rule for rule in rules if rule.get("kind") == "down" and rule.get("seconds")]
        added = self._sandbox.faults.add([rule for rule in rules if rule not in closing])
        for rule in closing:
            self._close_port(float(rule["seconds"]))
        return {"rules": [rule.as_json() for rule in added], "closing": len(closing)}

    def clear_faults(self, _query: Query, _body: Any) -> Any:
        self._sandbox.faults.clear()
        return {"ok": True}

    def clock(self, _query: Query, _body: Any) -> Any:
        clock = self._sandbox.world.clock
        now = clock.now()
        return {"now": now.isoformat(), "today": now.date().isoformat(), "moved_seconds": clock.moved.total_seconds()}

    def advance(self, query: Query, body: Any) -> Any:
        """By `days`, `hours`, `minutes` and `seconds`, or `to` a moment."""
        clock = self._sandbox.world.clock
        if "to" in body:
            clock.advance(datetime.fromisoformat(body["to"]) - clock.now())
        else:
            clock.advance(timedelta(**{unit: float(amount) for unit, amount in body.items()}))
        return self.clock(query, body)

    def change(self, _query: Query, body: Any) -> Any:
        todo = body if isinstance(body, list) else [body]
        return {"done": [changes.apply(self._sandbox.world, one) for one in todo]}

    def list_keys(self, _query: Query, _body: Any) -> Any:
        return {"keys": [self._as_key(key) for key in self._sandbox.world.keys.values()]}

    def _as_key(self, key: Key) -> dict[str, Any]:
        campaigns = self._sandbox.world.accounts[key.account].campaigns.values()
        return {
            "label": key.label,
            "key": key.secret,
            "account": key.account,
            "client_ids": None if key.client_ids is None else sorted(key.client_ids),
            "campaign_ids": sorted(one.id for one in campaigns if key.sees(one.client_id)),
            "revoked": key.revoked,
        }

    def change_keys(self, _query: Query, body: Any) -> Any:
        """`revoke`, `restore`, `add` one key, or make `agencies` fresh ones with `campaigns` each."""
        world = self._sandbox.world
        if "revoke" in body or "restore" in body:
            key = self._key(body.get("revoke") or body["restore"])
            key.revoked = "revoke" in body
            return {"keys": [self._as_key(key)]}
        if "add" in body:
            asked = body["add"]
            if asked.get("account", "halyard") not in world.accounts or world.find_key(asked["label"]):
                raise ValueError("no such account, or the label is taken")
            ids = asked.get("client_ids")
            secret = asked.get("key") or world.secret_for(asked["label"])
            scope = None if ids is None else frozenset(ids)
            added = world.add_key(Key(secret, asked["label"], asked.get("account", "halyard"), scope))
            return {"keys": [self._as_key(added)]}
        prefix = body.get("prefix", "bench")
        taken = sum(key.label.startswith(f"{prefix}-") for key in world.keys.values())
        made = [
            fresh_agency(
                world,
                f"{prefix}-{taken + place + 1:03d}",
                clients=int(body.get("clients", 3)),
                campaigns=int(body.get("campaigns", 30)),
                mailboxes=int(body.get("mailboxes", 6)),
                days=int(body.get("days", 30)),
                leads=int(body.get("leads", 5000)),
            )
            for place in range(int(body["agencies"]))
        ]
        gc.collect()
        gc.freeze()
        return {"keys": [self._as_key(key) for key in made]}

    def limits(self, _query: Query, _body: Any) -> Any:
        return self._sandbox.limiter.as_json() | {"delay": self._sandbox.delay}

    def change_limits(self, query: Query, body: Any) -> Any:
        if body.get("key"):
            body["key"] = self._key(body["key"]).label
        if "delay" in body:
            low, high = body["delay"]
            self._sandbox.delay = (float(low), float(high))
        self._sandbox.limiter.change(body)
        return self.limits(query, body)

    def dialect(self, _query: Query, _body: Any) -> Any:
        own = {key.label: key.dialect for key in self._sandbox.world.keys.values() if key.dialect}
        return {"dialect": self._sandbox.dialect, "own": own}

    def change_dialect(self, query: Query, body: Any) -> Any:
        """For everyone, or for one `key`; null gives the key back to the general one."""
        wanted = body["dialect"]
        if wanted not in (LIVE, GUIDES) and not (wanted is None and body.get("key")):
            raise ValueError(f"a dialect is {LIVE} or {GUIDES}")
        if body.get("key"):
            self._key(body["key"]).dialect = wanted
        else:
            self._sandbox.dialect = wanted
        return self.dialect(query, body)

    def reset(self, _query: Query, _body: Any) -> Any:
        self._sandbox.reset()
        return {"ok": True}
