"""/healthz and /readyz."""

import pytest
import redis
from django.db import OperationalError, connection

from operations import heartbeats

READY = {"ready": True, "database": "ok", "redis": "ok", "worker": "ok", "beat": "ok"}


@pytest.fixture
def all_at_work():
    heartbeats.pulse(heartbeats.BEAT)
    heartbeats.pulse(heartbeats.PREFIX + "worker:celery@one")


def test_a_process_that_answers_is_alive_without_asking_the_database(client):
    assert client.get("/healthz").content == b"alive\n"


def test_it_is_ready_when_every_part_is_there(client, db, all_at_work):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, READY)
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.parametrize(("key", "part"), [("beat", "beat"), ("worker:celery@one", "worker")])
def test_a_silent_process_makes_it_unready(client, db, all_at_work, key, part):
    heartbeats.fall_silent(heartbeats.PREFIX + key)
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, READY | {"ready": False, part: "down"})


def test_a_heartbeat_dies_away_by_itself(all_at_work):
    assert 0 < heartbeats.connection().ttl(heartbeats.BEAT) <= heartbeats.LIFETIME
    assert heartbeats.LIFETIME > 2 * heartbeats.EVERY


def test_a_missing_redis_is_an_answer_and_not_an_error(client, db, settings):
    settings.REDIS_URL = "redis://:hidden@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json() == READY | {"ready": False, "redis": "down", "worker": "down", "beat": "down"}
    assert "hidden" not in response.content.decode()


def test_a_pulse_without_redis_harms_nobody(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    heartbeats.pulse(heartbeats.BEAT)
    heartbeats.fall_silent(heartbeats.BEAT)
    with pytest.raises(redis.ConnectionError):
        heartbeats.workers_alive()


def test_workers_are_listed_by_name(all_at_work):
    heartbeats.pulse(heartbeats.PREFIX + "worker:celery@two")
    assert heartbeats.workers_alive() == ["celery@one", "celery@two"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nobody_can_post_to_it(client, path):
    assert client.post(path).status_code == 405


def test_a_missing_database_is_an_answer_and_not_an_error(client, db, all_at_work):
    with connection.execute_wrapper(_refuse):
        response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, READY | {"ready": False, "database": "down"})


def _refuse(*_):
    raise OperationalError("could not connect to db.example.com as deck")
