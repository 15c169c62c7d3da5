"""CampaignNumbers: what lists show of a campaign, brought up to date after statistics were pulled."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from analytics.metrics import bounce_rate, reply_rate
from analytics.models import DailyStats, PeriodTotals
from campaigns.models import Campaign, CampaignNumbers
from providers.records import RemoteCampaignTotals, RemoteTotals

TOTALS = ("sent", "contacted", "opened", "replied", "positive", "bounced")
RECENT = ("sent", "contacted", "replied", "positive", "bounced")
RECENT_FIELDS = ("recent_until", "recent_reply_rate", "recent_bounce_rate", *(f"recent_{name}" for name in RECENT))
PERIOD_DAYS = {
    PeriodTotals.Period.DAYS_7: 7,
    PeriodTotals.Period.DAYS_30: 30,
    PeriodTotals.Period.DAYS_90: 90,
}
BEFORE = {
    PeriodTotals.Period.DAYS_7: PeriodTotals.Period.BEFORE_7,
    PeriodTotals.Period.DAYS_30: PeriodTotals.Period.BEFORE_30,
    PeriodTotals.Period.DAYS_90: PeriodTotals.Period.BEFORE_90,
}


def periods(first_day: date, today: date) -> dict[str, tuple[date, date]]:
    """Start and end (both included) of every set period, as of today."""
    found: dict[str, tuple[date, date]] = {PeriodTotals.Period.ALL: (first_day, today)}
    for period, days in PERIOD_DAYS.items():
        start = today - timedelta(days=days - 1)
        found[period] = (start, today)
        found[BEFORE[period]] = (start - timedelta(days=days), start - timedelta(days=1))
    return found


def save_totals(
    connection_id: int, period: str, start: date, end: date, rows: Iterable[RemoteTotals], now: datetime
) -> dict[str, int]:
    """Store the provider's own totals of one period."""
    pk_of = dict(Campaign.objects.filter(connection_id=connection_id).values_list("remote_id", "pk"))
    written = PeriodTotals.objects.bulk_create(
        [
            PeriodTotals(
                campaign_id=pk_of[row.campaign_id],
                period=period,
                start=start,
                end=end,
                synced_at=now,
                **{name: _count(getattr(row, name)) for name in TOTALS},
            )
            for row in rows
            if row.campaign_id in pk_of
        ],
        update_conflicts=True,
        unique_fields=["campaign", "period"],
        update_fields=["start", "end", "synced_at", *TOTALS],
        batch_size=500,
    )
    return {"totals": len(written)}


def save_lead_counts(connection_id: int, rows: Sequence[RemoteCampaignTotals], now: datetime) -> dict[str, int]:
    """Store where the leads of each campaign are, and its unsubscribes since it began."""
    pk_of = dict(Campaign.objects.filter(connection_id=connection_id).values_list("remote_id", "pk"))
    numbers = []
    for row in rows:
        if row.campaign_id not in pk_of:
            continue
        leads = row.leads
        numbers.append(
            CampaignNumbers(
                campaign_id=pk_of[row.campaign_id],
                leads_total=_count(leads.total) if leads else None,
                leads_waiting=_count(leads.not_started) if leads else None,
                leads_in_progress=_count(leads.in_progress) if leads else None,
                leads_completed=_count(leads.completed) if leads else None,
                leads_paused=_count(leads.paused) if leads else None,
                leads_stopped=_count(leads.stopped) if leads else None,
                leads_blocked=_count(leads.blocked) if leads else None,
                unsubscribed=_count(row.unsubscribed),
                leads_at=now,
            )
        )
    _upsert(
        numbers,
        [
            "leads_total",
            "leads_waiting",
            "leads_in_progress",
            "leads_completed",
            "leads_paused",
            "leads_stopped",
            "leads_blocked",
            "unsubscribed",
            "leads_at",
        ],
    )
    return {"campaigns": len(numbers)}


def settle_totals(connection_id: int, period: str, start: date, end: date, now: datetime) -> None:
    """Every page of the period has come: a campaign that none of them names had no activity, and gets zeros. One whose day
    rows say otherwise, or which has sent something before, is not told of.
    """
    rows = PeriodTotals.objects.filter(campaign__connection_id=connection_id, period=period)
    told = rows.filter(start=start, end=end)
    of_campaign = {"campaign": OuterRef("pk")}
    active = Q(Exists(DailyStats.objects.between(start, end).filter(**of_campaign)))
    if period == PeriodTotals.Period.ALL:
        active |= Q(Exists(rows.filter(**of_campaign, sent__gt=0)))
    left_out = (
        Campaign.objects.filter(connection_id=connection_id).present().exclude(Exists(told.filter(**of_campaign)))
    )
    nothing = dict.fromkeys(TOTALS, 0)
    zeros = [
        PeriodTotals(campaign_id=pk, period=period, start=start, end=end, synced_at=now, **nothing)
        for pk in left_out.exclude(active).values_list("pk", flat=True)
    ]
    PeriodTotals.objects.bulk_create(
        zeros,
        update_conflicts=True,
        unique_fields=["campaign", "period"],
        update_fields=["start", "end", "synced_at", *TOTALS],
        batch_size=500,
    )
    # Those that earlier answers of the day left out have been left out again.
    told.filter(synced_at__lt=now, sent=0).update(synced_at=now)


