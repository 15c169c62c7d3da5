"""Which pages are whose. Both refuse by default: a new page is for the agency's people, and asks for what they all need."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from accounts.second_factor import owes_second_factor

View = TypeVar("View", bound=Callable[..., Any])
GetResponse = Callable[[HttpRequest], HttpResponseBase]

SET_UP = "mfa_index"
SIGN_IN_PAGES = frozenset({"account_change_password", "account_set_password", "account_reauthenticate"})
SECOND_FACTOR_PAGES = frozenset(
    {
        SET_UP,
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_add_webauthn",
        "mfa_edit_webauthn",
        "mfa_list_webauthn",
        "mfa_remove_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_view_recovery_codes",
    }
)
# The pages of one's own account, which a library brings and nobody could mark.
OWN_ACCOUNT = SIGN_IN_PAGES | SECOND_FACTOR_PAGES | {"account_email", "usersessions_list"}


def for_client_logins(view: View) -> View:
    """Mark a view that client logins may reach, too. It shows nothing but what is theirs, in the frame of the portal."""
    view.for_client_logins = True  # type: ignore[attr-defined]
    return view


def is_public(view: Callable[..., Any]) -> bool:
    """Whether it is open to people who are not signed in (`login_not_required`)."""
    return not getattr(view, "login_required", True)


class Gate:
    """A middleware that decides in `process_view`, when it is known which page is asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)


class PagesForClientLogins(Gate):
    """For a client login there is no page but the marked ones, those of their own account, and the public ones."""

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if is_public(view) or getattr(view, "for_client_logins", False) or name_of(request) in OWN_ACCOUNT:
            return
        if getattr(request.user, "is_client_login", False):
            raise Http404


class SecondFactorFirst(Gate):
    """Where the agency asks its people for a second factor, one who has none is led to set it up and to nothing else."""

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if is_public(view) or name_of(request) in SECOND_FACTOR_PAGES | SIGN_IN_PAGES:
            return None
        user = request.user
        if not user.is_authenticated or not owes_second_factor(user):
            return None
        # htmx would put the page into the middle of the one that is there.
        return (
            HttpResponseClientRedirect(resolve_url(SET_UP)) if request.headers.get("HX-Request") else redirect(SET_UP)
        )


def name_of(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""
