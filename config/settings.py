"""Settings, read from the environment (and from `.env` beside manage.py). `.env.example` explains each name.

Nothing here has an insecure default: without SECRET_KEY and QUARTERDECK_KEYS the product does not start, and outside an
explicit demo or loopback installation it insists on https. `make run` generates what an embedded run needs.
"""

import os
from typing import Any

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from config.environment import ROOT, data_dir, read_env_file
from config.logs import logging_config

BASE_DIR = ROOT

read_env_file()
env = environ.Env()

# The installation ----------------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY")
QUARTERDECK_KEYS = env.list("QUARTERDECK_KEYS")  # `id:base64` of 32 bytes each, newest first
QUARTERDECK_DEMO = env.bool("QUARTERDECK_DEMO", default=False)
QUARTERDECK_DATA_DIR = data_dir(os.environ)
QUARTERDECK_WORKSPACE_NAME = env.str(
    "QUARTERDECK_WORKSPACE_NAME", default="Halyard Outbound" if QUARTERDECK_DEMO else "Quarterdeck"
)
QUARTERDECK_SANDBOX_URL = env.str("QUARTERDECK_SANDBOX_URL", default="").rstrip("/")
QUARTERDECK_ALLOWED_BASE_URLS = [
    url.rstrip("/") for url in env.list("QUARTERDECK_ALLOWED_BASE_URLS", default=["https://server.smartlead.ai"])
]
if QUARTERDECK_DEMO and QUARTERDECK_SANDBOX_URL:
    QUARTERDECK_ALLOWED_BASE_URLS.append(QUARTERDECK_SANDBOX_URL)
QUARTERDECK_REPORTING_TIME_ZONE = env.str("QUARTERDECK_REPORTING_TIME_ZONE", default="UTC")
QUARTERDECK_API_CALL_RETENTION_DAYS = env.int("QUARTERDECK_API_CALL_RETENTION_DAYS", default=14)
QUARTERDECK_CLICK_WAITS = 3.0  # seconds that a page waits for its change before it shows the pending state

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Apps and middleware -------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config.apps.ConfigConfig",
    "analytics",
    "leads",
    "campaigns",
    "accounts",
    "operations",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "template_partials",
    "csp",
    "django.forms",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.keep_out_of_caches",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.PagesForClientLogins",
    "accounts.middleware.SecondFactorFirst",
    "accounts.viewing.OnlyLooking",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.frame.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"  # so that templates/django/forms/ may replace Django's own

# Data ----------------------------------------------------------------------------------------------------------------

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Several processes write to one SQLite file: WAL lets readers go on meanwhile, IMMEDIATE makes a writer wait its turn
# instead of failing when it turns from reader to writer, and 20 s outlast the longest bulk write.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA temp_store=MEMORY; "
        "PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;"
    ),
}


def database() -> dict[str, Any]:
    """Django's description of DATABASE_URL; threads keep their connection between requests and tasks."""
    described: dict[str, Any] = env.db_url(
        "DATABASE_URL", default=f"sqlite:///{QUARTERDECK_DATA_DIR / 'quarterdeck.sqlite3'}"
    )
    described["CONN_MAX_AGE"] = 600
    if described["ENGINE"] == "django.db.backends.sqlite3":
        described["OPTIONS"] = SQLITE_OPTIONS
    elif described["ENGINE"] == "django.db.backends.postgresql":
        described["CONN_HEALTH_CHECKS"] = True
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    return described


DATABASES = {"default": database()}

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "quarterdeck:cache",
    }
}

SESSION_ENGINE = "django.contrib.sessions.backends.db"

# People --------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # an admin creates people and their address; nobody signs up
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to strangers, whatever address somebody types in
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of what changed at the person's own door
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
USERSESSIONS_ADAPTER = "accounts.signing_in.SessionsAdapter"
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = QUARTERDECK_WORKSPACE_NAME
MFA_TOTP_TOLERANCE = 1  # phones' clocks are half a minute off
MFA_ALLOW_UNVERIFIED_EMAIL = True  # an admin gave the address
HIJACK_PERMISSION_CHECK = "accounts.viewing.may_view_as"
HIJACK_INSERT_BEFORE = None  # the banner is the portal's own
ALLAUTH_TRUSTED_PROXY_COUNT = env.int(
    "QUARTERDECK_TRUSTED_PROXIES", default=0
)  # whose word on the client's address counts for throttling

# Safety --------------------------------------------------------------------------------------------------------------

# Plain http is for this machine only: demo, development, or an explicit wish. config/checks.py refuses it elsewhere.
QUARTERDECK_INSECURE_HTTP = env.bool("QUARTERDECK_INSECURE_HTTP", default=False)
PLAIN_HTTP = DEBUG or QUARTERDECK_DEMO or QUARTERDECK_INSECURE_HTTP
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # probes come from the same machine, without TLS
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else env.int("QUARTERDECK_HSTS_SECONDS", default=365 * 24 * 3600)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env.bool("QUARTERDECK_HSTS_SUBDOMAINS", default=True)
SECURE_REFERRER_POLICY = "same-origin"
if env.bool("QUARTERDECK_BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_NAME = "quarterdeck_session"
CSRF_COOKIE_NAME = "quarterdeck_csrf"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Language, files, mail -----------------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = QUARTERDECK_DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = False
MEDIA_ROOT = QUARTERDECK_DATA_DIR / "media"

if QUARTERDECK_DEMO and not env.str("EMAIL_URL", default=""):
    # A demo invents people and must not write to any: its mail stays in a folder, which the outbox page shows.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(QUARTERDECK_DATA_DIR / "outbox")
else:
    vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10  # seconds: a page waits for the mail server, and must not wait for ever
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Quarterdeck <quarterdeck@localhost>")

LOGGING_CONFIG = "config.logs.configure"
LOGGING = logging_config(
    as_json=env.bool("QUARTERDECK_JSON_LOGS", default=not DEBUG), level=env.str("LOG_LEVEL", default="INFO")
)

# Background work -----------------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_RESULT_BACKEND = None
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
# Early acks, and nothing held back in a worker's memory: the broker only carries hints, what remains to be done is in
# the database. Late acks would make the worker exit when Redis restarts (kombu 5.7, restore_unacked).
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_CONCURRENCY = env.int("QUARTERDECK_WORKER_THREADS", default=32)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "config.celery:StaticScheduler"
CELERY_BEAT_SCHEDULE = {
    # A planner's message is worthless once the next one is due.
    "plan syncs": {"task": "operations.plan_syncs", "schedule": 2.0, "options": {"expires": 2}},
    "plan writes": {"task": "operations.plan_writes", "schedule": 2.0, "options": {"expires": 2}},
    "plan jobs": {"task": "operations.plan_jobs", "schedule": 2.0, "options": {"expires": 2}},
    "prune api calls": {
        "task": "operations.prune_api_calls",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
}
