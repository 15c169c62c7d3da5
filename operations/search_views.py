"""Search over everything that one may see."""

from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from operations.searching import Asked, search
from operations.web import HtmxRequest, render_page, wants_partial

IN_THE_BOX, ON_THE_PAGE = 5, 30


@require_safe
def search_everything(request: HtmxRequest) -> HttpResponse:
    """The page with its results; htmx gets the results, or those of the box that opens over every page (`part=box`)."""
    box = wants_partial(request) and request.GET.get("part") == "box"
    asked = Asked.of(request.GET.get("q", ""))
    recent = request.GET.get("recent", "").split() if box else []
    groups = search(request.user, asked, most=IN_THE_BOX if box else ON_THE_PAGE, recent=recent)
    context: dict[str, Any] = {"asked": asked, "groups": groups, "found": sum(len(group.items) for group in groups)}
    return render_page(request, "operations/search.html", context, partial="box" if box else "results")
