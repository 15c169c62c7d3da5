"""Whatever is changed of a campaign, the provider holds afterwards just that, field by field, and our copy says the same."""

from typing import Any

import pytest
from django.db import transaction

from accounts.services.sessions import open_for_person
from accounts.services.writing import advance_writes
from campaigns.models import Campaign
from campaigns.services.mirror import mirror_campaigns
from campaigns.services.senders import links_from_campaigns
from campaigns.services.sequences import mirror_steps
from operations.registry import write_kinds
from tests.support.write_table import CHANGES, rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def campaign(transactional_db: None, sandbox: Any, connect: Any, clock: Any) -> Campaign:
    """A running one, of which everything is known here; of the agency's others, who sends them."""
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    with open_for_person(connection) as session:
        provider = session.provider
        told = session.send(provider.campaigns())
        mirror_campaigns(connection.pk, told, clock())
        for remote in session.send(provider.clients()):
            connection.remote_clients.create(remote_id=remote.id, name=remote.name, synced_at=clock())
        one, *others = connection.campaigns.filter(status="active", parent_remote_id=None).order_by("remote_id")[:4]
        steps = session.send(provider.steps(one.remote_id))
        boxes = {each.remote_id: session.send(provider.campaign_mailboxes(each.remote_id)) for each in (one, *others)}
    with transaction.atomic():
        mirror_steps(connection.pk, {one.remote_id: steps}, clock())
        links_from_campaigns(connection.pk, boxes, clock())
    return one


@pytest.mark.parametrize("dialect", ["live", "guides"])
def test_every_change_is_the_providers_state_afterwards_and_nothing_else_is_otherwise(
    sandbox: Any, campaign: Campaign, clock: Any, dialect: str
) -> None:
    sandbox.dialect(dialect)

    def work() -> None:
        for _ in range(3):
            while advance_writes(campaign.connection_id, clock):
                pass
            sandbox.advance(minutes=1)

    def truth() -> dict[int, Any]:
        return {one["id"]: one for one in sandbox.truth(sandbox.agency_key, days=False)["campaigns"]}

    found = {row.change.name: row.wrong for row in rows(campaign, truth, work, clock)}
    sandbox.dialect("live")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_no_kind_of_change_of_a_campaign_is_left_out() -> None:
    ours = {name for name, kind in write_kinds if type(kind).__module__.startswith("campaigns.")}
    assert {kind for change in CHANGES for kind in change.kinds} == ours
