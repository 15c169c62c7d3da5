"""The provider tells mailbox passwords with every mailbox (smartlead-api 1.13). They end where its answers are read."""

import base64
import logging
from typing import Any

import structlog
from django.apps import apps

from accounts.models import Mailbox
from operations.models import SyncRun


def passwords(sandbox) -> set[str]:
    """Each password in clear text and as the list tells it."""
    found: set[str] = set()
    for offset in (0, 100):
        path = "/smartlead/api/v1/email-accounts/"
        for row in sandbox.steer("GET", path, api_key=sandbox.agency_key, offset=offset, limit=100):
            found |= {row["password"], base64.b64decode(row["password"]).decode()}
    return found


def everything_stored() -> str:
    """Every value of every column of every table."""
    return "\n".join(
        repr(row)
        for model in apps.get_models(include_auto_created=True)
        for row in model._default_manager.values_list()
    )


def test_no_password_reaches_a_table_a_log_line_or_the_call_log(sandbox, connect, pull, caplog, capfd):
    secrets = passwords(sandbox)
    assert len(secrets) > 200
    caplog.set_level(logging.DEBUG)
    agency, cinder = connect(sandbox.agency_key), connect(sandbox.cinder_key)
    with structlog.testing.capture_logs() as events:
        pull(agency)
        pull(cinder)
        for kind in ("truncated", "cut_midway", "html200"):
            sandbox.faults({"kind": kind, "path": "*/email-accounts*", "share": 0.7})
            pull(agency)
            pull(cinder)
            sandbox.clear_faults()
    assert SyncRun.objects.exclude(outcome=SyncRun.Outcome.DONE).exists()
    assert Mailbox.objects.count() > 100
    told: dict[str, Any] = {"tables": everything_stored(), "events": repr(events), "log": caplog.text}
    told["out"], told["err"] = capfd.readouterr()
    assert "@" in told["tables"]
    for place, text in told.items():
        assert "sandbox-mailbox-" not in text, place
        assert not [secret for secret in secrets if secret in text], place
