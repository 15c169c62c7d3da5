"""Pages that show numbers. They are drawn from cached rows and never call a provider."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.funnel import funnel
from analytics.kpis import kpis
from analytics.leads_bar import lead_parts, waiting_lasts_until
from analytics.models import DailyStats
from analytics.overview import Overview
from analytics.spans import PRESETS, DaySpan, day_of_figures
from campaigns.facts import facts, plan_day
from campaigns.models import Campaign, CampaignNumbers
from campaigns.sources import Sources
from operations.web import HtmxRequest, render_page


@dataclass(frozen=True)
class Preset:
    label: str
    query: str
    current: bool


@require_safe
def campaign_overview(request: HtmxRequest, pk: int) -> HttpResponse:
    """One campaign: its state and its numbers over a span of days; htmx gets the panel of figures and chart."""
    now = timezone.now()
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user).with_numbers(), pk=pk)
    numbers: CampaignNumbers | None = getattr(campaign, "numbers", None)
    clock_day = now.astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date()
    today = day_of_figures(numbers.recent_until if numbers else None, clock_day)
    span = DaySpan.from_query(request.GET, today)
    overview = Overview(campaign, DailyStats.objects.visible_to(request.user), span, today)
    parent, sub_sequences = family_of(campaign, request)
    lasts_until = waiting_lasts_until(campaign, numbers, today)
    context = {
        "now": now,
        "today": today,
        "campaign": campaign,
        "parent": parent,
        "sub_sequences": sub_sequences,
        "sources": Sources.of(campaign.connection, now),
        "overview": overview,
        "kpis": kpis(overview),
        "span": span,
        "presets": [Preset(label, f"?days={days}", span.preset == days) for days, label in PRESETS.items()],
        "funnel": funnel(overview),
        "lead_parts": lead_parts(numbers),
        "lasts_until": plan_day(lasts_until) if lasts_until else "",
        "facts": facts(campaign),
    }
    return render_page(request, "analytics/campaign_overview.html", context, partial="numbers")


def family_of(campaign: Campaign, request: HtmxRequest) -> tuple[Campaign | None, list[Campaign]]:
    """The campaign whose sub-sequence this is, and the sub-sequences of this one; only those that the reader may see."""
    relatives = Campaign.objects.visible_to(request.user).filter(
        Q(pk=campaign.parent_id) | Q(parent=campaign, gone_at=None)
    )
    parent, below = None, []
    for relative in relatives.select_related("numbers"):
        if relative.pk == campaign.parent_id:
            parent = relative
        else:
            below.append(relative)
    return parent, below
