"""The look of a client's portal: changing it, and its parts as files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.branding import USUAL_COLOUR, Portal, dark, light, written
from accounts.branding import stylesheet as stylesheet_of
from accounts.branding_forms import BrandingForm
from accounts.client_frame import client_frame, visible_client
from accounts.middleware import for_client_logins
from accounts.services.branding import change_branding
from operations.audit import Actor
from operations.web import HtmxRequest


@require_http_methods(["GET", "HEAD", "POST"])
def branding(request: HtmxRequest, slug: str) -> HttpResponse:
    """Name, colour and logo of the client's portal, for admins and the client's managers."""
    client = visible_client(request, slug)
    if not request.user.may_change:
        raise PermissionDenied
    form = BrandingForm(request.POST or None, request.FILES or None, client=client)
    if request.method == "POST" and form.is_valid():
        if change_branding(client, form.look(), Actor.on_page(request.user), timezone.now()):
            messages.success(request, f"The portal of {client.name} has its new look.")
        return redirect("accounts:branding", slug)
    colour = getattr(getattr(client, "branding", None), "colour", "") or USUAL_COLOUR
    context = client_frame(request, client, "branding") | {
        "form": form,
        "portal": Portal.of(client),
        "colour": colour,
        "on_light": written(light(colour).brand),
        "on_dark": written(dark(colour).brand),
        "darkened": light(colour).was_changed,
        "lightened": dark(colour).was_changed,
    }
    return render(request, "accounts/branding.html", context)


@for_client_logins
@require_safe
def stylesheet(request: HtmxRequest, slug: str) -> HttpResponse:
    """The client's colours as tokens, for everybody who may see the client."""
    client = visible_client(request, slug)
    colour = getattr(getattr(client, "branding", None), "colour", "")
    return HttpResponse(stylesheet_of(colour), content_type="text/css; charset=utf-8")


@for_client_logins
@require_safe
def logo(request: HtmxRequest, slug: str) -> HttpResponseBase:
    """The client's logo; it was drawn anew as a PNG when it came in."""
    found = getattr(visible_client(request, slug), "branding", None)
    if found is None or not found.logo:
        raise Http404
    try:
        file = found.logo.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    response = FileResponse(file, content_type="image/png")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
