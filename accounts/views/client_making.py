"""Adding clients, naming them, saying who runs them and where they are at the providers. For agency admins."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.client_forms import LATER, NEW, THERE, AddClient, EditClient, PlaceForm, Places
from accounts.client_frame import client_frame, visible_client
from accounts.models import Client, RemoteClient
from accounts.services.clients import NameTaken, change_client, create_client
from accounts.services.mapping import map_remote_client
from accounts.services.remote_clients import make_remote_client
from accounts.views.connections import form_page, only_admins
from operations.audit import Actor
from operations.models import Write
from operations.web import HtmxRequest
from operations.writes.waiting import wait_while


@form_page
def add_client(request: HtmxRequest) -> HttpResponse:
    """A new client: here alone, for one that is at a provider already, or with a new one there."""
    only_admins(request)
    places = Places.of(request.user)
    form = AddClient(request.POST or None, places=places, initial=_suggested(request, places))
    if request.method == "POST" and form.is_valid():
        values, actor, now = form.cleaned_data, Actor.on_page(request.user), timezone.now()
        try:
            with transaction.atomic():
                client = create_client(values["name"], actor, now, owner=values["owner"])
                write = _put(client, values, actor)
        except NameTaken as error:
            form.refuse("name", str(error))
        else:
            return _done(request, client, write, f"{client.name} was added.")
    return render(request, "clients/add.html", {"form": form, "places": places})


@form_page
def edit_client(request: HtmxRequest, slug: str) -> HttpResponse:
    """Name and owner. The client’s addresses stay as they are."""
    client = visible_client(request, slug)
    only_admins(request)
    was = client.name
    form = EditClient(request.POST or None, client=client, initial={"name": client.name, "owner": client.owner_id})
    if request.method == "POST" and form.is_valid():
        values, actor = form.cleaned_data, Actor.on_page(request.user)
        try:
            changed = change_client(client, name=values["name"], owner=values["owner"], actor=actor, now=timezone.now())
        except NameTaken as error:
            form.refuse("name", str(error))
        else:
            if changed:
                messages.success(request, f"{was} was changed.")
            return redirect("analytics:client", slug)
    context = client_frame(request, client, "") | {"form": form, "now": timezone.now()}
    return render(request, "clients/edit.html", context)


@form_page
def place_client(request: HtmxRequest, slug: str) -> HttpResponse:
    """Where a client is at the providers, for one that is here already."""
    client = visible_client(request, slug)
    only_admins(request)
    places = Places.of(request.user)
    form = PlaceForm(request.POST or None, places=places, initial=_first_place(places))
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            write = _put(client, form.cleaned_data, Actor.on_page(request.user))
        return _done(request, client, write, "")
    context = client_frame(request, client, "connections") | {"form": form, "places": places, "now": timezone.now()}
    return render(request, "clients/place.html", context)


def _suggested(request: HtmxRequest, places: Places) -> dict[str, Any]:
    """The client at a provider that the address names (`remote`), with its name."""
    asked = request.GET.get("remote", "")
    for one in places.nobodys:
        if str(one.pk) == asked:
            return {"place": THERE, "remote": one.pk, "name": one.name}
    return {"place": LATER}


def _first_place(places: Places) -> dict[str, Any]:
    return {"place": NEW if places.makers and not places.nobodys else THERE if places.nobodys else LATER}


def _put(client: Client, values: dict[str, Any], actor: Actor) -> Write | None:
    """Map the client that was chosen, or ask for a new one."""
    if values["place"] == THERE:
        remote = RemoteClient.objects.select_for_update().get(pk=values["remote"].pk)
        if remote.client is None:  # somebody may have said meanwhile whose it is
            map_remote_client(remote, client, actor)
    elif values["place"] == NEW:
        return make_remote_client(
            client, values["maker"], values["email"], with_key=values["with_key"], actor=actor, now=timezone.now()
        )
    return None


def _done(request: HtmxRequest, client: Client, write: Write | None, said: str) -> HttpResponse:
    if said:
        messages.success(request, said)
    if write is None:
        return redirect("accounts:client_connections", client.slug)
    wait_while(lambda: Write.objects.unsettled().filter(pk=write.pk).exists())
    return redirect("accounts:client_connections", client.slug)
