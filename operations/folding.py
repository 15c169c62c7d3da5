"""Finding text whatever its case, in every alphabet: by itself SQLite folds ASCII only, PostgreSQL what its locale knows."""

import unicodedata
from functools import cache
from typing import Any

from django.db import connections
from django.db.backends.signals import connection_created
from django.db.models import F, Func
from django.db.models.lookups import Contains, IContains, IStartsWith, StartsWith

_SQLITE_NAME = "quarterdeck_fold"
_EVERY_ALPHABET = "und-x-icu"  # in each PostgreSQL that was built with ICU, as those of the distributions are


def fold(text: str) -> str:
    """The text as it is compared."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).lower()


def holds(field: str, text: str) -> Contains | IContains:
    """A condition: the text of the field has this one in it."""
    return IContains(F(field), text) if text.isascii() else Contains(Fold(F(field)), fold(text))


def starts_with(field: str, text: str) -> StartsWith | IStartsWith:
    """A condition: the text of the field begins with this one."""
    return IStartsWith(F(field), text) if text.isascii() else StartsWith(Fold(F(field)), fold(text))


class Fold(Func):
    """`fold` of a column. For words beyond ASCII alone: for the others both databases have something faster."""

    function = "LOWER"
    arity = 1

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, function=_SQLITE_NAME, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        if not _has_icu(connection.alias):
            return self.as_sql(compiler, connection, **extra)
        template = f'%(function)s(%(expressions)s COLLATE "{_EVERY_ALPHABET}")'
        return self.as_sql(compiler, connection, template=template, **extra)


@cache
def _has_icu(alias: str) -> bool:
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_collation WHERE collname = %s", [_EVERY_ALPHABET])
        return cursor.fetchone() is not None


def teach_sqlite(sender: Any, connection: Any, **_: Any) -> None:
    """Each new connection to SQLite learns to fold."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_SQLITE_NAME, 1, _fold_value, deterministic=True)


def _fold_value(value: Any) -> Any:
    return fold(value) if isinstance(value, str) else value


def register() -> None:
    connection_created.connect(teach_sqlite, dispatch_uid="operations.folding")
