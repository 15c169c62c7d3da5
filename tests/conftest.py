"""What every test gets: a real Redis of its own, a closed network (pytest-socket, see pyproject.toml), honest reports."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
import redis
from django.conf import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from config.celery import app as celery_app
from tests.support.chromium import find_chromium
from tests.support.redis import start_redis

pytest_plugins = ["tests.fixtures_people"]

NO_CHROMIUM = "No Chromium was found: install one, or set CHROMIUM to its path."
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}

hypothesis.settings.register_profile("quarterdeck", deadline=None, max_examples=60, derandomize=IN_CI)
hypothesis.settings.load_profile("quarterdeck")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database-tests", action="store_true", help="only tests that use the database")


class WholeProgramsTogether(LoadScopeScheduling):
    """Spreads tests one by one, but those that start whole programs go to one process, one after the other, and first.

    They share one installation and one browser, and two installations side by side would only take each other's time.
    (xdist's own groups change the name of a test afterwards, which pytest 9 no longer lets them.)
    """

    def _split_scope(self, nodeid: str) -> str:
        return "whole programs" if nodeid.startswith(("tests/browser/", "tests/processes/")) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeProgramsTogether:
    return WholeProgramsTogether(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--database-tests"):
        _keep_database_tests(config, items)
    if any(item.get_closest_marker("browser") for item in items) and not find_chromium():
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def _keep_database_tests(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another database cannot change: what needs none, and the second dialect of the provider."""
    fixtures = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        uses = item.get_closest_marker("django_db") or fixtures & {*getattr(item, "fixturenames", ())}
        again = item.get_closest_marker("browser") or "guides" in item.name
        (kept if uses and not again else left_out).append(item)
    config.hook.pytest_deselected(items=left_out)
    items[:] = kept


def _not_in_a_browser(config: pytest.Config) -> int:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    return sum(NO_CHROMIUM in str(report.longrepr) for report in skipped)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if count := _not_in_a_browser(config):
        terminalreporter.section("browser tests DID NOT RUN", red=True, bold=True)
        terminalreporter.line(f"{count} tests need Chromium. {NO_CHROMIUM}")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On a developer's machine Chromium may be missing; in CI nothing may be left out."""
    if IN_CI and _not_in_a_browser(session.config):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session")
def redis_server(worker_id: str) -> Iterator[str]:
    """The address of a Redis for this test process alone: a private one, or an empty database of the one in REDIS_URL."""
    wished = os.environ["TESTS_REDIS_URL"]
    if not wished:
        with start_redis() as url:
            yield url
        return
    number = int(worker_id.removeprefix("gw")) if worker_id.startswith("gw") else 0
    url = f"{wished.rpartition('/')[0] if wished.count('/') > 2 else wished}/{number}"
    with redis.Redis.from_url(url) as client:
        try:
            rows = client.dbsize()
        except redis.RedisError as error:
            pytest.exit(f"REDIS_URL cannot be used: {error}. Unset it, and the tests bring their own server.", 3)
        if rows:
            pytest.exit(f"Database {number} of REDIS_URL is not empty, and tests would empty it. Unset REDIS_URL.", 3)
        yield url
        client.flushdb()


@pytest.fixture(scope="session", autouse=True)
def _use_redis(redis_server: str) -> None:
    settings.REDIS_URL = redis_server
    settings.CACHES["default"]["LOCATION"] = redis_server
    celery_app.conf.update(broker_url=redis_server)


@pytest.fixture(autouse=True)
def _empty_redis(redis_server: str) -> Iterator[None]:
    yield
    with redis.Redis.from_url(redis_server) as client:
        client.flushdb()
