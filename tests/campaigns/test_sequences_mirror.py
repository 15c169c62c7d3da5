"""Our copy of a campaign's steps follows what the provider tells, and keeps rows and bytes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Connection
from campaigns.models import Campaign, Step, Variant
from campaigns.services.sequences import mirror_steps
from providers.records import RemoteStep, RemoteVariant

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(hours=1)
STORABLE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=80)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(name="Agency", base_url="http://127.0.0.1")


@pytest.fixture
def campaign(connection: Connection) -> Campaign:
    return Campaign.objects.create(connection=connection, remote_id=1, name="One", synced_at=NOON)


def text(subject: str, remote_id: int | None = None, label: str = "A", **more) -> RemoteVariant:
    return RemoteVariant(remote_id, label, subject, f"<p>{subject}</p>", **more)


def step(remote_id: int | None, number: int, *variants: RemoteVariant, days: int = 0) -> RemoteStep:
    return RemoteStep(remote_id, number, days, variants or (text(f"Step {number}"),))


def mirror(campaign: Campaign, *steps: RemoteStep, at: datetime = NOON) -> dict[str, int]:
    return mirror_steps(campaign.connection_id, {campaign.remote_id: steps}, at)


def subjects(campaign: Campaign) -> list[list[str]]:
    return [[variant.subject for variant in row.variants.all()] for row in campaign.steps.with_variants()]


def test_the_campaign_says_how_old_its_steps_are(campaign):
    assert mirror(campaign, step(5, 1)) == {"seen": 1, "changed": 1}
    assert mirror(campaign, step(5, 1), at=LATER) == {"seen": 1, "changed": 0}
    campaign.refresh_from_db()
    assert campaign.steps_synced_at == LATER


def test_steps_that_change_places_keep_their_rows(campaign):
    mirror(campaign, step(5, 1, text("Five")), step(6, 2, text("Six"), days=3))
    before = dict(Step.objects.values_list("remote_id", "pk"))
    mirror(campaign, step(6, 1, text("Six")), step(5, 2, text("Five"), days=4), at=LATER)
    assert dict(Step.objects.values_list("remote_id", "pk")) == before
    assert subjects(campaign) == [["Six"], ["Five"]]
    assert list(campaign.steps.values_list("delay_minutes", flat=True)) == [0, 4 * 1440]


def test_steps_and_variants_without_ids_are_known_by_their_place(campaign):
    mirror(campaign, step(None, 1), step(None, 2))
    before = [list(model.objects.values_list("pk", flat=True)) for model in (Step, Variant)]
    mirror(campaign, step(None, 1, text("New")), step(None, 2, days=2), at=LATER)
    assert [list(model.objects.values_list("pk", flat=True)) for model in (Step, Variant)] == before
    assert subjects(campaign) == [["New"], ["Step 2"]]


def test_a_single_text_becomes_a_test_of_two(campaign):
    mirror(campaign, step(5, 1, text("Alone")))
    mirror(campaign, step(5, 1, text("A", 8, share=30), text("B", 9, "B", share=70)), at=LATER)
    shown = Variant.objects.values_list("remote_id", "position", "label", "share")
    assert list(shown) == [(8, 1, "A", 30), (9, 2, "B", 70)]


def test_what_the_provider_has_no_more_is_deleted(campaign):
    mirror(campaign, step(5, 1, text("A", 8), text("B", 9, "B")), step(6, 2))
    mirror(campaign, step(5, 1, text("B", 9, "B")), at=LATER)
    assert subjects(campaign) == [["B"]]
    mirror(campaign, at=LATER)
    assert not Step.objects.exists()
    assert not Variant.objects.exists()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(subject=STORABLE, body=STORABLE)
def test_texts_are_kept_byte_for_byte(campaign, subject, body):
    mirror(campaign, step(5, 1, RemoteVariant(8, "A", subject, body)))
    row = Variant.objects.get()
    assert (row.subject, row.body) == (subject, body)


def test_a_character_that_no_database_takes_is_replaced(campaign):
    mirror(campaign, step(5, 1, RemoteVariant(8, "A", "Cut \ud83d", "a\x00b")))
    row = Variant.objects.get()
    assert (row.subject, row.body) == ("Cut \ufffd", "a\ufffdb")


def test_an_answer_older_than_what_is_stored_is_passed_over(campaign):
    """Somebody saved and read back while a sync's question was on its way."""
    mirror(campaign, step(5, 1, text("Saved")), at=NOON + timedelta(seconds=5))
    assert mirror(campaign, step(5, 1, text("Old")), at=NOON)["seen"] == 0
    assert subjects(campaign) == [["Saved"]]


def test_a_clock_that_ran_ahead_does_not_keep_a_campaign_from_being_read(campaign):
    mirror(campaign, step(5, 1, text("From the future")), at=NOON + timedelta(days=900))
    mirror(campaign, step(5, 1, text("Now")), at=NOON)
    assert subjects(campaign) == [["Now"]]


def test_other_connections_campaigns_with_the_same_id_are_left_alone(campaign):
    other = Connection.objects.create(name="Other", base_url="http://127.0.0.1")
    twin = Campaign.objects.create(connection=other, remote_id=1, name="Twin", synced_at=NOON)
    mirror(campaign, step(5, 1))
    assert not twin.steps.exists()


def test_many_campaigns_take_as_many_queries_as_one(connection, django_assert_max_num_queries):
    Campaign.objects.bulk_create(
        Campaign(connection=connection, remote_id=number, name="C", synced_at=NOON) for number in range(40)
    )
    told = {number: (step(number * 10, 1, text("A", number)), step(number * 10 + 1, 2)) for number in range(40)}
    with django_assert_max_num_queries(9):
        mirror_steps(connection.pk, told, NOON)
    assert Variant.objects.count() == 80
    with django_assert_max_num_queries(2):
        mirror_steps(connection.pk, told, LATER)


def test_only_the_text_that_changed_is_written(campaign):
    mirror(campaign, step(5, 1, text("A", 8), text("B", 9, "B")), step(6, 2))
    with CaptureQueriesContext(database) as queries:
        mirror(campaign, step(5, 1, text("A", 8), text("Better", 9, "B")), step(6, 2), at=LATER)
    written = [query["sql"] for query in queries if "campaigns_variant" in query["sql"] and "UPDATE" in query["sql"]]
    assert len(written) == 1
    assert "Better" in written[0]
    assert "<p>A</p>" not in written[0]
