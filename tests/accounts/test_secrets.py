"""What is sealed opens again, in its own row and with a ring key that is still there, and nowhere else."""

import base64
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Connection
from accounts.secrets import BadKeyRing, KeyRing, SecretUnreadable, key_ring
from accounts.services.connections import rotate_keys
from operations.audit import Actor
from operations.models import AuditEntry
from providers.secret import SecretText
from tests.fixtures_people import TwoClients


def entry(key_id: str, fill: int) -> str:
    return f"{key_id}:{base64.b64encode(bytes([fill]) * 32).decode()}"


OLD, NEW = entry("k1", 1), entry("k2", 2)
OLD_RING, NEW_RING = KeyRing.parse(OLD), KeyRing.parse(f"{NEW},{OLD}")

texts = st.text(min_size=1, max_size=200)


@given(secret=texts, context=texts)
def test_a_sealed_text_opens_to_what_it_was(secret: str, context: str) -> None:
    assert OLD_RING.open(OLD_RING.seal(secret, context), context) == secret


@given(secret=texts, context=texts, other=texts)
def test_it_does_not_open_in_another_row(secret: str, context: str, other: str) -> None:
    sealed = OLD_RING.seal(secret, context)
    if other != context:
        with pytest.raises(SecretUnreadable):
            OLD_RING.open(sealed, other)


@given(secret=st.text(min_size=8, max_size=80), place=st.integers(0, 10_000), flip=st.integers(1, 255))
def test_it_does_not_open_when_a_single_byte_was_changed(secret: str, place: int, flip: int) -> None:
    head, _, encoded = OLD_RING.seal(secret, "row").rpartition(".")
    raw = bytearray(base64.b64decode(encoded))
    raw[place % len(raw)] ^= flip
    with pytest.raises(SecretUnreadable):
        OLD_RING.open(f"{head}.{base64.b64encode(bytes(raw)).decode()}", "row")


@given(garbage=st.one_of(texts, texts.map("1.k1.".__add__), st.just(""), st.just("1.k1."), st.just("2.k1.QUJD")))
def test_what_was_never_sealed_does_not_open_and_does_not_crash(garbage: str) -> None:
    with pytest.raises(SecretUnreadable):
        OLD_RING.open(garbage, "row")


@given(secret=st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), min_size=8, max_size=80))
def test_a_sealed_text_neither_shows_nor_repeats_itself(secret: str) -> None:
    first, second = OLD_RING.seal(secret, "row"), OLD_RING.seal(secret, "row")
    assert first != second
    assert secret not in first


def test_a_ring_opens_what_its_older_keys_sealed_and_seals_with_the_newest() -> None:
    sealed = OLD_RING.seal("secret", "row")
    assert NEW_RING.open(sealed, "row") == "secret"
    assert not NEW_RING.is_current(sealed)
    assert NEW_RING.is_current(NEW_RING.seal("secret", "row"))


def test_a_ring_without_the_key_says_so() -> None:
    with pytest.raises(SecretUnreadable, match="not in QUARTERDECK_KEYS"):
        KeyRing.parse(NEW).open(OLD_RING.seal("secret", "row"), "row")


@pytest.mark.parametrize(
    "ring",
    ["", ",", "k1", "k1:", ":abc", "k1:not base64!", f"k1:{base64.b64encode(b'short').decode()}", f"{OLD},{OLD}"],
)
def test_a_malformed_ring_is_refused_without_repeating_it(ring: str) -> None:
    with pytest.raises(BadKeyRing) as refusal:
        KeyRing.parse(ring)
    assert not any(part and part in str(refusal.value) for part in ring.replace(",", ":").split(":")[1::2])


def test_a_ring_shows_its_ids_only() -> None:
    assert repr(NEW_RING) == "KeyRing(k2, k1)"


def test_a_ciphertext_copied_to_another_connection_does_not_open_there(two_clients: TwoClients) -> None:
    stolen = two_clients.own_b.sealed_key
    Connection.objects.filter(pk=two_clients.own_a.pk).update(sealed_key=stolen)
    two_clients.own_a.refresh_from_db()
    with pytest.raises(SecretUnreadable):
        two_clients.own_a.open_key(key_ring())


def test_rotation_seals_every_key_anew_once_and_notes_it_without_the_key(two_clients: TwoClients, settings) -> None:
    present = settings.QUARTERDECK_KEYS[0]
    settings.QUARTERDECK_KEYS = [NEW, present]
    assert rotate_keys(actor=Actor.on_command_line()) == 3
    assert rotate_keys(actor=Actor.on_command_line()) == 0
    settings.QUARTERDECK_KEYS = [NEW]
    for connection in Connection.objects.all():
        assert connection.open_key(key_ring()).reveal() == f"key-of-{connection.pk}-for-tests"
    entries = AuditEntry.objects.filter(action="rotate key")
    assert entries.count() == 3
    assert "for-tests" not in str(list(entries.values()))


def test_rotation_stops_at_a_key_that_it_cannot_open_and_keeps_the_rest(two_clients: TwoClients, settings) -> None:
    settings.QUARTERDECK_KEYS = [NEW]
    with pytest.raises(SecretUnreadable):
        rotate_keys(actor=Actor.on_command_line())
    assert Connection.objects.filter(sealed_key__startswith="1.k2.").count() == 0


def test_a_secret_is_not_printed_formatted_or_pickled() -> None:
    secret = SecretText("canary-key-0123456789")
    assert "canary" not in f"{secret} {secret!r} {[secret]}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
