"""What Smartlead's answers mean: one extractor for its eight error shapes, and the error that each answer is
(smartlead-api 1.5).
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from providers.calls import Answer, Call
from providers.errors import (
    NO_ROUTE,
    AuthRejected,
    BlockedByEdge,
    Forbidden,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    UnexpectedResponse,
    UnknownOutcome,
)
from providers.sending import retry_after
from providers.smartlead.parsing import as_float, as_text, as_written, says_no
from providers.text import storable

LONGEST_MESSAGE = 300
_NO_ROUTE = re.compile(r"Cannot (GET|HEAD|POST|PUT|PATCH|DELETE) /")
_EDGE = re.compile(r"error[ _]?code\"?:? ?1010|cloudflare|attention required|just a moment", re.IGNORECASE)
_BAD_KEY = re.compile(r"^(invalid|missing|wrong) api[ _-]?key", re.IGNORECASE)
_NO_SUCH = re.compile(r"^invalid (campaign|lead|client|email account) ?id\W*$", re.IGNORECASE)
_JOI_FIELD = re.compile(r'^"([^"]{1,80})" ')
_EMPTY_WORDS = frozenset(
    {
        "",
        "internal server error",
        "internal error",
        "error",
        "something went wrong",
        "an error occurred",
        "unknown error",
    }
)
_PHRASES = frozenset(status.phrase.lower() for status in HTTPStatus)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What an error body says: words for a person, a code and a field where it tells them."""

    message: str = ""
    code: str = ""
    field: str = ""


def complaint_in(answer: Answer) -> Complaint:
    """The complaint of any of the eight shapes. Of a web page only its title is taken, of an unknown body the first
    300 characters.
    """
    payload = answer.json
    if answer.form == "html":
        title = re.search(
            r"<title[^>]*>(.*?)</title>|<pre[^>]*>(.*?)</pre>", answer.text[:20_000], re.IGNORECASE | re.DOTALL
        )
        return Complaint(_plain(next((text for text in title.groups() if text), "") if title else ""))
    if not isinstance(payload, dict):
        return Complaint(_plain(payload if isinstance(payload, str) else answer.text))
    error = payload.get("error")
    inner = error if isinstance(error, dict) else {}
    useless = "validation" in payload or (isinstance(error, str) and error.strip().lower() in _PHRASES)
    candidates = [payload.get("message")] if useless else []
    candidates += [
        error,
        inner.get("message"),
        payload.get("message"),
        payload.get("err"),
        inner.get("code"),
        answer.text,
    ]
    message = next(text for candidate in candidates if (text := _plain(candidate)) or candidate is answer.text)
    code = next(
        (text for key in (payload.get("errorCode"), inner.get("code"), payload.get("code")) if (text := as_text(key))),
        "",
    )
    field = _plain(payload.get("field") or inner.get("field"))
    if not field:
        field = _validated_field(payload.get("validation")) or (
            found[1] if (found := _JOI_FIELD.match(message)) else ""
        )
    return Complaint(message, code[:100], field[:100])


def _validated_field(validation: Any) -> str:
    if isinstance(validation, dict):
        for part in [*validation.values(), validation]:
            keys = part.get("keys") if isinstance(part, dict) else None
            if isinstance(keys, list) and keys:
                return as_text(keys[0])
    return ""


def _plain(value: Any) -> str:
    """One line of plain words, without markup or control characters."""
    if isinstance(value, list):
        value = "; ".join(text for item in value if (text := _plain(item)))
    text = re.sub(r"<[^>]*>", " ", as_written(value)[: 4 * LONGEST_MESSAGE])
    return storable(re.sub(r"[\s\x00-\x1f\x7f]+", " ", text).strip()[:LONGEST_MESSAGE])


