"""Add a provider key from the command line."""

import os
import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Client, Connection
from accounts.services.base_urls import AddressNotAllowed, default_base_url
from accounts.services.clients import create_client
from accounts.services.connections import add_connection, check_key
from accounts.services.keys import LONGEST_KEY, KeyInUse, NotAKey, checked_key
from operations import wording
from operations.audit import Actor
from providers.secret import SecretText


class Command(BaseCommand):
    help = (
        "Add the API key of a client, or of the whole agency, and check it. The key is read from standard input, or from "
        "QUARTERDECK_API_KEY; it is never an argument, because others on this machine can see those. The connection may "
        "only read until an admin allows it to write. Exit status 1: not added; 2: added, but the key failed its check."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--client", metavar="NAME", help="the client that everything behind this key belongs to")
        whose.add_argument("--agency", action="store_true", help="the key holds several clients of the agency")
        parser.add_argument("--create-client", action="store_true", help="add the client if there is none of that name")
        parser.add_argument("--name", help="what the connection is called; by default as the client, or the provider")
        parser.add_argument("--provider", required=True, choices=[str(value) for value in Connection.Provider.values])
        parser.add_argument("--base-url", metavar="URL", help="address of the provider's API, if not the usual one")

    def handle(self, *args: Any, **options: Any) -> None:
        key = read_key()
        with transaction.atomic():
            connection = self._add(key, options)
        self.stdout.write(
            f"Added connection {connection.pk} “{connection.name}”, key …{connection.key_last4}. It reads only."
        )
        self.stdout.flush()  # before whatever is said on standard error
        verdict = check_key(connection, timezone.now())
        if verdict.report is None:
            page = reverse("accounts:replace_key", args=[connection.pk])
            raise CommandError(
                f"The key failed its check: {str(verdict.error).rstrip('.')}.\n"
                f"Connection {connection.pk} “{connection.name}” was kept, and shows no campaigns until its key works. "
                f"An agency admin puts another key in at {page} in Quarterdeck.",
                returncode=2,
            )
        report = verdict.report
        self.stdout.write(
            f"The key works. It sees {wording.campaigns(report.campaigns, report.sub_sequences)}"
            f"{',' if report.sub_sequences else ''} of {len(report.client_ids)} clients; "
            f"campaigns without a client: {report.without_client}. "
            "The first sync has been asked for."
        )

    def _add(self, key: SecretText, options: dict[str, Any]) -> Connection:
        now, provider = timezone.now(), options["provider"]
        client = None if options["agency"] else self._client(options["client"], options["create_client"])
        name = options["name"] or (client.name if client else f"{Connection.Provider(provider).label} agency")
        if Connection.objects.filter(name=name).exists():
            raise CommandError(f"There is a connection named “{name}” already. Choose another --name.")
        try:
            return add_connection(
                name=name,
                provider=provider,
                base_url=options["base_url"] or default_base_url(provider),
                key=key,
                client=client,
                actor=Actor.on_command_line(),
                now=now,
            )
        except (AddressNotAllowed, KeyInUse) as error:
            raise CommandError(str(error)) from None

    def _client(self, name: str, may_create: bool) -> Client:
        client = Client.objects.filter(name__iexact=" ".join(name.split())).first()
        if client is not None:
            return client
        if not may_create:
            raise CommandError(f"There is no client named “{name}”. Add --create-client to make one.")
        return create_client(name, Actor.on_command_line(), timezone.now())


def read_key() -> SecretText:
    """From QUARTERDECK_API_KEY, else from standard input; asked for without echo at a terminal."""
    text = os.environ.get("QUARTERDECK_API_KEY", "")
    try:
        if not text:
            text = getpass("API key (not shown): ") if sys.stdin.isatty() else sys.stdin.read(LONGEST_KEY + 2)
        if not text.strip():
            raise CommandError("No key was given. Pipe it in, or set QUARTERDECK_API_KEY.")
        return checked_key(text)
    except NotAKey as error:
        raise CommandError(str(error)) from None
    except UnicodeDecodeError:
        raise CommandError("This is not an API key: it is not text.") from None
