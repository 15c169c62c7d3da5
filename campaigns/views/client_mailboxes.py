"""The mailboxes that send for one client."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.client_frame import client_frame, visible_client
from accounts.models import Mailbox
from campaigns.models import CampaignMailbox
from campaigns.senders import visible_mailboxes
from operations.folding import holds
from operations.searching import Asked
from operations.web import HtmxRequest, counted_page, page_of

PER_PAGE = 100


@require_safe
def client_mailboxes(request: HtmxRequest, slug: str) -> HttpResponse:
    """Those of the client, and those that their campaigns send from; what can't send comes first."""
    client = visible_client(request, slug)
    links = CampaignMailbox.objects.visible_to(request.user).filter(campaign__client=client, campaign__gone_at=None)
    wanted = Q(client=client) | Q(pk__in=links.values("mailbox_id"))
    mailboxes = Mailbox.objects.filter(pk__in=visible_mailboxes(request.user).filter(wanted).values("pk")).present()
    counts = mailboxes.aggregate(all=Count("pk"), out=Count("pk", filter=Q(smtp_ok=False) | Q(suspended=True)))
    text = Asked.of(request.GET.get("q", "")).text
    if text:
        mailboxes = mailboxes.filter(Q(holds("address", text)) | Q(holds("name", text)))
    ordered = mailboxes.order_by("smtp_ok", "address", "pk")
    page = (
        counted_page(ordered, number=request.GET.get("page"), per_page=PER_PAGE)
        if text
        else page_of(ordered, number=request.GET.get("page"), per_page=PER_PAGE, count=counts["all"])
    )
    context = client_frame(request, client, "mailboxes") | {
        "page": page,
        "counts": counts,
        "text": text,
        "now": timezone.now(),
    }
    return render(request, "clients/mailboxes.html", context)
