"""Begin and end of looking as a client login. django-hijack changes the session; who may is decided in accounts/viewing.py."""

from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, resolve_url
from django.urls import reverse
from django.views.decorators.http import require_POST
from hijack.views import AcquireUserView, ReleaseUserView

from accounts.middleware import for_client_logins
from accounts.models import User
from accounts.viewing import client_logins_of, who_can_be_viewed
from operations.web import HtmxRequest


class _Begin(AcquireUserView):
    success_url = "/portal/"

    def get_object(self, queryset: Any = None) -> User:
        """404 for everybody whom this person may not look as."""
        return get_object_or_404(who_can_be_viewed(self.request.user), pk=int(self.request.POST["user_pk"]))

    def get_success_url(self) -> str:
        return reverse("portal:home")


class _Leave(ReleaseUserView):
    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        client = request.user.visible_clients().first()
        self.success_url = reverse("analytics:client", args=[client.slug]) if client else resolve_url("/")
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response

    def get_success_url(self) -> str:
        return self.success_url


@require_POST
def view_as(request: HtmxRequest) -> HttpResponse:
    """Look at the portal as this client login (`user_pk`) does."""
    asked = request.POST.get("user_pk", "")
    if not asked.isdecimal():
        raise BadRequest
    get_object_or_404(client_logins_of(request.user), pk=int(asked))
    if not request.user.may_change:
        raise PermissionDenied
    response: HttpResponse = _Begin.as_view()(request)
    return response


@for_client_logins
@require_POST
def leave(request: HtmxRequest) -> HttpResponse:
    """Be oneself again. 403 for a client login who is nobody else."""
    response: HttpResponse = _Leave.as_view()(request)
    return response
