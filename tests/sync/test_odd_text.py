"""Text that no database takes stops no sync: half of an emoji that the provider cut in the middle, and NUL."""

from datetime import UTC, datetime
from typing import Any

import pytest

from accounts.models import Connection, RemoteClient
from accounts.services.mapping import mirror_remote_clients
from campaigns.models import Campaign, Tag
from campaigns.services.mirror import mirror_campaigns
from providers.smartlead import campaigns, clients
from tests.providers.test_reading_campaigns import CAMPAIGN
from tests.providers.wire import json_reply, send

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CUT, KEPT = "Sale\ud83d \x00now", "Sale\ufffd \ufffdnow"


@pytest.mark.django_db
def test_names_tags_words_and_settings_are_kept_with_a_mark_where_something_was_cut() -> None:
    connection = Connection.objects.create(name="Agency", base_url="http://127.0.0.1")
    row: dict[str, Any] = {"name": CUT, "status": CUT, "unsubscribe_text": CUT, "track_settings": CUT}
    row["tags"] = [{"tag_id": 5, "tag_name": CUT, "tag_color": "\ud83d"}]
    told = send(campaigns.campaigns(include_tags=True), json_reply([CAMPAIGN | row]))
    mirror_remote_clients(connection.pk, send(clients.clients(), json_reply([{"id": 9, "name": CUT}])), NOON)
    for _ in range(2):
        mirror_campaigns(connection.pk, told, NOON)
    campaign = Campaign.objects.get()
    assert (campaign.name, campaign.raw_status, campaign.settings["unsubscribe_text"]) == (KEPT, KEPT, KEPT)
    assert Tag.objects.values_list("name", "color").get() == (KEPT, "\ufffd")
    assert RemoteClient.objects.get().name == KEPT