def refresh_totals(connection_id: int, told: Mapping[str, tuple[date, date]], *, refused: Collection[str] = ()) -> None:
    """Copy the totals of all time and of the last 30 days into the numbers of each campaign, with the rates to sort by: of the
    periods that were `told` whole, from their first to their last day. What was not told stays as it is, with its age; figures of
    "the last 30 days" that ended more than a day before are dropped. `refused` are periods that are never told.
    """
    wanted = {PeriodTotals.Period.ALL, PeriodTotals.Period.DAYS_30}
    if not wanted & set(told):
        return
    of_connection = PeriodTotals.objects.filter(campaign__connection_id=connection_id)
    by_campaign: dict[int, dict[str, PeriodTotals]] = defaultdict(dict)
    for row in of_connection.filter(period__in=wanted - set(refused)):
        by_campaign[row.campaign_id][row.period] = row
    ever: list[CampaignNumbers] = []
    recent: list[CampaignNumbers] = []
    for campaign_id, rows in by_campaign.items():
        read_at = min(row.synced_at for row in rows.values())
        for period, row in rows.items():
            if told.get(period) != (row.start, row.end):
                continue
            if period == PeriodTotals.Period.ALL:
                values: dict[str, Any] = {name: getattr(row, name) for name in TOTALS}
                ever.append(CampaignNumbers(campaign_id=campaign_id, totals_at=read_at, **values))
            else:
                recent.append(_recent(row, read_at))
    _upsert(ever, [*TOTALS, "totals_at"])
    _upsert(recent, ["totals_at", *RECENT_FIELDS])
    if PeriodTotals.Period.DAYS_30 in told:
        last = told[PeriodTotals.Period.DAYS_30][1] - timedelta(days=1)
        outdated = CampaignNumbers.objects.filter(campaign__connection_id=connection_id, recent_until__lt=last)
        outdated.update(**dict.fromkeys(RECENT_FIELDS))


def _recent(row: PeriodTotals, read_at: datetime) -> CampaignNumbers:
    replies, bounces = reply_rate(row.replied, row.contacted), bounce_rate(row.bounced, row.sent)
    values = {f"recent_{name}": getattr(row, name) for name in RECENT}
    return CampaignNumbers(
        campaign_id=row.campaign_id,
        totals_at=read_at,
        recent_until=row.end,
        recent_reply_rate=replies.percent,
        recent_bounce_rate=bounces.percent,
        **values,
    )


def refresh_sparks(connection_id: int, today: date) -> None:
    """The line of emails sent per day that lists show: the last 30 days without weekends and without today, oldest first."""
    days = [today - timedelta(days=number) for number in range(CampaignNumbers.RECENT_DAYS, 0, -1)]
    days = [day for day in days if day.weekday() < 5]
    sent: dict[int, dict[date, int]] = defaultdict(dict)
    stats = DailyStats.objects.filter(campaign__connection_id=connection_id).between(days[0], days[-1])
    for campaign_id, day, count in stats.values_list("campaign_id", "day", "sent"):
        sent[campaign_id][day] = count
    rows = CampaignNumbers.objects.filter(campaign__connection_id=connection_id).only("campaign_id", "spark")
    changed = []
    for row in rows:
        of_campaign = sent.get(row.campaign_id)
        spark = [of_campaign.get(day, 0) for day in days] if of_campaign else []
        if spark != row.spark:
            row.spark = spark
            changed.append(row)
    CampaignNumbers.objects.bulk_update(changed, ["spark"], batch_size=500)


def mark_days(connection_id: int, spans: Mapping[int, tuple[date, date]], *, settled_on: date | None) -> None:
    """Remember, by remote id, from and through which day the rows were asked for. The span kept only ever grows at its ends."""
    pk_of = dict(
        Campaign.objects.filter(connection_id=connection_id, remote_id__in=spans).values_list("remote_id", "pk")
    )
    existing = CampaignNumbers.objects.in_bulk(pk_of.values())
    rows = []
    for remote_id, (start, end) in spans.items():
        if (pk := pk_of.get(remote_id)) is None:
            continue
        row = existing.get(pk) or CampaignNumbers(campaign_id=pk)
        row.days_from = min(filter(None, (row.days_from, start)))
        row.days_through = max(filter(None, (row.days_through, end)))
        row.days_settled_on = settled_on or row.days_settled_on
        rows.append(row)
    _upsert(rows, ["days_from", "days_through", "days_settled_on"])


def oldest_day(connection_id: int, today: date) -> date:
    """The day on which the connection's oldest campaign was made, or the one before: the provider's day may begin before ours."""
    dates = Campaign.objects.filter(connection_id=connection_id, remote_created_at__isnull=False).present()
    first = dates.order_by("remote_created_at").values_list("remote_created_at", flat=True).first()
    return min(first.date() - timedelta(days=1), today) if first else today


def _count(value: int | None) -> int | None:
    return None if value is None else max(0, value)


def _upsert(numbers: Sequence[CampaignNumbers], fields: Sequence[str]) -> None:
    CampaignNumbers.objects.bulk_create(
        numbers, update_conflicts=True, unique_fields=["campaign"], update_fields=fields, batch_size=500
    )
