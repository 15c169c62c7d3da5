"""The outbox of a demo, whose mail goes nowhere."""

from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.outbox import outbox_is_here, sent_mail
from accounts.views.people import for_admins
from operations.web import HtmxRequest


@for_admins
@require_safe
def outbox(request: HtmxRequest) -> HttpResponse:
    """The newest mail first; 404 in a real installation."""
    if not outbox_is_here():
        raise Http404
    mails = sent_mail(Path(settings.EMAIL_FILE_PATH))
    return render(request, "accounts/outbox.html", {"mails": mails, "now": timezone.now()})
