"""Our copy of the campaigns that a connection holds."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from accounts.services.mapping import client_of, reown
from campaigns.models import Campaign, CampaignNumbers, Tag
from campaigns.services import drift
from operations.sync.values import fingerprint
from operations.wording import SUB_SEQUENCES
from providers.records import RemoteCampaign, RemoteTag
from providers.text import storable

MIRRORED = [
    "remote_client_id",
    "client",
    "parent_remote_id",
    "name",
    "status",
    "raw_status",
    "schedule",
    "settings",
    "remote_created_at",
    "remote_updated_at",
    "fingerprint",
    "changed_at",
    "synced_at",
    "gone_at",
]


def mirror_campaigns(connection_id: int, remote: Sequence[RemoteCampaign], now: datetime) -> dict[str, int]:
    """Make our rows equal to the provider's whole list: new, changed, unchanged, and gone where it lists them no more.

    Only rows whose fingerprint changed are written; what changed in those that we knew goes into the audit trail. One that
    we are changing ourselves is left to that change. Returns counts `seen` (those of them that are sub-sequences too),
    `new, changed, gone, back`.
    """
    ours = drift.changes_of_ours(connection_id, now)
    known = {
        row["remote_id"]: row
        for row in Campaign.objects.filter(connection_id=connection_id).values(
            "pk", "remote_id", "fingerprint", "client_id", "gone_at"
        )
    }
    owner_of = client_of(connection_id)
    held = {remote_id for remote_id, row in known.items() if row["pk"] in ours.held}
    told = [campaign for campaign in remote if campaign.id not in held]
    rows = [_row(connection_id, campaign, owner_of(campaign.client_id), now) for campaign in told]
    touched = [
        row
        for row in rows
        if (old := known.get(row.remote_id)) is None
        or old["gone_at"] is not None
        or (old["fingerprint"], old["client_id"]) != (row.fingerprint, row.client_id)
    ]
    before = drift.rows_before(connection_id, [row.remote_id for row in touched if row.remote_id in known])
    Campaign.objects.bulk_create(
        touched,
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=MIRRORED,
        batch_size=500,
    )
    present = {campaign.id for campaign in remote}
    there = Campaign.objects.filter(connection_id=connection_id, gone_at=None)
    there.filter(remote_id__in=present - held).update(synced_at=now)
    missing = list(there.exclude(remote_id__in=present | held).only("name", "client_id"))
    gone = len(missing)
    Campaign.objects.filter(pk__in=[row.pk for row in missing]).update(gone_at=now)
    _record(connection_id, before, touched, missing, ours.quiet, now)
    changed_ids = {row.remote_id for row in touched}
    _mirror_tags(connection_id, [campaign for campaign in told if campaign.id in changed_ids])
    if changed_ids:
        _link_parents(connection_id)
    new = sum(1 for remote_id in changed_ids if remote_id not in known)
    back = sum(1 for remote_id in changed_ids if remote_id in known and known[remote_id]["gone_at"])
    return {
        "seen": len(present),
        SUB_SEQUENCES: len({campaign.id for campaign in remote if campaign.parent_id is not None}),
        "new": new,
        "changed": len(changed_ids) - new - back,
        "back": back,
        "gone": gone,
    }


def _record(
    connection_id: int,
    before: dict[int, Campaign],
    touched: Sequence[Campaign],
    missing: Sequence[Campaign],
    quiet: Collection[int],
    now: datetime,
) -> None:
    """What was changed at the provider by somebody else, into the audit trail."""
    pairs = [(old, new) for new in touched if (old := before.get(new.remote_id)) and old.pk not in quiet]
    back = [old for old, _ in pairs if old.gone_at is not None]
    found = drift.row_changes(connection_id, pairs)
    found += drift.listed_changes([one for one in missing if one.pk not in quiet], back)
    drift.record(connection_id, found, now)


def mirror_one(campaign: Campaign, remote: RemoteCampaign, now: datetime, *, ours: Collection[str]) -> None:
    """Take what a single read says into one row: all but the tags, which the list alone tells for certain.

    `ours` names what the change is about that was read back (name, status, schedule, settings, client; nothing, where it was
    not sent): what differs beside it was changed at the provider, and goes into the audit trail.
    """
    row = _row(campaign.connection_id, remote, campaign.client_id, now)
    found = drift.row_changes(campaign.connection_id, [(campaign, row)], ours)
    drift.record(campaign.connection_id, found, now)
    row.fingerprint = ""  # the next list is to look at this row again
    Campaign.objects.filter(pk=campaign.pk).update(
        **{name: getattr(row, name) for name in MIRRORED if name not in {"client", "gone_at"}}
    )


def mirror_new(connection_id: int, remote: Sequence[RemoteCampaign], now: datetime) -> None:
    """Take campaigns that were just made or moved into our rows, with the client that they belong to now."""
    owner_of = client_of(connection_id)
    rows = [_row(connection_id, campaign, owner_of(campaign.client_id), now) for campaign in remote]
    for row in rows:
        row.fingerprint = ""  # the next list is to look at these again
    Campaign.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["connection", "remote_id"], update_fields=MIRRORED
    )
    _link_parents(connection_id)
    made = Campaign.objects.filter(connection_id=connection_id, remote_id__in=[row.remote_id for row in rows])
    # Empty until the next sync: pages draw from this row, and it says "not known" in all of it.
    CampaignNumbers.objects.bulk_create([CampaignNumbers(campaign=one) for one in made], ignore_conflicts=True)


def reown_campaigns(connection_id: int) -> int:
    """Give each campaign the client that its remote client is mapped to now; returns how many changed."""
    return reown(Campaign.objects.all(), connection_id)


def _row(connection_id: int, campaign: RemoteCampaign, client_id: int | None, now: datetime) -> Campaign:
    return Campaign(
        connection_id=connection_id,
        remote_id=campaign.id,
        remote_client_id=campaign.client_id,
        client_id=client_id,
        parent_remote_id=campaign.parent_id,
        name=storable(campaign.name)[:500],
        status=campaign.status.value,
        raw_status=campaign.raw_status[:40],
        schedule=_schedule(campaign),
        settings=asdict(campaign.settings),
        remote_created_at=campaign.created_at,
        remote_updated_at=campaign.updated_at,
        fingerprint=fingerprint(campaign),
        changed_at=now,
        synced_at=now,
        gone_at=None,
    )


def _schedule(campaign: RemoteCampaign) -> dict[str, Any] | None:
    if campaign.schedule is None:
        return None
    schedule = asdict(campaign.schedule)
    schedule["starts_at"] = campaign.schedule.starts_at.isoformat() if campaign.schedule.starts_at else None
    return schedule


def _mirror_tags(connection_id: int, campaigns: Iterable[RemoteCampaign]) -> None:
    """Tags and their links of these campaigns, in a handful of queries however many there are."""
    campaigns = list(campaigns)
    if not campaigns:
        return
    told: dict[int, RemoteTag] = {tag.id: tag for campaign in campaigns for tag in campaign.tags}
    Tag.objects.bulk_create(
        [
            Tag(connection_id=connection_id, remote_id=tag.id, name=tag.name[:120], color=tag.color[:20])
            for tag in told.values()
        ],
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=["name", "color"],
    )
    tag_pk = dict(Tag.objects.filter(connection_id=connection_id, remote_id__in=told).values_list("remote_id", "pk"))
    campaign_pk = dict(
        Campaign.objects.filter(
            connection_id=connection_id, remote_id__in=[campaign.id for campaign in campaigns]
        ).values_list("remote_id", "pk")
    )
    link = Campaign.tags.through
    wanted = {(campaign_pk[campaign.id], tag_pk[tag.id]) for campaign in campaigns for tag in campaign.tags}
    linked = link.objects.filter(campaign_id__in=campaign_pk.values(), tag__remote_id__isnull=False)
    existing = {
        (campaign_id, tag_id): pk for pk, campaign_id, tag_id in linked.values_list("pk", "campaign_id", "tag_id")
    }
    link.objects.filter(pk__in=[pk for pair, pk in existing.items() if pair not in wanted]).delete()
    link.objects.bulk_create(
        [link(campaign_id=campaign_id, tag_id=tag_id) for campaign_id, tag_id in sorted(wanted - existing.keys())]
    )


def _link_parents(connection_id: int) -> None:
    """Point sub-sequences at the row of their parent."""
    pk_of = dict(Campaign.objects.filter(connection_id=connection_id).values_list("remote_id", "pk"))
    moved = []
    for child in Campaign.objects.filter(connection_id=connection_id).exclude(parent_remote_id=None, parent=None):
        parent_id = pk_of.get(child.parent_remote_id) if child.parent_remote_id else None
        if child.parent_id != parent_id:
            child.parent_id = parent_id
            moved.append(child)
    Campaign.objects.bulk_update(moved, ["parent"])
