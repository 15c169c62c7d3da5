"""Sending a test email: asked about on a page of its own, because a real email leaves."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.forms.test_email import TestEmailForm
from campaigns.frame import changeable_campaign, frame
from campaigns.models import Step
from campaigns.services.sequence_drafts import draft_of
from campaigns.write_kinds.test_email import KIND
from operations import audit
from operations.models import Write
from operations.web import HtmxRequest
from operations.writes.asking import ask_once
from operations.writes.waiting import wait_while


@require_http_methods(["GET", "HEAD", "POST"])
def send_test(request: HtmxRequest, pk: int) -> HttpResponse:
    """What is sent is the text that the provider has, not the draft; the page says so."""
    now = timezone.now()
    campaign = changeable_campaign(request, pk)
    context = frame(request, campaign, "sequence", now)
    provider = campaign.connection.get_provider_display()
    shown = request.GET.get("show", "").removeprefix("s").partition("v")[0]
    initial = {"step": shown, "address": request.user.email}
    form = TestEmailForm(request.POST or None, campaign=campaign, provider=provider, initial=initial)
    if request.method == "POST" and context["read_only"]:
        messages.error(request, context["read_only"])
    elif request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        write = ask_once(
            KIND,
            campaign,
            connection_id=campaign.connection_id,
            client_id=campaign.client_id,
            payload={
                "remote_id": campaign.remote_id,
                "lead_id": wanted["lead_id"],
                "step_number": wanted["step"],
                "mailbox_id": wanted["mailbox"],
                "address": wanted["address"],
            },
            before={},
            actor=audit.Actor.on_page(request.user),
            now=now,
        )
        wait_while(lambda: Write.objects.filter(pk=write.pk, state__in=Write.UNSETTLED).exists())
        return redirect("operations:change", write.pk)
    context |= {
        "form": form,
        "has_steps": Step.objects.filter(campaign=campaign).exists(),
        "draft": draft_of(request.user, campaign),
    }
    return render(request, "campaigns/sequence/test.html", context)
