from typing import Any

import pytest

from accounts.services.sessions import open_for_person
from campaigns.services.mirror import mirror_campaigns
from tests.saving.desk import Desk
from tests.sync.conftest import _sandbox, clock, connect, pull, sandbox  # noqa: F401


@pytest.fixture(params=["live"])
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def desk(transactional_db: None, sandbox: Any, connect: Any, clock: Any, dialect: str) -> Desk:  # noqa: F811
    sandbox.dialect(dialect)
    connection = connect(sandbox.agency_key, name="agency")
    connection.may_write = True
    connection.save()
    with open_for_person(connection) as session:
        campaigns = session.send(session.provider.campaigns())
    mirror_campaigns(connection.pk, campaigns, clock())
    return Desk(sandbox, connection, clock)
