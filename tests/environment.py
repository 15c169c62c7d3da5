"""The environment that tests run in, whatever the shell or `.env` say. Imported before anything reads the settings.

Two wishes of the shell are kept: a PostgreSQL DATABASE_URL (tests make their own databases on that server) and a REDIS_URL
(see the fixture `redis_server`).
"""

import atexit
import base64
import os
import shutil
import tempfile
from pathlib import Path

if "TESTS_DATA_DIR" not in os.environ:
    # One per run, so that two runs at once do not share a database file; the workers of a parallel run inherit it.
    os.environ["TESTS_DATA_DIR"] = tempfile.mkdtemp(prefix="quarterdeck-tests-")
    atexit.register(shutil.rmtree, os.environ["TESTS_DATA_DIR"], ignore_errors=True)
DATA_DIR = Path(os.environ["TESTS_DATA_DIR"])

wished_database = os.environ.pop("DATABASE_URL", "")
# The workers of a parallel run inherit this environment after it was set up: what they see in REDIS_URL is no wish.
os.environ.setdefault("TESTS_REDIS_URL", os.environ.get("REDIS_URL", ""))

for name in [*os.environ]:
    if name.startswith("QUARTERDECK_"):
        del os.environ[name]
for name in ("DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEFAULT_FROM_EMAIL", "LOG_LEVEL"):
    os.environ.pop(name, None)

os.environ |= {
    "DJANGO_SETTINGS_MODULE": "tests.settings",
    "QUARTERDECK_ENV_FILE": os.devnull,
    "QUARTERDECK_DATA_DIR": str(DATA_DIR),
    "QUARTERDECK_INSECURE_HTTP": "1",
    "QUARTERDECK_ALLOWED_BASE_URLS": "https://server.smartlead.ai,http://127.0.0.1,http://localhost",
    "QUARTERDECK_KEYS": "test:" + base64.b64encode(b"a test ring key, 32 bytes long..").decode(),
    "SECRET_KEY": "only-for-tests-" + "0123456789abcdef" * 4,
    "REDIS_URL": "redis://127.0.0.1:1/0",  # nobody listens there: the fixture `redis_server` puts the real one in
    "EMAIL_URL": "memorymail://",
}
if wished_database.startswith("postgres"):
    os.environ["DATABASE_URL"] = wished_database
