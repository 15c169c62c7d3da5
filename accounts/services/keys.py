"""What a provider key may look like, and that each is connected once."""

from typing import Any

from django.db import IntegrityError, transaction

from accounts.models import Connection
from accounts.secrets import KeyRing, key_ring
from providers.secret import SecretText

SHORTEST_KEY = 8
LONGEST_KEY = 512
KEY_FIELDS = ["sealed_key", "key_last4", "key_set_at", "key_fingerprint"]
COPY_AGAIN = "Copy it again from the provider’s settings."


class NotAKey(ValueError):
    """What was typed can't be a key. `str()` is fit for a form and repeats nothing of it."""


class KeyInUse(ValueError):
    """Another connection has this key already. `str()` names it: for agency admins, who see every connection."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(f"This key is already connected as “{connection.name}”.")
        self.connection = connection


def checked_key(text: str) -> SecretText:
    """The key without the spaces and line breaks around it that copying adds; raises NotAKey."""
    text = text.strip()
    if len(text.split()) > 1:
        raise NotAKey(f"This is not an API key: it has spaces in it. {COPY_AGAIN}")
    if not text.isascii() or not text.isprintable():
        raise NotAKey(f"This is not an API key: it has letters or signs that no key has. {COPY_AGAIN}")
    if len(text) < SHORTEST_KEY:
        raise NotAKey(f"This is not an API key: it is shorter than {SHORTEST_KEY} characters. {COPY_AGAIN}")
    if len(text) > LONGEST_KEY:
        raise NotAKey(f"This is not an API key: it is longer than {LONGEST_KEY} characters. {COPY_AGAIN}")
    return SecretText(text)


def holder_of(key: SecretText, provider: str, base_url: str, *, besides: Any = None) -> Connection | None:
    """The connection that has this key at this provider's host, disabled ones too; `besides` is the id of one to leave out.

    Asked with every key of the ring, so that it is found as well while a rotation is only half done.
    """
    ring = key_ring()
    texts = ring.fingerprints(key.reveal(), Connection.fingerprint_context(provider, base_url))
    return Connection.objects.filter(key_fingerprint__in=texts).exclude(pk=besides).first()


def put_key_in(connection: Connection, key: SecretText) -> None:
    """Seal the key into the saved row; raises KeyInUse and leaves the row as it is."""
    other = holder_of(key, connection.provider, connection.base_url, besides=connection.pk)
    if other is not None:
        raise KeyInUse(other)
    connection.seal_key(key, key_ring())
    try:
        with transaction.atomic():
            connection.save(update_fields=KEY_FIELDS)
    except IntegrityError:
        # Somebody added the same key in the same moment; the constraint let one of the two through.
        other = holder_of(key, connection.provider, connection.base_url, besides=connection.pk)
        if other is None:
            raise
        raise KeyInUse(other) from None


def note_fingerprint(connection: Connection, ring: KeyRing) -> None:
    """Bring the stored fingerprint up to date with the ring and the address. Raises SecretUnreadable.

    Of two rows with the same key (older than this rule) the one that comes second stays without: nothing stops working.
    """
    fresh = connection.fingerprint_of(connection.open_key(ring), ring)
    if fresh == connection.key_fingerprint:
        return
    if Connection.objects.filter(key_fingerprint=fresh).exclude(pk=connection.pk).exists():
        fresh = ""
    connection.key_fingerprint = fresh
    connection.save(update_fields=["key_fingerprint"])
