"""A provider at the end of `httpx.MockTransport`: it answers from a list, and keeps what it was asked."""

import json
from collections.abc import Callable
from typing import Any

import httpx

from providers.calls import Call, Exchange
from providers.client import AsyncClient, Client
from providers.secret import SecretText
from providers.smartlead import Smartlead

KEY = "canary-7f3a9b/51+d2=8e"
Reply = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


def json_reply(payload: Any, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, text=json.dumps(payload), headers={"content-type": "application/json", **headers})


def text_reply(text: str, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, text=text, headers={"content-type": "text/html; charset=utf-8", **headers})


class FakeWire:
    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.requests: list[httpx.Request] = []
        self.exchanges: list[Exchange] = []
        self.slept: list[float] = []
        self.smartlead = Smartlead()

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply if isinstance(reply, httpx.Response) else reply(request)

    def client(self, *, transport: httpx.BaseTransport | None = None, **options: Any) -> Client:
        return Client(
            self.smartlead,
            SecretText(KEY),
            transport=transport or httpx.MockTransport(self.answer),
            on_exchange=self.exchanges.append,
            sleep=self.slept.append,
            **options,
        )

    def async_client(self) -> AsyncClient:
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        return AsyncClient(
            self.smartlead,
            SecretText(KEY),
            transport=httpx.MockTransport(self.answer),
            on_exchange=self.exchanges.append,
            sleep=sleep,
        )

    def bodies(self) -> list[Any]:
        return [json.loads(request.content) if request.content else None for request in self.requests]

    def lines(self) -> list[str]:
        return [f"{request.method} {request.url.path.removeprefix('/api/v1')}" for request in self.requests]


def send(call: Call[Any], *replies: Reply) -> Any:
    return FakeWire(*replies).client().send(call)
