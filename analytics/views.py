"""Pages that show numbers. They are drawn from cached rows and never call a provider."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from analytics.charts import chart_of
from analytics.chosen import COMPARED, MEASURES, Chosen, compared_by
from analytics.funnel import funnel
from analytics.kpis import kpis
from analytics.leads_bar import lead_parts, waiting_lasts
from analytics.models import DailyStats
from analytics.overview import Overview
from analytics.spans import PRESETS, DaySpan, day_of_figures
from analytics.steps_table import steps_table
from campaigns.facts import facts, plan_day
from campaigns.frame import frame, visible_campaign
from campaigns.models import Campaign, CampaignNumbers
from operations.web import HtmxRequest, render_page


@dataclass(frozen=True)
class Preset:
    label: str
    days: int
    query: str
    current: bool


@dataclass(frozen=True)
class Compared:
    """By which replies the texts of a step are compared."""

    label: str
    by: str
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
    chosen = Chosen.from_query(request.GET, span)
    overview = Overview(campaign, DailyStats.objects.visible_to(request.user), span, today)
    lasting = waiting_lasts(campaign, numbers, now)
    context = frame(request, campaign, "overview", now) | {
        "today": today,
        "sub_sequences": Campaign.objects.visible_to(request.user)
        .filter(parent=campaign)
        .present()
        .select_related("numbers"),
        "overview": overview,
        "chosen": chosen,
        "kpis": list(zip(MEASURES, kpis(overview), strict=True)),
        "chart": chart_of(overview, chosen.measure),
        "span": span,
        "presets": [
            Preset(label, days, chosen.address(days=str(days)), span.preset == days) for days, label in PRESETS.items()
        ],
        "steps": steps_table(campaign, chosen.by, sent_ever=numbers.sent if numbers else None),
        "compared": [
            Compared(label, by, chosen.address(by=by), chosen.by == by)
            for by, label in zip(COMPARED, ("Positive replies", "All replies"), strict=True)
        ],
        "steps_untold": campaign.connection.learned.get("sync", {}).get("no_step_numbers", False),
        "funnel": funnel(overview),
        "lead_parts": lead_parts(numbers),
        "lasting": lasting,
        "lasts_until": plan_day(lasting.finish, today) if lasting else "",
        "facts": facts(campaign),
    }
    partial = "steps" if request.htmx and request.htmx.target == "steps" else "numbers"
    response = render_page(request, "analytics/campaign_overview.html", context, partial=partial)
    patch_vary_headers(response, ["HX-Target"])
    return response


@require_safe
def step_numbers(request: HtmxRequest, pk: int, number: int) -> HttpResponse:
    """How one step does so far: a panel beside its texts. A step that the provider does not have yet has no figures."""
    campaign = visible_campaign(request, pk)
    by = compared_by(request.GET)
    context = {
        "campaign": campaign,
        "number": number,
        "steps": steps_table(campaign, by, only=number),
        "by": by,
        "now": timezone.now(),
    }
    return render(request, "analytics/_step_numbers.html", context)
