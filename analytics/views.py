"""Pages that show numbers. They are drawn from cached rows and never call a provider."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from analytics.funnel import funnel
from analytics.kpis import kpis
from analytics.leads_bar import lead_parts, waiting_lasts_until
from analytics.models import DailyStats
from analytics.overview import Overview
from analytics.spans import PRESETS, DaySpan, day_of_figures
from campaigns.facts import facts, plan_day
from campaigns.frame import frame, visible_campaign
from campaigns.models import Campaign, CampaignNumbers
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
    campaign = visible_campaign(request, pk)
    numbers: CampaignNumbers | None = getattr(campaign, "numbers", None)
    clock_day = now.astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date()
    today = day_of_figures(numbers.recent_until if numbers else None, clock_day)
    span = DaySpan.from_query(request.GET, today)
    overview = Overview(campaign, DailyStats.objects.visible_to(request.user), span, today)
    lasts_until = waiting_lasts_until(campaign, numbers, today)
    context = frame(request, campaign, "overview", now) | {
        "today": today,
        "sub_sequences": Campaign.objects.visible_to(request.user)
        .filter(parent=campaign)
        .present()
        .select_related("numbers"),
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
