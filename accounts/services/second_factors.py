"""The sealed secrets of authenticator apps and recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from accounts.adapter import SECOND_FACTORS
from accounts.secrets import KeyRing, key_ring

# Where allauth keeps what its adapter sealed.
SEALED = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def seal_anew() -> int:
    """Give every secret the seal of the newest ring key; how many got it. Raises SecretUnreadable or BadKeyRing."""
    ring, changed = key_ring(), 0
    for kind, name in SEALED.items():
        for row in Authenticator.objects.filter(type=kind).order_by("pk"):
            with transaction.atomic():
                fresh = Authenticator.objects.select_for_update().get(pk=row.pk)
                changed += _seal(fresh, name, ring)
    return changed


def _seal(row: Authenticator, name: str, ring: KeyRing) -> bool:
    data: dict[str, Any] = row.data
    if name not in data or ring.is_current(data[name]):
        return False
    data[name] = ring.seal(ring.open(data[name], SECOND_FACTORS), SECOND_FACTORS)
    row.save(update_fields=["data"])
    return True
