"""The one-time page that makes the first admin."""

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.forms import FirstAdmin
from accounts.services.setup import LinkExpired, LinkUnknown, check_token, create_first_admin
from accounts.signing_in import sign_in


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def first_admin(request: HttpRequest, token: str) -> HttpResponse:
    """Open to whoever holds the link, until there is anybody; afterwards it is not there."""
    try:
        check_token(token)
        form = FirstAdmin(request.POST or None)
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            user = create_first_admin(
                token, email=values["email"], name=values["name"], password=values["password"], now=timezone.now()
            )
            sign_in(request, user)
            return redirect("accounts:connections")
    except LinkExpired:
        return render(request, "accounts/setup.html", {"form": None}, status=410)
    except LinkUnknown:
        raise Http404 from None
    return render(request, "accounts/setup.html", {"form": form})
