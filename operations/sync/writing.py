"""Writing in bulk beside other writers."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_one_writer = threading.Lock()


@contextmanager
def write_transaction() -> Iterator[None]:
    """A transaction for a bulk write.

    SQLite lets its writers wait unfairly, and a save that waits too long loses its lease: there, the threads of a process
    queue up at a lock of their own, so that each process has one writer at the file (ratelimit.md, traps).
    """
    if connection.vendor == "sqlite":
        with _one_writer, transaction.atomic():
            yield
    else:
        with transaction.atomic():
            yield
