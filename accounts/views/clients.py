"""Pages of one client that are about people, keys and what was changed."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.client_frame import client_frame, visible_client
from accounts.client_making import making_of
from accounts.models import Connection, Membership, RemoteClient
from accounts.reports import may_see_counts
from accounts.standing import Standing, standing_of
from accounts.viewing import who_can_be_viewed
from operations.models import AuditEntry
from operations.telling import tell_entry
from operations.web import HtmxRequest, counted_page, render_page

PER_PAGE = 30


@require_safe
def client_people(request: HtmxRequest, slug: str) -> HttpResponse:
    """Who works for the client and who of theirs may look in; those can be viewed as."""
    client = visible_client(request, slug)
    memberships = (
        Membership.objects.filter(client=client).select_related("user").order_by("user__role", "user__name", "pk")
    )
    viewable = set(who_can_be_viewed(request.user).values_list("pk", flat=True))
    context = client_frame(request, client, "people") | {
        "memberships": list(memberships),
        "viewable": viewable,
        "now": timezone.now(),
    }
    return render(request, "clients/people.html", context)


@dataclass(frozen=True)
class ClientKey:
    """A key behind a client, and the names that the client has there."""

    connection: Connection
    standing: Standing
    names: list[str]
    shows_key: bool


@require_safe
def client_connections(request: HtmxRequest, slug: str) -> HttpResponse:
    """The keys behind the client: their own, and those of the agency with the remote clients that are theirs; and what is
    being made for the client at a provider.
    """
    client = visible_client(request, slug)
    remote = list(RemoteClient.objects.visible_to(request.user).filter(client=client, gone_at=None))
    behind = Q(client=client) | Q(pk__in=[one.connection_id for one in remote])
    connections = Connection.objects.visible_to(request.user).filter(behind)
    making = making_of(client, may_retry=request.user.is_agency_admin)
    context = client_frame(request, client, "connections") | {
        "rows": [
            ClientKey(
                one,
                standing_of(one),
                [str(other) for other in remote if other.connection_id == one.pk],
                may_see_counts(one, request.user),
            )
            for one in connections
        ],
        "making": making,
        "pending": any(one.pending for one in making),
        "now": timezone.now(),
    }
    return render_page(request, "clients/connections.html", context, partial="live")


@require_safe
def client_activity(request: HtmxRequest, slug: str) -> HttpResponse:
    """What was changed of the client, newest first."""
    client = visible_client(request, slug)
    entries = AuditEntry.objects.visible_to(request.user).filter(client=client).select_related("write")
    page = counted_page(entries, number=request.GET.get("page"), per_page=PER_PAGE)
    context = client_frame(request, client, "activity") | {
        "page": page,
        "timeline": [tell_entry(entry) for entry in page.object_list],
        "now": timezone.now(),
    }
    return render(request, "clients/activity.html", context)
