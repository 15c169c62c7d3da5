"""Refuses settings that would hurt, when the product starts or `manage.py check` runs, each with a hint what to do."""

import base64
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from accounts.secrets import BadKeyRing, KeyRing

LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1", "testserver"}

Apps = Sequence[AppConfig] | None


def is_loopback(host: str | None) -> bool:
    return host is not None and (host in LOOPBACK or host.endswith(".localhost"))


@register(Tags.security)
def key_ring_opens(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """QUARTERDECK_KEYS can seal and open provider keys."""
    try:
        KeyRing.parse(settings.QUARTERDECK_KEYS)
    except BadKeyRing as error:
        return [
            Error(
                f"QUARTERDECK_KEYS cannot be used: {error}.",
                hint=(
                    "Give `id:base64` entries of 32 random bytes each, newest first: k1:$(openssl rand -base64 32). "
                    "Keep old entries until `manage.py rotate_keys` has run: stored provider keys cannot be opened without them."
                ),
                id="config.E001",
            )
        ]
    return []


@register(Tags.security)
def secret_key_is_long(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """SECRET_KEY is long enough to sign sessions, and not shared with the key ring."""
    problems: list[CheckMessage] = []
    if len(settings.SECRET_KEY) < 50:
        problems.append(
            Error(
                "SECRET_KEY is shorter than 50 characters.",
                hint="Generate one: openssl rand -base64 48",
                id="config.E002",
            )
        )
    ring_keys = [entry.partition(":")[2].strip() for entry in settings.QUARTERDECK_KEYS]
    if any(key and settings.SECRET_KEY in (key, base64.b64encode(key.encode()).decode()) for key in ring_keys):
        problems.append(
            Error(
                "SECRET_KEY is also a key of QUARTERDECK_KEYS.",
                hint="Use an independent random value for each.",
                id="config.E003",
            )
        )
    return problems


@register
def redis_url_is_usable(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """REDIS_URL has a form that broker, cache and lanes understand."""
    parts = urlsplit(settings.REDIS_URL)
    if parts.scheme in {"redis", "rediss"} and parts.hostname:
        return []
    return [
        Error(
            "REDIS_URL is not the address of a Redis server.",
            hint="It reads redis://:password@host:6379/0, or rediss:// with TLS. `make run` brings its own if unset.",
            id="config.E004",
        )
    ]


@register(Tags.security)
def provider_addresses_are_safe(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """Connections may only lead to https addresses; plain http is for the sandbox of the demo, on this machine."""
    problems: list[CheckMessage] = []
    for url in settings.QUARTERDECK_ALLOWED_BASE_URLS:
        parts = urlsplit(url)
        local = settings.PLAIN_HTTP and parts.scheme == "http" and is_loopback(parts.hostname)
        bare = parts.hostname and not (parts.username or parts.password or parts.query or parts.fragment)
        if not bare or not (local or parts.scheme == "https"):
            shown = url.partition("?")[0].rpartition("@")[2]
            problems.append(
                Error(
                    f"QUARTERDECK_ALLOWED_BASE_URLS contains {shown!r}, which is not a plain https address.",
                    hint="API keys travel in these requests: use https://host, without user name, query or fragment. "
                    "http:// works only towards this machine, in the demo or with QUARTERDECK_INSECURE_HTTP.",
                    id="config.E005",
                )
            )
    if not settings.QUARTERDECK_ALLOWED_BASE_URLS:
        problems.append(
            Warning(
                "QUARTERDECK_ALLOWED_BASE_URLS is empty: no connection can be made.",
                hint="Leave it unset for the providers' usual addresses.",
                id="config.W001",
            )
        )
    return problems


@register(Tags.security)
def plain_http_stays_on_this_machine(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """Without TLS, passwords and sessions are readable on the way: only loopback names may be served like that."""
    outside = sorted(host for host in settings.ALLOWED_HOSTS if not is_loopback(host))
    if not outside or not settings.PLAIN_HTTP:
        return []
    reasons = [name for name in ("DEBUG", "QUARTERDECK_DEMO", "QUARTERDECK_INSECURE_HTTP") if getattr(settings, name)]
    return [
        Error(
            f"{_listed(reasons)} means plain http, but ALLOWED_HOSTS names more than this machine: {_listed(outside)}.",
            hint=f"Unset {_listed(reasons)} and put a TLS proxy in front (QUARTERDECK_BEHIND_TLS_PROXY=1), "
            "or remove these hosts.",
            id="config.E006",
        )
    ]


@register
def sandbox_belongs_to_the_demo(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """The sandbox stands in for providers in the demo only."""
    if settings.QUARTERDECK_SANDBOX_URL and not settings.QUARTERDECK_DEMO:
        return [
            Warning(
                "QUARTERDECK_SANDBOX_URL is set without QUARTERDECK_DEMO and has no effect.",
                hint="Unset it, or set QUARTERDECK_DEMO=1 for the demo world.",
                id="config.W002",
            )
        ]
    return []


@register
def reporting_time_zone_exists(app_configs: Apps = None, **_: Any) -> list[CheckMessage]:
    """Days are cut in a time zone that this machine knows."""
    try:
        ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [
            Error(
                f"QUARTERDECK_REPORTING_TIME_ZONE is unknown: {settings.QUARTERDECK_REPORTING_TIME_ZONE!r}.",
                hint="Use a name of the IANA database, such as Europe/Berlin.",
                id="config.E007",
            )
        ]
    return []


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
