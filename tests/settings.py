"""The product's settings in the environment of the tests, with what only tests may have: cheap passwords, plain static files."""

from tests import environment  # isort: skip  (must come before the settings are read)

from config.settings import *  # noqa: F403
from config.settings import DATABASES, STORAGES

__all__ = ["environment"]

QUARTERDECK_CLICK_WAITS = 0.0  # no worker runs beside most tests
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_AUTOREFRESH = True

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: live servers, threads and real processes share it, under the locking of the real thing.
    DATABASES["default"]["TEST"] = {"NAME": str(environment.DATA_DIR / "tests.sqlite3")}
