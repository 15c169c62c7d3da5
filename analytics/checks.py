"""Whether our figures of the last 30 days are those of the provider's own headline."""

from collections.abc import Sequence
from datetime import date

from django.db.models import Q, QuerySet, Sum

from analytics.models import DailyStats, PeriodTotals
from analytics.services.numbers import periods
from campaigns.models import Campaign
from operations.sync.comparing import Check, Compared, check
from operations.sync.steps import SyncScope
from providers.calls import Call
from providers.records import RemoteTotals

COUNTED = {"sent": "Emails sent, 30 days", "replied": "Replies, 30 days", "bounced": "Bounces, 30 days"}

STILL_COUNTING = "No more than today’s figures: today isn’t over, and the two were read at different moments."
DELETED = "The provider still counts campaigns that were deleted there."
AT_PROVIDER = "Day figures and totals differ at the provider itself by a few percent."

# A live account was found to have 201 replies by days and 193 in its headline (smartlead-api 3.4, quirk b).
USUAL_SHARE = 0.05


@check
class Headline(Check[RemoteTotals]):
    """Headline figures of everything together (smartlead-api 3.4 row 1) beside the sums of our totals and of our day rows."""

    name = "figures"

    def applies(self, scope: SyncScope) -> bool:
        return Campaign.objects.filter(connection_id=scope.connection_id).present().exists()

    def call(self, scope: SyncScope) -> Call[RemoteTotals]:
        return scope.provider.overall(*_range(scope.today), time_zone=scope.time_zone)

    def compare(self, scope: SyncScope, told: RemoteTotals) -> Sequence[Compared]:
        start, end = _range(scope.today)
        days = DailyStats.objects.filter(campaign__connection_id=scope.connection_id).between(start, end)
        today = _sums(days.filter(day=end))
        by_days = _sums(days)
        period = PeriodTotals.objects.filter(
            campaign__connection_id=scope.connection_id, period=PeriodTotals.Period.DAYS_30
        )
        totals = _sums(period.filter(start=start, end=end))
        of_today = period.filter(start=start, end=end).exists() or not period.exists()
        found = []
        for name, what in COUNTED.items():
            theirs = getattr(told, name)
            if theirs is None:
                continue
            moved, deleted = today[name, "present"], by_days[name, "gone"]
            if of_today and PeriodTotals.Period.DAYS_30 not in scope.learned.get("refused_periods", []):
                ours = _closest(totals, name, theirs)
                explained = _explained(theirs - ours, moved, deleted)
                found.append(Compared("totals", what, ours, theirs, explained=explained))
            ours = _closest(by_days, name, theirs)
            explained = _explained(theirs - ours, moved, deleted)
            if not explained and abs(theirs - ours) <= USUAL_SHARE * theirs:
                explained = AT_PROVIDER
            found.append(Compared("days", what, ours, theirs, explained=explained))
        return found


def _range(today: date) -> tuple[date, date]:
    return periods(today, today)[PeriodTotals.Period.DAYS_30]


def _sums(rows: "QuerySet[DailyStats] | QuerySet[PeriodTotals]") -> dict[tuple[str, str], int]:
    """By counter and among whom: campaigns that are still there, those of them that are no sub-sequences, deleted ones."""
    present = Q(campaign__gone_at=None)
    among = {
        "present": present,
        "main": present & Q(campaign__parent_remote_id=None),
        "gone": ~present,
    }
    sums = rows.order_by().aggregate(
        **{f"{name}_{who}": Sum(name, filter=those) for name in COUNTED for who, those in among.items()}
    )
    return {(name, who): sums[f"{name}_{who}"] or 0 for name in COUNTED for who in among}


def _closest(sums: dict[tuple[str, str], int], name: str, theirs: int) -> int:
    """Our sum with sub-sequences, or without them if that is what the provider means: nobody says which."""
    main, present = sums[name, "main"], sums[name, "present"]
    return main if main == theirs else present


def _explained(difference: int, moved: int, deleted: int) -> str:
    """Why the provider, who is asked after our copy was made, may rightly count so many more; "" if nothing tells."""
    if 0 < difference <= moved:
        return STILL_COUNTING
    return DELETED if 0 < difference <= deleted else ""
