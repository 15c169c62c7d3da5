"""Every route of the product, read from the URL configuration."""

import re
from collections.abc import Iterator
from typing import Any

from django.urls import URLResolver, get_resolver, reverse


def all_routes() -> list[str]:
    """The full name of each route, or its pattern where it has no name."""
    return list(dict.fromkeys(_walk(get_resolver().url_patterns, "", "")))


def _walk(patterns: list[Any], namespace: str, prefix: str) -> Iterator[str]:
    for pattern in patterns:
        here = prefix + str(pattern.pattern).removeprefix("^")
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern.url_patterns, inner, here)
        else:
            yield f"{namespace}{pattern.name}" if pattern.name else here


def address_of(route: str, args: list[Any]) -> str:
    """Where the route is, with these arguments."""
    if "/" not in route:
        return reverse(route, args=args)
    rest = iter(args)
    return "/" + re.sub(r"<path:\w+>|\(\?P<\w+>\.\*\)\$", lambda _: str(next(rest)), route)
