"""The front door behind the sign-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.middleware import for_client_logins


@for_client_logins
def home(request: HttpRequest) -> HttpResponse:
    """Each to their own: client logins to their portal, the agency's people to their campaigns."""
    return redirect("portal:home" if getattr(request.user, "is_client_login", False) else "campaigns:list")
