"""What happened to a campaign: changes by people, by the system, and at the provider, newest first."""

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.frame import frame, visible_campaign
from campaigns.models import Campaign
from operations.models import AuditEntry, Write
from operations.telling import tell_entry, tell_write
from operations.web import HtmxRequest, counted_page, render_page

PER_PAGE = 30
MOST_PENDING = 20


@require_safe
def activity(request: HtmxRequest, pk: int) -> HttpResponse:
    """The timeline of one campaign; htmx gets it again while a change is on its way."""
    now = timezone.now()
    campaign = visible_campaign(request, pk)
    about = {"subject_type": Campaign._meta.label, "subject_id": str(campaign.pk)}
    entries = AuditEntry.objects.visible_to(request.user).filter(**about).select_related("write")
    page = counted_page(entries, number=request.GET.get("page"), per_page=PER_PAGE)
    moving = Write.objects.visible_to(request.user).unsettled().filter(connection=campaign.connection_id, **about)
    pending = [tell_write(write) for write in moving.order_by("-pk")[:MOST_PENDING]]
    context = frame(request, campaign, "activity", now) | {
        "page": page,
        "pending": pending,
        "timeline": [tell_entry(entry) for entry in page.object_list],
    }
    return render_page(request, "campaigns/activity.html", context, partial="timeline")
