"""What must be done before the programs of an embedded run start: `python -m config.preparing`.

One process, quick if nothing changed since the last time. Prints one JSON object on its last line:
{"setup_link": …}. Problems are explained on stderr, exit status 1.
"""

import hashlib
import io
import json
import os
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import SystemCheckError

STAMP = ".collected"


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


def setup_link() -> str:
    """For an installation without people: the one-time link that makes the first admin. "" once there is somebody."""
    if get_user_model()._default_manager.exists() or "setup_link" not in get_commands():
        return ""
    words = io.StringIO()
    call_command("setup_link", stdout=words)
    return words.getvalue().strip()


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    try:
        call_command("check", "--fail-level", "ERROR", stdout=sys.stderr)
        call_command("migrate", interactive=False, verbosity=0)
        collect_static()
        if settings.QUARTERDECK_DEMO and "demo" in get_commands():
            call_command("demo", stdout=sys.stderr)
        link = "" if settings.QUARTERDECK_DEMO else setup_link()
    except (CommandError, SystemCheckError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 1
    print(json.dumps({"setup_link": link}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
