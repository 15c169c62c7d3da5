"""What is being made of a client at a provider, and what became of it, in words for the page of its connections."""

from dataclasses import dataclass

from django.urls import reverse

from accounts.models import Client
from accounts.services.remote_clients import CREATE, CREATE_KEY, MAKING
from operations.models import Write

TITLES = {CREATE: "Making the client …", CREATE_KEY: "Making its key …"}
FAILED = {CREATE: "The client was not made.", CREATE_KEY: "The key was not made."}
TAKEN = "Somebody at the provider has this address already. Map that client, or use another address."


@dataclass(frozen=True)
class Making:
    """One thing that is under way, or that failed last. `tone` is the colour of its note."""

    title: str
    text: str
    pending: bool = False
    tone: str = ""
    icon: str = "info-circle"
    url: str = ""
    action: str = ""


def making_of(client: Client, *, may_retry: bool) -> list[Making]:
    """What is under way; else the last thing, if it failed. One query."""
    subject = {"subject_type": Client._meta.label, "subject_id": str(client.pk)}
    writes = list(Write.objects.filter(kind__in=MAKING, **subject).select_related("connection").order_by("-pk")[:2])
    retry = reverse("accounts:place_client", args=[client.slug]) if may_retry else ""
    under_way = [_told(write, retry) for write in writes if not write.is_settled]
    if under_way or not writes or writes[0].state == Write.State.DONE:
        return under_way
    return [_told(writes[0], retry)]


def _told(write: Write, retry: str) -> Making:
    connection = write.connection
    if not write.is_settled:
        where = f"At {connection.get_provider_display()}, with {connection.name}."
        return Making(TITLES[write.kind], f"{where} {write.message}".strip(), pending=True)
    text = TAKEN if write.state == Write.State.CONFLICT and write.kind == CREATE else write.message
    url = retry if write.kind == CREATE else ""
    action = "Try again" if url else ""
    return Making(FAILED[write.kind], text, tone="bad", icon="alert-circle", url=url, action=action)
