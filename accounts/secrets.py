"""Sealing of provider keys: AES-256-GCM with a ring of keys from the environment.

A sealed text is `1.<ring key id>.<base64 of nonce + ciphertext>`. The context (which row it belongs to) is authenticated with it.
"""

import base64
import binascii
import hmac
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12
KEY_BYTES = 32
VERSION = "1"
FINGERPRINTS = b"quarterdeck: fingerprints of provider keys, 1"


class BadKeyRing(ValueError):
    """QUARTERDECK_KEYS is missing or malformed. The message never repeats the value."""


class SecretUnreadable(Exception):
    """The sealed text was damaged, moved from another row, or its ring key is no longer in the ring."""


@dataclass(frozen=True)
class KeyRing:
    """Ring keys by id; the first one seals, all of them open."""

    newest: str
    keys: Mapping[str, bytes]

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(self.keys)})"

    @classmethod
    def parse(cls, ring: str | Iterable[str]) -> Self:
        """From `id:base64,id:base64`, newest first; raises BadKeyRing with a reason fit for a system check."""
        entries = ring.split(",") if isinstance(ring, str) else ring
        keys: dict[str, bytes] = {}
        for number, entry in enumerate(filter(None, map(str.strip, entries)), start=1):
            key_id, separator, encoded = entry.partition(":")
            if not separator or not key_id.isalnum():
                raise BadKeyRing(f"entry {number} is not of the form id:base64")
            try:
                key = base64.b64decode(encoded, altchars=b"-_" if set("-_") & set(encoded) else None, validate=True)
            except (binascii.Error, ValueError):
                raise BadKeyRing(f"entry {number} ({key_id}) is not base64") from None
            if len(key) != KEY_BYTES:
                raise BadKeyRing(f"entry {number} ({key_id}) has {len(key)} bytes instead of {KEY_BYTES}")
            if key_id in keys:
                raise BadKeyRing(f"the id {key_id} occurs twice")
            keys[key_id] = key
        if not keys:
            raise BadKeyRing("it is empty")
        return cls(newest=next(iter(keys)), keys=keys)

    def seal(self, secret: str, context: str) -> str:
        nonce = os.urandom(NONCE_BYTES)
        sealed = AESGCM(self.keys[self.newest]).encrypt(nonce, secret.encode(), context.encode())
        return f"{VERSION}.{self.newest}.{base64.b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """The secret in clear; raises SecretUnreadable."""
        version, _, rest = sealed.partition(".")
        key_id, _, encoded = rest.partition(".")
        if version != VERSION or key_id not in self.keys:
            raise SecretUnreadable("the ring key of this secret is not in QUARTERDECK_KEYS")
        try:
            raw = base64.b64decode(encoded, validate=True)
            return AESGCM(self.keys[key_id]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            raise SecretUnreadable("the secret does not belong to this row or was changed") from None

    def fingerprint(self, secret: str, context: Iterable[str]) -> str:
        """By which the same secret in the same context is known again, and which tells nothing about it.

        HMAC-SHA256 with a key derived (HKDF) from the newest ring key, not from SECRET_KEY: a ring key is 32 random bytes,
        whoever has it can open the sealed keys anyway, and it is rotated by a command that has each secret in hand and
        can take its fingerprint anew. So SECRET_KEY can be changed at any time without a thought for the fingerprints.
        """
        return _fingerprint(self.keys[self.newest], secret, context)

    def fingerprints(self, secret: str, context: Iterable[str]) -> list[str]:
        """The fingerprints that it has under every key of the ring: those stored before a rotation are among them."""
        context = tuple(context)
        return [_fingerprint(key, secret, context) for key in self.keys.values()]

    def is_current(self, sealed: str) -> bool:
        """Sealed with the newest ring key."""
        return sealed.startswith(f"{VERSION}.{self.newest}.")


def _fingerprint(ring_key: bytes, secret: str, context: Iterable[str]) -> str:
    derived = HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=FINGERPRINTS).derive(ring_key)
    return hmac.digest(derived, json.dumps([*context, secret]).encode(), "sha256").hex()


def key_ring() -> KeyRing:
    """The ring of this installation; raises BadKeyRing."""
    return KeyRing.parse(settings.QUARTERDECK_KEYS)
