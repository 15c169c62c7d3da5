"""A key leaves for allowed addresses only, however the address is written."""

import pytest

from accounts.services.base_urls import AddressNotAllowed, checked_base_url, default_base_url

USUAL = "https://server.smartlead.ai/api/v1"


@pytest.fixture(autouse=True)
def allowed(settings) -> None:
    settings.QUARTERDECK_ALLOWED_BASE_URLS = ["https://server.smartlead.ai", "https://proxy.example/smartlead"]


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (USUAL, USUAL),
        (f"  {USUAL}/ ", USUAL),
        ("https://server.smartlead.ai", "https://server.smartlead.ai"),
        ("https://proxy.example/smartlead", "https://proxy.example/smartlead"),
        ("https://proxy.example/smartlead/api/v1", "https://proxy.example/smartlead/api/v1"),
    ],
)
def test_an_allowed_address_is_stored_without_a_slash_at_its_end(typed: str, stored: str) -> None:
    assert checked_base_url(typed) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "https://evil.example/api/v1",
        "https://server.smartlead.ai.evil.example/api/v1",
        "https://evilserver.smartlead.ai/api/v1",
        "https://server.smartlead.ai./api/v1",
        "https://server.smartlead.ai@evil.example/api/v1",
        "https://server.smartlead.ai:x@evil.example/api/v1",
        "https://user@server.smartlead.ai/api/v1",
        "https://:password@server.smartlead.ai/api/v1",
        "https://@server.smartlead.ai/api/v1",
        "https://evil.example\\@server.smartlead.ai/api/v1",
        "https://server.smartlead.ai\\.evil.example/api/v1",
        "https://evil.example#@server.smartlead.ai/api/v1",
        "https://evil.example?@server.smartlead.ai/api/v1",
        "http://server.smartlead.ai/api/v1",
        "ftp://server.smartlead.ai/api/v1",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "//server.smartlead.ai/api/v1",
        "server.smartlead.ai/api/v1",
        "https:///api/v1",
        "https://server.smartlead.ai:8443/api/v1",
        "https://server.smartlead.ai:0/api/v1",
        "https://server.smartlead.ai:99999/api/v1",
        "https://server.smartlead.ai:port/api/v1",
        "https://127.0.0.1/api/v1",
        "https://[::1]/api/v1",
        "https://169.254.169.254/latest/meta-data",
        "https://2130706433/api/v1",
        "https://server.smartlead.ai/api/v1?api_key=secret",
        "https://server.smartlead.ai/api/v1?",
        "https://server.smartlead.ai/api/v1#part",
        "https://server.smartlead.ai/api/\nv1",
        "https://server.smartlead.ai/api\r\nHost: evil.example",
        "https://server.smartlead.ai/a b",
        "https://server.smartlead.ai/api/v1\x00",
        "https://proxy.example/other",
        "https://proxy.example/smartleadx",
        "https://proxy.example",
        "https://proxy.example/smartlead/../other",
        "https://proxy.example/smartlead/%2e%2e/other",
        "https://proxy.example/smartlead/..",
        "https://[server.smartlead.ai/api/v1",
        "",
    ],
)
def test_any_other_address_is_refused(typed: str) -> None:
    with pytest.raises(AddressNotAllowed):
        checked_base_url(typed)


def test_the_refusal_says_who_can_allow_it_and_repeats_no_secret() -> None:
    with pytest.raises(AddressNotAllowed) as refusal:
        checked_base_url("https://evil.example/api/v1")
    assert "evil.example" in str(refusal.value)
    assert "QUARTERDECK_ALLOWED_BASE_URLS" in str(refusal.value)
    with pytest.raises(AddressNotAllowed) as refusal:
        checked_base_url("https://server.smartlead.ai/?api_key=canary-secret")
    assert "canary-secret" not in str(refusal.value)


def test_nothing_is_allowed_where_the_list_is_empty(settings) -> None:
    settings.QUARTERDECK_ALLOWED_BASE_URLS = []
    with pytest.raises(AddressNotAllowed):
        checked_base_url(USUAL)


def test_the_demo_offers_its_sandbox_and_others_the_provider_itself(settings) -> None:
    assert default_base_url("smartlead") == USUAL
    settings.QUARTERDECK_DEMO, settings.QUARTERDECK_SANDBOX_URL = True, "http://127.0.0.1:9000"
    assert default_base_url("smartlead") == "http://127.0.0.1:9000/smartlead/api/v1"
