import pytest

from tests.sync.conftest import _sandbox, clock, connect, mirror, pull, sandbox  # noqa: F401


@pytest.fixture
def agency(transactional_db, sandbox, connect, mirror):  # noqa: F811
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    mirror(connection)
    return connection


@pytest.fixture
def campaign(agency):
    return agency.campaigns.filter(status="active").order_by("remote_id").first()
