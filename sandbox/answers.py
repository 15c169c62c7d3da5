"""What a handler hands back: a finished HTTP answer, independent of the web server that sends it."""

import json
from dataclasses import dataclass, field
from typing import Any

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"


@dataclass(slots=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def in_json(payload: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())


def in_text(text: str, status: int = 200, content_type: str = TEXT) -> Answer:
    return Answer(status, text.encode(), content_type)


class Refused(Exception):
    """Ends a handler with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(payload: Any, status: int) -> Refused:
    return Refused(in_json(payload, status))
