import copy
import json
import logging
import pickle

import pytest

from providers import errors
from providers.secret import SecretText

SECRET = SecretText("canary-0123456789")


def test_a_secret_is_seen_only_when_asked_for_by_name():
    assert SECRET.reveal() == "canary-0123456789"
    for shown in (
        str(SECRET),
        repr(SECRET),
        f"{SECRET}",
        f"{SECRET!r:>30}",
        str([SECRET]),
        str({"key": SECRET}),
    ):
        assert "canary" not in shown
    assert "canary" not in logging.LogRecord("x", 10, "", 1, "%s", (SECRET,), None).getMessage()


@pytest.mark.parametrize("leave", [pickle.dumps, copy.deepcopy, json.dumps, hash])
def test_a_secret_does_not_leave_by_the_side_doors(leave):
    with pytest.raises(TypeError) as caught:
        leave(SECRET)
    assert "canary" not in str(caught.value)


def test_secrets_are_compared_and_told_apart():
    assert SecretText("a") == SecretText("a")
    assert SecretText("ä") != SecretText("a")
    assert SecretText("a") != "a"
    assert not SecretText("")
    assert SECRET.last_four == "6789"
    assert SecretText("short").last_four == ""


@pytest.mark.parametrize(
    "error",
    [
        errors.AuthRejected("no", status=401, code="X"),
        errors.RequestRefused("no", status=400, field="name"),
        errors.RateLimited("slow", retry_after=3.0),
        errors.LaneBusy(4.5),
        errors.UnknownOutcome("lost"),
    ],
)
def test_errors_survive_the_way_to_another_process(error):
    twin = pickle.loads(pickle.dumps(error))
    assert type(twin) is type(error)
    assert str(twin) == str(error)
    assert vars(twin) == vars(error)
