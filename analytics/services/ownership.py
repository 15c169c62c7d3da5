"""Statistics belong to whom their campaign belongs."""

from django.db.models import F, OuterRef, Q, Subquery

from analytics.models import DailyStats
from campaigns.models import Campaign


def reown_daily_stats(connection_id: int) -> int:
    """Give the day rows of a connection the client of their campaign; returns how many changed."""
    owner = Campaign.objects.filter(pk=OuterRef("campaign_id")).values("client_id")
    # Spelled out, because null is equal to nothing in SQL.
    differs = (
        Q(client=None, campaign__client__isnull=False)
        | Q(client__isnull=False, campaign__client=None)
        | (Q(client__isnull=False, campaign__client__isnull=False) & ~Q(client_id=F("campaign__client_id")))
    )
    stale = DailyStats.objects.filter(differs, campaign__connection_id=connection_id)
    return DailyStats.objects.filter(pk__in=stale.values("pk")).update(client_id=Subquery(owner))
