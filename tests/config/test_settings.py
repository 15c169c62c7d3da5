"""Which settings are refused, and what the strict ones answer with."""

import os
import subprocess
import sys

import pytest
from django.core.checks import run_checks

from config import checks
from config.environment import ROOT

KEY = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
PRODUCTION = {
    "QUARTERDECK_ENV_FILE": os.devnull,
    "SECRET_KEY": "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGH",
    "QUARTERDECK_KEYS": f"k1:{KEY}",
    "ALLOWED_HOSTS": "deck.example.com",
    "DATABASE_URL": "postgres://deck@db.example.com/deck",
    "REDIS_URL": "rediss://:x@redis.example.com:6379/0",
}


def manage(*words: str, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """A command in the environment of a real installation, changed here and there."""
    wished = {name: value for name, value in (PRODUCTION | changes).items() if value is not None}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "QUARTERDECK_DATA_DIR": os.environ["QUARTERDECK_DATA_DIR"], **wished},
        capture_output=True,
        text=True,
    )


def found(check, settings, **values) -> list[str]:
    for name, value in values.items():
        setattr(settings, name, value)
    messages = check()
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_the_settings_of_a_real_installation_pass_every_check():
    result = manage("check", "--deploy", "--fail-level", "WARNING")
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize("name", ["SECRET_KEY", "QUARTERDECK_KEYS"])
def test_nothing_starts_without_a_secret(name):
    result = manage("check", **{name: None})
    assert result.returncode != 0
    assert name in result.stderr


def test_the_demo_is_refused_for_hosts_outside_this_machine():
    result = manage("check", QUARTERDECK_DEMO="1")
    assert result.returncode != 0
    assert "config.E006" in result.stderr
    assert "deck.example.com" in result.stderr


def test_a_database_that_is_not_supported_is_refused():
    assert "sqlite:// or postgres://" in manage("check", DATABASE_URL="mysql://deck@db/deck").stderr


@pytest.mark.parametrize(
    "ring",
    [[], ["k1"], ["k1:not base64"], ["k1:c2hvcnQ="], [f"k1:{KEY}", f"k1:{KEY}"]],
    ids=lambda ring: f"{len(ring)}-{ring}",
)
def test_a_key_ring_that_cannot_seal_is_refused(settings, ring):
    assert found(checks.key_ring_opens, settings, QUARTERDECK_KEYS=ring) == ["config.E001"]


def test_the_message_about_a_bad_key_ring_does_not_show_it(settings):
    settings.QUARTERDECK_KEYS = ["k1:a-secret-that-is-no-key"]
    assert "a-secret" not in str(checks.key_ring_opens())


@pytest.mark.parametrize(
    ("key", "ids"), [("short", ["config.E002"]), ("x" * 64, []), (KEY, ["config.E002", "config.E003"])]
)
def test_the_secret_key_is_long_and_its_own(settings, key, ids):
    assert found(checks.secret_key_is_long, settings, SECRET_KEY=key, QUARTERDECK_KEYS=[f"k1:{KEY}"]) == ids


@pytest.mark.parametrize("url", ["", "localhost:6379", "http://localhost", "redis://"])
def test_an_address_that_is_no_redis_is_refused(settings, url):
    assert found(checks.redis_url_is_usable, settings, REDIS_URL=url) == ["config.E004"]


@pytest.mark.parametrize(
    ("url", "plain_http", "ids"),
    [
        ("https://server.smartlead.ai", False, []),
        ("https://server.smartlead.ai/api/v1", False, []),
        ("http://127.0.0.1:9000", True, []),
        ("http://127.0.0.1:9000", False, ["config.E005"]),
        ("http://server.smartlead.ai", True, ["config.E005"]),
        ("https://user:secret@server.example", False, ["config.E005"]),
        ("https://server.example?key=secret", False, ["config.E005"]),
        ("ftp://server.example", True, ["config.E005"]),
        ("server.example", True, ["config.E005"]),
    ],
)
def test_provider_addresses_are_https_outside_the_demo(settings, url, plain_http, ids):
    assert (
        found(checks.provider_addresses_are_safe, settings, QUARTERDECK_ALLOWED_BASE_URLS=[url], PLAIN_HTTP=plain_http)
        == ids
    )
    assert "secret" not in str(checks.provider_addresses_are_safe())


def test_an_empty_allow_list_is_mentioned(settings):
    assert found(checks.provider_addresses_are_safe, settings, QUARTERDECK_ALLOWED_BASE_URLS=[]) == ["config.W001"]


@pytest.mark.parametrize("host", ["deck.example.com", "*", ".example.com", "192.168.1.5"])
def test_plain_http_is_refused_for_other_hosts(settings, host):
    values = {"ALLOWED_HOSTS": ["localhost", host], "QUARTERDECK_INSECURE_HTTP": True}
    assert found(checks.plain_http_stays_on_this_machine, settings, PLAIN_HTTP=True, **values) == ["config.E006"]
    assert found(checks.plain_http_stays_on_this_machine, settings, PLAIN_HTTP=False, **values) == []


def test_an_unknown_time_zone_is_refused(settings):
    assert found(checks.reporting_time_zone_exists, settings, QUARTERDECK_REPORTING_TIME_ZONE="Mars/Olympus") == [
        "config.E007"
    ]


def test_a_sandbox_without_the_demo_is_mentioned(settings):
    values = {"QUARTERDECK_SANDBOX_URL": "http://127.0.0.1:9", "QUARTERDECK_DEMO": False}
    assert found(checks.sandbox_belongs_to_the_demo, settings, **values) == ["config.W002"]


def test_the_tests_own_settings_pass_every_check():
    assert run_checks() == []


def test_every_answer_carries_the_strict_content_security_policy(client):
    policy = client.get("/healthz").headers["Content-Security-Policy"]
    assert {part.strip() for part in policy.split(";")} == {
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
        "connect-src 'self'", "frame-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
    }  # fmt: skip


def test_pages_ask_for_a_sign_in(client, db):
    response = client.get("/admin/")
    assert response.status_code == 302
    assert response.url.startswith("/accounts/login/") or response.url.startswith("/admin/login/")
