"""Logging of every process: structlog's form, one line per event, secrets taken out on the way.

Redaction is a net under the code, not a licence: API keys live in Smartlead's URLs, and a library that logs or raises
a URL must not be able to leak one.
"""

import logging
import logging.config
import re
from collections.abc import Mapping
from typing import Any

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

REDACTED = "[redacted]"
# A key is secret if one of these words is in its name: `api_key`, `newPassword`, `csrftoken`, `Authorization`.
_NAME = r"[\w-]*(?:api[-_]?key|passw(?:or)?d|passphrase|secret|token|authorization|cookie|credential|ciphertext)[\w-]*"
_IS_SECRET = re.compile(_NAME, re.IGNORECASE)
_ASSIGNED = re.compile(rf"(?P<name>{_NAME})(?P<sign>\s*=\s*|%3D)(?P<quote>['\"]?)[^\s&'\",;)<>]+", re.IGNORECASE)
_QUOTED = re.compile(rf"(?P<name>['\"]{_NAME}['\"]\s*:\s*)b?(?P<quote>['\"]).*?(?<!\\)(?P=quote)", re.IGNORECASE)
_SCHEME = re.compile(r"\b(?P<scheme>Bearer|Basic)\s+[\w.~+/=-]{6,}", re.IGNORECASE)
_HEADER = re.compile(r"\b(?P<name>x-api-key|authorization|cookie|set-cookie):\s*[^\r\n]+", re.IGNORECASE)
# One-time links and webhook addresses carry their secret in the path.
_TOKEN_IN_PATH = re.compile(r"(?<=/)[\w:=-]{24,}(?=[/\s'\"]|$)")
LOGGERS_OF_PATHS = {"gunicorn.access", "django.request", "django.server", "django.security.csrf"}
_USERINFO = re.compile(r"(?P<scheme>\b[a-z][a-z0-9+.-]*://)[^\s/@'\"]*:[^\s/@'\"]*@", re.IGNORECASE)


def redact_text(text: str) -> str:
    """The text with the values of `api_key=…`, `"password": "…"`, `Bearer …` and `user:password@` taken out."""
    text = _ASSIGNED.sub(rf"\g<name>\g<sign>\g<quote>{REDACTED}", text)
    text = _QUOTED.sub(rf'\g<name>"{REDACTED}"', text)
    text = _HEADER.sub(rf"\g<name>: {REDACTED}", text)
    text = _SCHEME.sub(rf"\g<scheme> {REDACTED}", text)
    return _USERINFO.sub(rf"\g<scheme>{REDACTED}@", text)


def redact_value(value: Any) -> Any:
    """The value with every secret inside it taken out, however deep; what is not plain data becomes its text first."""
    if isinstance(value, str):
        return redact_text(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {key: REDACTED if _is_secret(key) and inner else redact_value(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact_value(inner) for inner in value]
    return redact_text(str(value))


def _is_secret(key: object) -> bool:
    return isinstance(key, str) and bool(_IS_SECRET.search(key))


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """A processor that lets nothing secret pass. Exceptions must be text by then (`format_exc_info` comes before)."""
    shown = {
        name: value if name.startswith("_") else redact_value({name: value})[name] for name, value in event.items()
    }
    if event.get("logger") in LOGGERS_OF_PATHS:
        return {
            name: _TOKEN_IN_PATH.sub(REDACTED, value) if isinstance(value, str) else value
            for name, value in shown.items()
        }
    return shown


class RefusalsInOneLine(logging.Filter):
    """Takes the traceback from requests that were refused (4xx): it tells where we refuse, not that anything is broken."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno < logging.ERROR:
            record.exc_info = record.exc_text = None
        return True


SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
]


def logging_config(*, as_json: bool, level: str = "INFO") -> dict[str, Any]:
    """`logging.config.dictConfig` for web, worker, beat and commands: everything to stderr, from libraries too."""
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "quarterdeck": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, redact, renderer],
            }
        },
        "filters": {"refusals_in_one_line": {"()": RefusalsInOneLine}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "quarterdeck"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # httpx logs whole URLs at INFO, and Smartlead's URLs carry the API key.
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            "aiohttp": {"level": "WARNING"},
            # One line per received and finished task would be half a million lines a day for the planner alone.
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "django": {"handlers": [], "propagate": True},
            "django.request": {"handlers": [], "propagate": True, "filters": ["refusals_in_one_line"]},
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            "gunicorn.access": {"handlers": [], "propagate": True, "level": "INFO"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: apply `config`, and let structlog's own loggers write through it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(config)
