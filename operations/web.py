"""Small helpers of the pages: one address with two renderings, and pages of a list whose length is known already."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    """A request as HtmxMiddleware hands it on."""

    htmx: HtmxDetails
    user: Any


def wants_partial(request: HtmxRequest) -> bool:
    """Whether htmx asks for a part; boosted links and history restores need the whole page."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(request: HtmxRequest, template: str, context: dict[str, Any], *, partial: str = "") -> HttpResponse:
    """The whole page, or for htmx the partial of that name in the same template; caches are told what matters."""
    name = f"{template}#{partial}" if partial and wants_partial(request) else template
    response = render(request, name, context)
    patch_vary_headers(response, ["HX-Request", "HX-Boosted", "HX-History-Restore-Request"])
    return response


class CountedPaginator(Paginator):
    """A paginator that is told how many rows there are, where a query of the page knows it anyway."""

    def __init__(self, rows: "QuerySet[Any] | Sequence[Any]", per_page: int, *, count: int) -> None:
        super().__init__(rows, per_page)
        self._count = count

    @cached_property
    def count(self) -> int:
        return self._count


def page_of(rows: "QuerySet[Any] | Sequence[Any]", *, number: str | None, per_page: int, count: int) -> "Page[Any]":
    """The page with that number; nonsense is the first page, a number beyond the end is the last one."""
    return CountedPaginator(rows, per_page, count=count).get_page(number)


def counted_page(rows: "QuerySet[Any]", *, number: str | None, per_page: int) -> "Page[Any]":
    """The same for rows that nobody has counted yet: rows and count come in one query, unless the number is beyond the end."""
    wanted = int(number) if number and number.isascii() and number.isdigit() and 0 < len(number) < 9 else 1
    first = (max(wanted, 1) - 1) * per_page
    # A window would count as well, but only after it has read every row in full.
    count = rows.order_by().annotate(_one=Value(1)).values("_one").annotate(_rows=Count("pk")).values("_rows")
    here = list(rows.annotate(_rows=Subquery(count))[first : first + per_page])
    if not here and first:
        return page_of(rows, number=number, per_page=per_page, count=rows.count())
    paginator = CountedPaginator(rows, per_page, count=here[0]._rows if here else 0)
    return Page(here, max(wanted, 1), paginator)
