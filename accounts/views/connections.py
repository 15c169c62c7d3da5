"""The pages about provider keys. Everybody sees the state of their own clients' keys; only agency admins change them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import transaction
from django.db.models import Subquery
from django.forms import Form
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import learned
from accounts.forms import AddConnection, AllowWrites, ChoosePlan, EnableConnection, MapClient, ReplaceKey
from accounts.models import Client, Connection, RemoteClient
from accounts.reports import ConnectionReport, list_rows
from accounts.services import connections as services
from accounts.services.base_urls import default_base_url
from accounts.services.clients import create_client
from accounts.services.keys import KeyInUse
from accounts.services.mapping import agency_key_with, map_remote_client
from accounts.services.syncing import ask_for_sync
from accounts.standing import passing_trouble
from operations.audit import Actor
from operations.models import Installation
from operations.web import HtmxRequest, render_page, wants_partial

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def connection_list(request: HtmxRequest) -> HttpResponse:
    rows = list_rows(request.user, timezone.now())
    return render(request, "accounts/connections.html", {"rows": rows, "now": timezone.now()})


@never_cache
@sensitive_post_parameters("key")
@form_page
def add(request: HtmxRequest) -> HttpResponse:
    """A new key. What was typed stays when something is wrong with it, except for the key itself."""
    only_admins(request)
    now = timezone.now()
    first = {"provider": Connection.Provider.SMARTLEAD, "base_url": default_base_url(Connection.Provider.SMARTLEAD)}
    form = AddConnection(request.POST or None, initial=first, clients=Client.objects.visible_to(request.user))
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        actor = Actor.on_page(request.user)
        try:
            with transaction.atomic():
                new = values["new_client"]
                client = create_client(new, actor, now) if new else values["client"]
                connection = services.add_connection(
                    name=values["name"],
                    provider=values["provider"],
                    base_url=values["base_url"],
                    key=values["key"],
                    client=client,
                    actor=actor,
                    now=now,
                )
        except KeyInUse as error:
            form.refuse("key", str(error))
        else:
            return redirect("accounts:connection", connection.pk)
    return render(request, "accounts/add_connection.html", {"form": form})


@require_safe
def detail(request: HtmxRequest, pk: int) -> HttpResponse:
    """One connection; htmx gets what moves while a sync runs."""
    report = ConnectionReport(visible(request, pk), request.user, timezone.now(), changing=request.GET.get("change"))
    context = report.context() | {
        "mapping_oob": report.has_other_clients_than(request.GET.get("clients")),
        "partial": wants_partial(request),
    }
    return render_page(request, "accounts/connection.html", context, partial="live")


@require_POST
def check(request: HtmxRequest, pk: int) -> HttpResponse:
    """Try the key now, and say what it sees or what is wrong."""
    connection = changeable(request, pk)
    now = timezone.now()
    verdict = services.check_key(connection, now, by=request.user)
    passing = passing_trouble(connection, verdict.error) if verdict.error else None
    if wants_partial(request):
        report = ConnectionReport(visible(request, pk), request.user, timezone.now(), passing=passing, checked=True)
        return render(request, "accounts/connection.html#checked", report.context())
    if passing:
        messages.warning(request, f"{passing.title} {passing.text}")
    return redirect("accounts:connection", pk)


@require_POST
def sync_now(request: HtmxRequest, pk: int) -> HttpResponse:
    connection = changeable(request, pk)
    if not connection.is_enabled:
        messages.error(request, f"{connection.name} is disabled. Enable it first.")
        return back(request, connection)
    if ask_for_sync([connection.pk], timezone.now(), by=request.user):
        messages.success(request, f"Sync of {connection.name} asked for.")
    else:
        messages.warning(request, "The workers can’t be reached at the moment. The sync starts as soon as they can.")
    return back(request, connection)


@never_cache
@sensitive_post_parameters("key")
@form_page
def replace(request: HtmxRequest, pk: int) -> HttpResponse:
    connection = changeable(request, pk)
    form = ReplaceKey(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.replace_key(connection, form.cleaned_data["key"], Actor.on_page(request.user), timezone.now())
        except KeyInUse as error:
            form.refuse("key", str(error))
        else:
            messages.success(request, f"Key of {connection.name} replaced.")
            return redirect("accounts:connection", pk)
    context = {"form": form, "connection": connection}
    return render(request, "accounts/replace_key.html", context)


@form_page
def writes(request: HtmxRequest, pk: int) -> HttpResponse:
    """Allow or forbid changes at the provider: first the page that says what it means, then the deed."""
    connection = changeable(request, pk)
    if request.method == "POST":
        allowed = said(AllowWrites(request.POST), "allow")
        services.set_may_write(connection, allowed, Actor.on_page(request.user))
        messages.success(
            request, f"{connection.name} may change campaigns now." if allowed else f"{connection.name} only reads now."
        )
        return redirect("accounts:connection", pk)
    return render(request, "accounts/confirm_writes.html", {"connection": connection})


@form_page
def enabled(request: HtmxRequest, pk: int) -> HttpResponse:
    """Disable or enable: first the page that says what it means, then the deed."""
    connection = changeable(request, pk)
    if request.method == "POST":
        enable = said(EnableConnection(request.POST), "enable")
        services.set_enabled(connection, enable, Actor.on_page(request.user), timezone.now())
        messages.success(request, f"{connection.name} {'enabled' if enable else 'disabled'}.")
        return redirect("accounts:connection", pk)
    context = {"connection": connection, "read_by": None if connection.is_enabled else agency_key_with(connection)}
    return render(request, "accounts/confirm_enabled.html", context)


@require_POST
def plan(request: HtmxRequest, pk: int) -> HttpResponse:
    connection = changeable(request, pk)
    form = ChoosePlan(request.POST, provider=connection.provider)
    if form.is_valid():
        services.set_plan(connection, form.cleaned_data["plan"], Actor.on_page(request.user))
        messages.success(request, "Plan changed. Calls keep to its limits from now on.")
    else:
        messages.error(request, "There is no such plan. Nothing was changed.")
    return redirect("accounts:connection", pk)


@require_POST
def forget(request: HtmxRequest, pk: int) -> HttpResponse:
    """Forget one thing that was found out about the connection, so that it is found out anew."""
    connection = changeable(request, pk)
    if learned.forget(connection.pk, request.POST.get("fact", ""), Actor.on_page(request.user)):
        messages.success(request, "Forgotten. If it still is so, it is found out again.")
    else:
        messages.warning(request, "That is not remembered any more. Nothing was changed.")
    return back(request, connection)


@require_POST
def map_client(request: HtmxRequest, pk: int, remote_pk: int) -> HttpResponse:
    """Say whose a remote client is; its campaigns and figures follow at once."""
    connection = changeable(request, pk)
    remote = get_object_or_404(
        RemoteClient.objects.visible_to(request.user).select_related("client"), pk=remote_pk, connection=connection
    )
    form = MapClient(request.POST, clients=Client.objects.visible_to(request.user))
    if form.is_valid():
        actor = Actor.on_page(request.user)
        with transaction.atomic():
            new = form.cleaned_data["new_client"]
            client = create_client(new, actor, timezone.now()) if new else form.cleaned_data["client"]
            map_remote_client(remote, client, actor)
        whose = f"{remote} is {client.name} now." if client else f"{remote} is nobody’s now."
        messages.success(request, f"{whose} Its campaigns follow.")
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    if wants_partial(request):
        report = ConnectionReport(visible(request, pk), request.user, timezone.now())
        return render(request, "accounts/connection.html#mapping", report.context() | {"partial": True})
    return redirect(reverse("accounts:connection", args=[pk]) + "#mapping")


def visible(request: HtmxRequest, pk: int) -> Connection:
    """The connection if the reader may see it, else 404."""
    stopped_at = Installation.objects.filter(writes_stopped_at__isnull=False).values("writes_stopped_at")[:1]
    shown = Connection.objects.visible_to(request.user).select_related("client", "created_by", "sync_state__run")
    shown = shown.annotate(changes_stopped_at=Subquery(stopped_at))
    return get_object_or_404(shown, pk=pk)


def changeable(request: HtmxRequest, pk: int) -> Connection:
    """The connection if the reader may change it: 404 for one that they may not see, 403 for one that they may."""
    connection = visible(request, pk)
    only_admins(request)
    return connection


def only_admins(request: HtmxRequest) -> None:
    if not request.user.is_agency_admin:
        raise PermissionDenied


def said(form: Form, name: str) -> bool:
    """The yes or no that was sent; without one the answer is 400."""
    if not form.is_valid():
        raise BadRequest
    return bool(form.cleaned_data[name] == "yes")


def back(request: HtmxRequest, connection: Connection) -> HttpResponseRedirect:
    """To the page that the button was on, if that is one of ours."""
    target: Any = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return HttpResponseRedirect(target)
    return redirect("accounts:connection", connection.pk)
