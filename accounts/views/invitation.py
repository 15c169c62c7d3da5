"""The page behind the link of an invitation."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.people_forms import AcceptInvitation
from accounts.services.people import LinkOver, LinkUnknown, accept, invitation_by
from accounts.signing_in import sign_in


@login_not_required
@never_cache
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Name and password of the person who was invited; then they are signed in. Opening the link alone changes nothing."""
    now = timezone.now()
    try:
        invitation = invitation_by(token, now)
        person = invitation.user
        form = AcceptInvitation(request.POST or None, email=person.email, initial={"name": person.name})
        if request.method == "POST" and form.is_valid():
            values = form.cleaned_data
            person = accept(token, name=values["name"], password=values["password"], now=now)
            sign_in(request, person)
            return redirect("home")
    except LinkOver as over:
        return render(request, "accounts/invitation.html", {"form": None, "why": str(over)}, status=410)
    except LinkUnknown:
        return render(request, "accounts/invitation.html", {"form": None, "why": "unknown"}, status=404)
    return render(request, "accounts/invitation.html", {"form": form, "invitation": invitation, "person": person})
