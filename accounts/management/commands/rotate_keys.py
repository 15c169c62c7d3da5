"""Seal the stored provider keys anew."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.secrets import BadKeyRing, SecretUnreadable
from accounts.services.connections import rotate_keys
from accounts.services.second_factors import seal_anew
from operations.audit import Actor


class Command(BaseCommand):
    help = (
        "Seal every stored provider key, and every secret of a second factor, with the newest entry of QUARTERDECK_KEYS. "
        "Put the new entry in front, restart, run this, and then remove the old entry. Safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            changed = rotate_keys(actor=Actor.on_command_line()) + seal_anew()
        except (SecretUnreadable, BadKeyRing) as error:
            raise CommandError(f"Stopped: {error}. What was done so far is kept; nothing was lost.") from None
        told = (
            f"{changed} key{'' if changed == 1 else 's'} sealed anew."
            if changed
            else "Every key has the newest entry's seal."
        )
        self.stdout.write(told)
