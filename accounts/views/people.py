"""The people pages, for agency admins: who is here, what each may, coming in and leaving."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Client, Invitation, SignInRules, User
from accounts.people_forms import AccessForm, InvitePerson, RequireSecondFactor
from accounts.roster import everybody, row_of
from accounts.services import people
from accounts.services.mailing import MailNotSent, send_invitation
from operations.audit import Actor
from operations.web import HtmxRequest, page_of

PER_PAGE = 50

View = Callable[..., HttpResponse]


def for_admins(view: View) -> View:
    """403 for everybody of the agency who does not run it."""

    @wraps(view)
    def checked(request: HtmxRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_agency_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return checked


@for_admins
@require_safe
def people_list(request: HtmxRequest) -> HttpResponse:
    search, now = words_of(request.GET.get("q", "")), timezone.now()
    found = everybody(search)
    page = page_of(found, number=request.GET.get("page"), per_page=PER_PAGE, count=found.count())
    context = {
        "rows": [row_of(person, now) for person in page],
        "page": page,
        "search": search,
        "rules": SignInRules.current(),
        "now": now,
    }
    return render(request, "accounts/people.html", context)


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HtmxRequest) -> HttpResponse:
    clients = Client.objects.visible_to(request.user)
    form = InvitePerson(request.POST or None, clients=clients, initial={"role": User.Role.MANAGER})
    if request.method == "POST" and form.is_valid():
        try:
            invitation = people.invite(
                form.cleaned_data["email"],
                form.cleaned_data["name"],
                form.access(),
                actor=Actor.on_page(request.user),
                now=timezone.now(),
            )
        except people.NotPossible as error:  # somebody else was quicker
            form.refuse("email", str(error))
        else:
            return mailed(request, invitation)
    return render(request, "accounts/invite.html", {"form": form})


@for_admins
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HtmxRequest, pk: int) -> HttpResponse:
    """What a person may, to read and to change."""
    who, now = known(pk), timezone.now()
    clients = Client.objects.visible_to(request.user)
    if request.method == "POST":
        form = AccessForm(request.POST, clients=clients)
        if form.is_valid():
            try:
                people.change_access(who, form.access(), actor=Actor.on_page(request.user), now=now)
            except people.NotPossible as error:
                form.refuse("role", str(error))
            else:
                messages.success(request, f"{who} may now do what you chose.")
                return redirect("accounts:people")
        who = known(pk)
    else:
        form = AccessForm.of(people.access_of(who), clients=clients)
    return render(request, "accounts/person.html", {"form": form, "row": row_of(who, now), "person": who, "now": now})


@for_admins
@require_POST
def resend(request: HtmxRequest, pk: int) -> HttpResponse:
    try:
        invitation = people.send_again(known(pk), actor=Actor.on_page(request.user), now=timezone.now())
    except people.NotPossible as error:
        return refused(request, pk, error)
    return mailed(request, invitation)


@for_admins
@require_POST
def withdraw(request: HtmxRequest, pk: int) -> HttpResponse:
    said = "The invitation of {} is withdrawn. Its link opens nothing any more."
    return _done(request, pk, people.withdraw, said) or redirect("accounts:people")


@for_admins
@require_POST
def deactivate(request: HtmxRequest, pk: int) -> HttpResponse:
    said = "{} is deactivated and signed out everywhere."
    return _done(request, pk, people.deactivate, said) or redirect("accounts:person", pk)


@for_admins
@require_POST
def reactivate(request: HtmxRequest, pk: int) -> HttpResponse:
    return _done(request, pk, people.reactivate, "{} can sign in again.") or redirect("accounts:person", pk)


def _done(request: HtmxRequest, pk: int, deed: Callable[..., object], said: str) -> HttpResponse | None:
    """Do it and say so; the answer if it is not possible."""
    who = known(pk)
    try:
        deed(who, actor=Actor.on_page(request.user))
    except people.NotPossible as error:
        return refused(request, pk, error)
    messages.success(request, said.format(who))
    return None


@for_admins
@require_POST
def forget_second_factor(request: HtmxRequest, pk: int) -> HttpResponse:
    who = known(pk)
    people.forget_second_factor(who, actor=Actor.on_page(request.user))
    messages.success(request, f"{who} signs in with the password alone until they set up a second factor again.")
    return redirect("accounts:person", pk)


@for_admins
@require_POST
def sign_in_rules(request: HtmxRequest) -> HttpResponse:
    form = RequireSecondFactor(request.POST)
    if not form.is_valid():
        raise BadRequest
    required = form.cleaned_data["require"] == "yes"
    people.require_second_factor(required, actor=Actor.on_page(request.user), now=timezone.now())
    messages.success(request, "A second factor is now required." if required else "A second factor is now optional.")
    return redirect("accounts:people")


def words_of(typed: str) -> str:
    """What a search can be asked for: databases take no NUL, and nobody types more than a line."""
    return typed.replace("\x00", "").strip()[:120]


def known(pk: int) -> User:
    return get_object_or_404(everybody(""), pk=pk)


def refused(request: HtmxRequest, pk: int, error: people.NotPossible) -> HttpResponse:
    messages.error(request, str(error))
    return redirect("accounts:person", pk)


def mailed(request: HtmxRequest, invitation: Invitation) -> HttpResponse:
    """Send the link, and say whether it left."""
    link = request.build_absolute_uri(reverse("accounts:invitation", args=[people.token_of(invitation)]))
    try:
        send_invitation(invitation, link)
    except MailNotSent as error:
        messages.error(request, f"{error} The invitation stands: send it again when mail works.")
        return redirect("accounts:person", invitation.user_id)
    messages.success(request, f"An invitation went to {invitation.user.email}.")
    return redirect("accounts:people")
