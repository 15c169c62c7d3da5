"""The two documents that the sequence page shows in frames. Each has a policy of its own, because each shows email HTML."""

from typing import Any, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp, csp_replace
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from campaigns.frame import visible_campaign
from campaigns.sequence_editor import previews
from campaigns.sequence_editor.editing import opened
from operations.web import HtmxRequest

# A frame without scripts, forms and origin: `sandbox` holds even where somebody opens its address by itself.
PREVIEW_POLICY: dict[str, Any] = {
    "sandbox": True,
    "default-src": [NONE],
    "style-src": [UNSAFE_INLINE],
    "img-src": ["data:"],
    "frame-ancestors": [SELF],
}


@require_safe
@xframe_options_sameorigin
@csp_replace({"style-src-attr": [UNSAFE_INLINE], "frame-ancestors": [SELF]})
def editor_frame(request: HttpRequest) -> HttpResponse:
    """The document that one body is edited in. Squire writes style attributes, and this document alone allows them."""
    return render(request, "campaigns/sequence/frame.html")


@require_safe
@xframe_options_sameorigin
@csp(PREVIEW_POLICY)  # type: ignore[arg-type]  # it wraps views with arguments too
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """One text as a lead receives it: what was typed last (`token`), else the text of the page (`show`)."""
    campaign = visible_campaign(cast(HtmxRequest, request), pk)
    wish, plain = request.GET.get("version", ""), "plain" in request.GET
    version = int(wish) if wish.isascii() and wish.isdigit() and len(wish) < 5 else 0
    if typed := previews.stored(request.user, request.GET.get("token", "")):
        return HttpResponse(
            previews.document(typed["subject"], typed["body"], typed["values"], version=version, plain=plain)
        )
    edited = opened(request.user, campaign).edited
    found = edited.find(request.GET.get("show", "")) or next(((step, one) for _, step, one in edited.variants()), None)
    if found is None:
        return HttpResponse(previews.document("", "", {}))
    text = found[1]
    values = {one.name: one.value for one in previews.samples_for(text.subject, text.body, {})}
    return HttpResponse(previews.document(text.subject, text.body, values, version=version, plain=plain))
