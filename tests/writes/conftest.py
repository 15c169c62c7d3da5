from tests.sync.conftest import _sandbox, clock, connect, pull, sandbox  # noqa: F401
