"""Pages that show numbers. They are drawn from cached rows and never call a provider."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.funnel import funnel
from analytics.kpis import kpis
from analytics.leads_bar import lead_parts, waiting_lasts_until
from analytics.models import DailyStats
from analytics.overview import Overview
from analytics.spans import PRESETS, DaySpan
from campaigns.facts import facts, plan_day
from campaigns.models import Campaign
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
    today = now.astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date()
    campaign = get_object_or_404(Campaign.objects.visible_to(request.user).with_numbers(), pk=pk)
    span = DaySpan.from_query(request.GET, today)
    overview = Overview(campaign, DailyStats.objects.visible_to(request.user), span, today)
    lasts_until = waiting_lasts_until(campaign, overview.numbers, today)
    context = {
        "now": now,
        "today": today,
        "campaign": campaign,
        "parent": parent_of(campaign, request),
        "sub_sequences": sub_sequences_of(campaign, request),
        "sources": Sources.of(campaign.connection, now),
        "overview": overview,
        "kpis": kpis(overview),
        "span": span,
        "presets": [Preset(label, f"?days={days}", span.preset == days) for days, label in PRESETS.items()],
        "funnel": funnel(overview),
        "lead_parts": lead_parts(overview.numbers),
        "lasts_until": plan_day(lasts_until) if lasts_until else "",
        "facts": facts(campaign),
    }
    return render_page(request, "analytics/campaign_overview.html", context, partial="numbers")


def parent_of(campaign: Campaign, request: HtmxRequest) -> Campaign | None:
    if campaign.parent_id is None:
        return None
    return Campaign.objects.visible_to(request.user).filter(pk=campaign.parent_id).first()


def sub_sequences_of(campaign: Campaign, request: HtmxRequest) -> "QuerySet[Campaign]":
    return Campaign.objects.visible_to(request.user).present().filter(parent=campaign).select_related("numbers")
