"""What reaches a log never contains a secret."""

import io
import json
import logging
import logging.config

import pytest
import structlog

from config.logs import logging_config, redact_text, redact_value

CANARY = "canary-7f3a-secret"


@pytest.mark.parametrize(
    "text",
    [
        f"GET https://server.example/api/v1/campaigns?api_key={CANARY}&limit=100",
        f"GET https://server.example/?limit=1&API_KEY={CANARY}",
        f"https://maya:{CANARY}@server.example/",
        f"redis://:{CANARY}@127.0.0.1:6379/0",
        f'{{"api_key": "{CANARY}", "name": "x"}}',
        f"{{'password': '{CANARY}'}}",
        f"smtp_password='{CANARY}'",
        f"Authorization: Bearer {CANARY}",
        f"X-API-Key: {CANARY}",
        f"token={CANARY}",
        f"next=%2Fx%3Fapi_key%3D{CANARY}",
    ],
)
def test_a_secret_in_a_text_is_taken_out(text):
    assert CANARY not in redact_text(text)
    assert "[redacted]" in redact_text(text)


def test_what_is_no_secret_stays_as_it_is():
    text = "Synced 12 campaigns of Larkfield Health in 3.4 s (tokens are not mentioned), key=value"
    assert redact_text(text) == text


def test_secrets_are_found_in_nested_values():
    value = {"request": {"api_key": CANARY, "path": "/x"}, "notes": [f"api_key={CANARY}", 3, None, True]}
    assert redact_value(value) == {
        "request": {"api_key": "[redacted]", "path": "/x"},
        "notes": ["api_key=[redacted]", 3, None, True],
    }


@pytest.fixture(params=[True, False], ids=["json", "console"])
def written(request, monkeypatch):
    """What the product's handler writes, in production's form and in development's."""
    stream = io.StringIO()
    config = logging_config(as_json=request.param)
    formatter = config["formatters"]["quarterdeck"]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        formatter["()"](processors=formatter["processors"], foreign_pre_chain=formatter["foreign_pre_chain"])
    )
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [handler])
    return stream


def test_neither_our_loggers_nor_a_librarys_leak_one(written):
    structlog.get_logger("quarterdeck.test").warning("refused", api_key=CANARY, url=f"https://x/?api_key={CANARY}")
    logging.getLogger("library").warning("calling %s", f"https://x/?api_key={CANARY}")
    logging.getLogger("library").warning("extra", extra={"password": CANARY})
    assert CANARY not in written.getvalue()
    assert written.getvalue().count("[redacted]") == 4


def test_the_token_of_a_one_time_link_is_not_in_the_access_log(written):
    token = "ImZpcnN0IGFkbWluIg:1vABcD:q8-2kJx0pZ_token"
    logging.getLogger("gunicorn.access").warning("GET /setup/%s/ 200", token)
    logging.getLogger("django.request").warning("Not Found: /setup/%s/", token)
    logging.getLogger("gunicorn.access").warning(
        "GET /static/vendor/geist-latin-ext-wght-normal.1f2e3d4c5b6a.woff2 200"
    )
    assert token not in written.getvalue()
    assert "/setup/[redacted]/" in written.getvalue()
    assert "geist-latin-ext-wght-normal.1f2e3d4c5b6a.woff2" in written.getvalue()


def test_an_exceptions_text_and_trace_are_redacted_too(written):
    def fail(api_key: str) -> None:
        raise RuntimeError(f"no answer from https://x/?api_key={api_key}")

    try:
        fail(CANARY)
    except RuntimeError:
        logging.getLogger("library").exception("failed")
        structlog.get_logger("quarterdeck.test").exception("failed")
    assert CANARY not in written.getvalue()
    assert "Traceback" in written.getvalue()


def test_production_writes_one_json_object_per_line():
    config = logging_config(as_json=True)
    formatter = config["formatters"]["quarterdeck"]
    record = logging.LogRecord("library", logging.WARNING, __file__, 1, "two\nlines", None, None)
    text = formatter["()"](processors=formatter["processors"], foreign_pre_chain=formatter["foreign_pre_chain"]).format(
        record
    )
    event = json.loads(text)
    assert (event["event"], event["level"], event["logger"]) == ("two\nlines", "warning", "library")
    assert "timestamp" in event


@pytest.mark.parametrize("name", ["httpx", "httpcore"])
def test_http_libraries_do_not_log_their_urls(name):
    assert logging.getLogger(name).getEffectiveLevel() == logging.WARNING


@pytest.mark.parametrize(
    ("method", "address", "data", "status", "told"),
    [
        ("get", "/connections/add/", {}, 403, "Forbidden"),
        ("get", "/connections/99999/", {}, 404, "Not Found"),
    ],
)
def test_a_refused_request_is_one_line_without_a_traceback(method, address, data, status, told, written, two_clients):
    response = getattr(two_clients.browser("manager"), method)(address, data)
    assert response.status_code == status
    lines = [line for line in written.getvalue().splitlines() if "django.request" in line]
    assert len(lines) == 1
    assert told in lines[0]
    assert address in lines[0]
    assert "Traceback" not in written.getvalue()
    assert len(written.getvalue().splitlines()) == 1


def test_an_incomplete_form_is_one_line_too(written, two_clients):
    address = f"/connections/{two_clients.own_a.pk}/writes/"
    assert two_clients.browser("admin").post(address).status_code == 400
    assert address in written.getvalue()
    assert "Traceback" not in written.getvalue()


def test_a_failure_of_ours_keeps_its_traceback(written):
    try:
        raise RuntimeError("ours")
    except RuntimeError as error:
        logging.getLogger("django.request").error("Internal Server Error: /x/", exc_info=error)
    assert "Traceback" in written.getvalue()
