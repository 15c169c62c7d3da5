"""What a client reads about their campaigns: figures and words without anything of how the agency works."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import QueryDict

from accounts.models import Client
from analytics.charts import Chart
from analytics.client_numbers import CampaignRow, ClientNumbers, campaigns_of, day_of
from analytics.kpis import Kpi
from analytics.models import DailyStats
from analytics.spans import PRESETS, DaySpan
from operations import wording
from operations.web import page_of

PER_PAGE = 50
ORDER = {status: number for number, status in enumerate(("active", "paused", "draft", "completed", "stopped"))}


@dataclass(frozen=True)
class Preset:
    label: str
    query: str
    current: bool


def portal_page(client: Client, user: Any, query: QueryDict, now: datetime) -> dict[str, Any]:
    """The context of portal/home.html: everything of one client, by what `user` may see. Five queries."""
    campaigns = sorted(
        campaigns_of(client, user),
        key=lambda campaign: (ORDER.get(campaign.status, len(ORDER)), campaign.name, campaign.pk),
    )
    clock_day = now.astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date()
    today = day_of(campaigns, clock_day)
    span = DaySpan.from_query(preset_of(query), today)
    numbers = ClientNumbers(campaigns, DailyStats.objects.visible_to(user), span, today)
    rows = [row for row in numbers.rows if not row.campaign.is_archived]
    return {
        "client": client,
        "numbers": numbers,
        "kpis": kpis(numbers),
        "chart": chart_of(numbers),
        "page": page_of(rows, number=query.get("page"), per_page=PER_PAGE, count=len(rows)),
        "best": best(numbers.rows),
        "span": span,
        "presets": presets_of(span),
        "today": today,
        "now": now,
        "synced_at": numbers.synced_at,
        "owner": client.owner if client.owner and client.owner.is_active else None,
    }


def preset_of(query: QueryDict) -> QueryDict:
    """The days of the address if they are one of the presets, else nothing: a portal has no free ranges."""
    kept = QueryDict(mutable=True)
    if (asked := query.get("days", "")) in {str(days) for days in PRESETS}:
        kept["days"] = asked
    return kept


def presets_of(span: DaySpan) -> list[Preset]:
    return [Preset(label, f"?days={days}", span.preset == days) for days, label in PRESETS.items()]


def kpis(numbers: ClientNumbers) -> list[Kpi]:
    now, unknown = numbers.now, "Not known yet"
    if not numbers.is_known:
        labels = ("Positive replies", "Reply rate", "People contacted", "Emails sent")
        return [Kpi(label, wording.DASH, why=unknown) for label in labels]
    rate = now.reply_rate
    vs = "vs previous"
    share = now.positive_rate.percent
    replies = Kpi(
        "Replies per email" if now.replies_are_per_email else "Reply rate",
        wording.percent(rate.percent) if rate.is_known else wording.DASH,
        (f"{rate.basis} emails" if now.replies_are_per_email else f"{rate.basis} people") if rate.is_known else "",
        numbers.compared.reply_rate,
        why=""
        if rate.is_known
        else "Not known for all campaigns"
        if numbers.missing
        else "Nothing sent in this period",
    )
    positive = Kpi("Positive replies", wording.DASH, why="Not known for all campaigns")
    if now.positive is not None:
        note = vs if numbers.compared.of("positive") else "" if share is None else f"{share:.0f}% of replies"
        positive = Kpi("Positive replies", wording.thousands(now.positive), note, numbers.compared.of("positive"))
    contacted = Kpi("People contacted", wording.DASH, why="Not known for all campaigns")
    if now.contacted is not None:
        change = numbers.compared.of("contacted")
        contacted = Kpi("People contacted", wording.thousands(now.contacted), vs if change else "", change)
    change = numbers.compared.of("sent")
    sent = Kpi("Emails sent", wording.thousands(now.sent), vs if change else f"in {numbers.span.length} days", change)
    return [positive, replies, contacted, sent]


def best(rows: list[CampaignRow]) -> list[CampaignRow]:
    """The campaigns with positive replies in these days, most first."""
    found = [row for row in rows if row.counts and row.counts.positive]
    return sorted(found, key=lambda row: (-(row.counts.positive or 0) if row.counts else 0, row.campaign.name))[:6]


def chart_of(numbers: ClientNumbers) -> Chart | None:
    """Emails and replies per day; None where nothing was sent."""
    if numbers.is_quiet:
        return None
    days = numbers.days
    before = numbers.sent_before
    data = {
        "days": [day.day.isoformat() for day in days],
        "before_days": [day.isoformat() for day in numbers.span.before.days],
        "sent": [day.sent for day in days],
        "replied": [day.replied for day in days],
        "positive": [day.positive for day in days],
        "other": [day.other for day in days],
        "bounced": [day.bounced for day in days],
        "before": before,
        "unfinished": numbers.today.isoformat(),
    }
    return Chart("campaign", "Emails and replies per day", data, in_words(numbers), compared=any(before))


def in_words(numbers: ClientNumbers) -> str:
    """By day, so the sums are those of the bars."""
    sent, replied = (sum(getattr(day, name) for day in numbers.days) for name in ("sent", "replied"))
    busiest = max(numbers.days, key=lambda day: day.sent)

    def said(day: date) -> str:
        return wording.day(day, numbers.today)

    return (
        f"{wording.thousands(sent)} emails from {said(numbers.span.start)} to {said(numbers.span.end)}, "
        f"{wording.thousands(replied)} replies. Busiest day: {said(busiest.day)} with {wording.thousands(busiest.sent)} emails. "
        "Today is not over yet."
    )
