"""What every page of one client has in common: its head and the pages beside it."""

from dataclasses import dataclass
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts.models import Client
from operations.web import HtmxRequest

# Label and name of the address; each takes the client's slug. Pages of upper rooms are known by their address alone.
PAGES = (
    ("overview", "Overview", "analytics:client"),
    ("mailboxes", "Mailboxes", "campaigns:client_mailboxes"),
    ("people", "People", "accounts:client_people"),
    ("connections", "Connections", "accounts:client_connections"),
    ("branding", "Branding", "accounts:branding"),
    ("activity", "Activity", "accounts:client_activity"),
)
FOR_CHANGERS = {"branding"}


@dataclass(frozen=True)
class ClientTab:
    label: str
    url: str
    current: bool


def visible_client(request: HtmxRequest, slug: str) -> Client:
    """The client with its branding and owner if the reader may see it, else 404."""
    clients = Client.objects.visible_to(request.user).select_related("branding", "owner")
    return get_object_or_404(clients, slug=slug)


def client_frame(request: HtmxRequest, client: Client, page: str) -> dict[str, Any]:
    """Context of templates/clients/page.html; `page` is one of the names above."""
    changes = request.user.may_change
    tabs = [
        ClientTab(label, reverse(address, args=[client.slug]), name == page)
        for name, label, address in PAGES
        if changes or name not in FOR_CHANGERS
    ]
    campaigns = ClientTab("Campaigns", f"{reverse('campaigns:list')}?client={client.slug}", current=False)
    return {"client": client, "tabs": [tabs[0], campaigns, *tabs[1:]], "changes": changes}
