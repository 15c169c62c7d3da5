import pytest

from tests.support.agency import Agency, build_agency


@pytest.fixture
def agency(db: None) -> Agency:
    return build_agency()
