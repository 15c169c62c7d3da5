"""Pages of the portal."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.client_frame import visible_client
from accounts.frame import show_look
from accounts.middleware import for_client_logins
from accounts.models import Client
from accounts.viewing import who_can_be_viewed
from analytics.portal.page import portal_page
from operations.web import HtmxRequest, render_page

MOST_LOGINS = 8  # more are on the page of the client’s people


@for_client_logins
@require_safe
def home(request: HtmxRequest) -> HttpResponse:
    """The client's numbers and campaigns. For client logins only: others have the agency's pages."""
    if not request.user.is_client_login:
        raise Http404
    client = Client.objects.visible_to(request.user).select_related("branding", "owner").first()
    if client is None:
        return render(request, "portal/home.html", {"client": None})
    show_look(request, client)
    context = portal_page(client, request.user, request.GET, timezone.now())
    return render_page(request, "portal/home.html", context, partial="numbers")


@require_safe
def preview(request: HtmxRequest, slug: str) -> HttpResponse:
    """The portal of a client as their people will see it, for whoever of the agency may see the client. Nothing can be sent."""
    client = visible_client(request, slug)
    show_look(request, client)
    logins = list(who_can_be_viewed(request.user).filter(memberships__client=client)[:MOST_LOGINS])
    context = portal_page(client, request.user, request.GET, timezone.now()) | {"preview": True, "logins": logins}
    return render_page(request, "portal/home.html", context, partial="numbers")
