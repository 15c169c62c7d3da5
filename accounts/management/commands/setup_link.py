"""Print the link that makes the first admin."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse

from accounts.services.setup import LINK_LIVES, is_set_up, setup_token


class Command(BaseCommand):
    help = (
        "Print a link by which the first admin is made. It works until somebody has used it, for "
        f"{LINK_LIVES.total_seconds() / 3600:.0f} hours at most."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--address", metavar="URL", help="where people reach this installation, such as https://deck.example"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if is_set_up():
            raise CommandError(
                "There are people already. An admin adds others in the Django admin, or use createsuperuser."
            )
        address = (options["address"] or likely_address()).rstrip("/")
        self.stdout.write(address + reverse("accounts:setup", args=[setup_token()]))


def likely_address() -> str:
    """What the settings say about the way in: the first host, and the port where the web server itself is meant."""
    host = next((host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"), "localhost")
    if settings.SECURE_SSL_REDIRECT:
        return f"https://{host}"
    return f"http://{host}:{os.environ.get('PORT', '8000')}"