def judge(call: Call[Any], answer: Answer) -> ProviderError | None:
    """The error an answer means for this call, None for a success (1.5, 1.6; recovery in `errors`)."""
    status = answer.status
    if status < 300:
        return _accepted(call, answer)
    said = complaint_in(answer)
    if status == 405 or (status == 404 and _NO_ROUTE.search(answer.text[:2_000])):
        return RequestRefused(
            f"The provider has no such call: {call.method} {call.path}.", status=status, code=NO_ROUTE
        )
    if status == 401 or (status < 500 and _BAD_KEY.match(said.message)):
        return AuthRejected(said.message or "The provider does not accept this key.", status=status, code=said.code)
    if status == 403:
        return _forbidden(answer, said)
    if status == 404:
        if answer.form == "html":
            return UnexpectedResponse(
                "The provider answered with a web page that says: not found.", status=status, code="html"
            )
        return NotFound(said.message or "The provider knows no such object.", status=status, code=said.code)
    if call.is_read and status in (400, 422, 500) and _NO_SUCH.match(said.message):
        # What does not exist may also be refused (3.2.2), or fail (1.5).
        return NotFound(said.message, status=status, code=said.code)
    if status == 429:
        return RateLimited(
            said.message or "The provider's limit was reached.", code=said.code, retry_after=_wait(answer)
        )
    if status >= 500 or status == 408:
        return _failed(call, answer, said)
    if status < 400:
        return UnexpectedResponse(
            "The provider sent us elsewhere, which we do not follow.", status=status, code="redirect"
        )
    return RequestRefused(
        said.message or "The provider refused this without a reason.", status=status, code=said.code, field=said.field
    )


def _accepted(call: Call[Any], answer: Answer) -> ProviderError | None:
    if says_no(answer.json):
        said = complaint_in(answer)
        if said.code in ("UNAUTHORIZED", "INVALID_API_KEY") or _BAD_KEY.match(said.message):
            return AuthRejected(said.message, status=answer.status, code=said.code)
        if said.code == "RATE_LIMIT_EXCEEDED":
            return RateLimited(said.message, code=said.code, retry_after=_wait(answer))
        message = said.message if not said.message.startswith("{") else ""
        reason = message or "The provider refused this without a reason."
        return RequestRefused(reason, status=answer.status, code=said.code, field=said.field)
    if answer.form == "html" or (answer.form == "broken" and "json" in call.accept):
        what = "a web page" if answer.form == "html" else "data that is cut off"
        return UnexpectedResponse(f"The provider answered with {what}.", status=answer.status, code=answer.form)
    return None


def _forbidden(answer: Answer, said: Complaint) -> ProviderError:
    edge = answer.form == "html" or _EDGE.search(answer.text[:20_000]) or "cf-mitigated" in answer.headers
    if edge or (answer.form == "text" and re.search(r"\b1010\b", answer.text[:2_000])):
        reason = "A firewall in front of the provider refused us."
        return BlockedByEdge(reason, status=answer.status, code="1010" if "1010" in answer.text else "")
    return Forbidden(said.message or "This key may not do that.", status=answer.status, code=said.code)


def _failed(call: Call[Any], answer: Answer, said: Complaint) -> ProviderError:
    """5xx. A 500 with a reason is how this API refuses some writes (START without a schedule); without one nothing is
    certain.
    """
    reason = (
        said.message
        if answer.form in ("json", "text") and said.message.rstrip(".!").lower() not in _EMPTY_WORDS
        else ""
    )
    if call.is_read:
        return ProviderUnavailable(
            reason or f"The provider fails by itself (HTTP {answer.status}).", status=answer.status, code=said.code
        )
    if answer.status == 500 and reason and not reason.startswith(("{", "[")):
        return RequestRefused(reason, status=answer.status, code=said.code, field=said.field)
    message = f"The provider failed on the way (HTTP {answer.status}). Whether the change was made is not known."
    return UnknownOutcome(message, status=answer.status, code=said.code)


def _wait(answer: Answer) -> float | None:
    """Seconds to wait after a 429: the header, else `retry_after` of the body (1.4)."""
    if (seconds := retry_after(answer, datetime.now(UTC))) is not None:
        return seconds
    payload = answer.json if isinstance(answer.json, dict) else {}
    inner = payload.get("error")
    value = inner.get("retry_after") if isinstance(inner, dict) else payload.get("retry_after")
    number = as_float(value)
    return number if number is not None and number >= 0 else None
