"""Typed clients for the sending platforms. No Django, no Celery, no Redis: what is outside comes in as an argument."""

VERSION = "0.1.0"
