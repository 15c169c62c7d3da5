"""Bring database, static files and the demo world to the state of the code: `make run` and the container do it at each start."""

import hashlib
import io
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from accounts.services.setup import is_set_up

STAMP = ".collected"


class Command(BaseCommand):
    help = (
        "Check the settings, migrate the database, collect static files where they changed, and make the demo world if "
        "QUARTERDECK_DEMO is on. For an installation without people it prints the link that makes the first admin."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if waits_for_migration():
            call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        if settings.QUARTERDECK_DEMO and "demo" in get_commands():
            call_command("demo", stdout=io.StringIO())
        if not is_set_up():
            call_command("setup_link", stdout=self.stdout)


def waits_for_migration() -> bool:
    """Whether migrations are to be applied. `migrate` finds that out too, but only after it has drawn up all models twice."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_fingerprint() -> str:
    """Changes when any static file of the product or its parts does."""
    digest = hashlib.sha256(settings.STORAGES["staticfiles"]["BACKEND"].encode())
    for finder in get_finders():
        for name, storage in finder.list([]):
            status = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def collect_static() -> bool:
    """Bring static files to where whitenoise serves them, unless nothing changed; says whether it did."""
    stamp = Path(settings.STATIC_ROOT) / STAMP
    fingerprint = static_fingerprint()
    if stamp.exists() and stamp.read_text() == fingerprint:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint)
    return True
