"""Which mailboxes campaigns send from: told by the list of mailboxes where it can, else by each campaign."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from accounts.models import Mailbox
from accounts.services.mailboxes import note_senders
from campaigns.models import Campaign, CampaignMailbox
from campaigns.services.drift import NOTHING_OF_OURS, Senders, changes_of_ours, record, sender_changes
from providers.records import RemoteMailbox


def list_tells_links(connection_id: int, *, whole_agency: bool) -> bool:
    """Whether the connection's list of mailboxes tells everything about who sends from what.

    A client's own key may list that client's mailboxes alone, while its campaigns send from the agency's too.
    """
    listed = Mailbox.objects.present().filter(connection_id=connection_id, listed=True)
    return whole_agency and not listed.filter(remote_campaign_ids__isnull=True).exists()


def links_from_list(connection_id: int, now: datetime) -> dict[str, int]:
    """Take the links from the list of mailboxes that was just stored, if it tells them; those of gone mailboxes end."""
    _end_links_of_gone(connection_id, now)
    listed = Mailbox.objects.present().filter(connection_id=connection_id, listed=True)
    boxes = list(listed.values_list("pk", "remote_campaign_ids", "synced_at"))
    if not boxes or any(ids is None for _, ids, _ in boxes):
        return {}
    asked_at = min(synced_at for _, _, synced_at in boxes)
    present = Campaign.objects.filter(connection_id=connection_id).present().without_newer("links_synced_at", asked_at)
    senders: dict[int, set[int]] = {remote_id: set() for remote_id in present.values_list("remote_id", flat=True)}
    for mailbox_id, campaign_ids, _ in boxes:
        for remote_id in campaign_ids or ():
            if remote_id in senders:
                senders[remote_id].add(mailbox_id)
    return mirror_links(connection_id, senders, asked_at, by_sync=True)


def _end_links_of_gone(connection_id: int, now: datetime) -> None:
    """The provider has these mailboxes no more, so nothing is sent from them."""
    links = CampaignMailbox.objects.filter(mailbox__connection_id=connection_id, mailbox__gone_at__isnull=False)
    ended: dict[int, list[str]] = {}
    for campaign_id, address in links.order_by().values_list("campaign_id", "mailbox__address"):
        ended.setdefault(campaign_id, []).append(address)
    if not ended:
        return
    links.delete()
    campaigns = Campaign.objects.filter(pk__in=ended).only("name", "client_id")
    changed = {pk: Senders(detached=tuple(addresses)) for pk, addresses in ended.items()}
    record(connection_id, sender_changes(campaigns, changed), now)


def links_from_campaigns(
    connection_id: int, told: Mapping[int, Sequence[RemoteMailbox]], asked_at: datetime, *, by_sync: bool = False
) -> dict[str, int]:
    """Take what campaigns (by remote id) tell of their mailboxes, unknown ones among them."""
    pk_of = note_senders(connection_id, [box for boxes in told.values() for box in boxes], asked_at)
    senders = {remote_id: {pk_of[box.id] for box in boxes} for remote_id, boxes in told.items()}
    counts = mirror_links(connection_id, senders, asked_at, by_sync=by_sync)
    return {"seen": len(told), **counts}


def mirror_links(
    connection_id: int, senders: Mapping[int, Collection[int]], asked_at: datetime, *, by_sync: bool = False
) -> dict[str, int]:
    """Make the links of these campaigns (by remote id) lead to these mailboxes (by key) and no others.

    A campaign of which something newer was stored meanwhile is left alone. A sync (`by_sync`) leaves those alone as well
    that we are changing ourselves, unless none of their links is known so far, and writes into the audit trail what was
    changed at the provider. Returns counts `linked, unlinked`.
    """
    ours = changes_of_ours(connection_id, asked_at) if by_sync else NOTHING_OF_OURS
    rows_here = Campaign.objects.filter(connection_id=connection_id, remote_id__in=senders)
    rows_here = rows_here.without_newer("links_synced_at", asked_at).only(
        "remote_id", "name", "client_id", "links_synced_at"
    )
    campaigns = [one for one in rows_here.order_by() if one.pk not in ours.held or one.links_synced_at is None]
    current = {campaign.pk: campaign.remote_id for campaign in campaigns}
    rows = CampaignMailbox.objects.filter(campaign__in=current).order_by()
    linked = {
        (campaign_id, box_id): pk for pk, campaign_id, box_id in rows.values_list("pk", "campaign_id", "mailbox_id")
    }
    wanted = {(pk, box_id) for pk, remote_id in current.items() for box_id in senders[remote_id]}
    over = [pk for pair, pk in linked.items() if pair not in wanted]
    new = sorted(wanted - linked.keys())
    if by_sync and (over or new):
        known = [one for one in campaigns if one.links_synced_at and one.pk not in ours.quiet]
        _record_changes(connection_id, known, new, [pair for pair in linked if pair not in wanted], asked_at)
    CampaignMailbox.objects.filter(pk__in=over).delete()
    CampaignMailbox.objects.bulk_create(
        [CampaignMailbox(campaign_id=campaign_id, mailbox_id=box_id) for campaign_id, box_id in new],
        ignore_conflicts=True,
        batch_size=500,
    )
    Campaign.objects.filter(pk__in=current).update(links_synced_at=asked_at)
    return {"linked": len(new), "unlinked": len(over)}


def _record_changes(
    connection_id: int,
    campaigns: Collection[Campaign],
    new: Collection[tuple[int, int]],
    over: Collection[tuple[int, int]],
    now: datetime,
) -> None:
    """Links (keys of campaign and mailbox) that the provider has since, and those that it has no more."""
    told = {campaign.pk for campaign in campaigns}
    boxes = {box_id for pk, box_id in [*new, *over] if pk in told}
    addresses = dict(Mailbox.objects.filter(pk__in=boxes).values_list("pk", "address")) if boxes else {}
    sides: dict[int, tuple[list[str], list[str]]] = {}
    for side, pairs in enumerate((new, over)):
        for pk, box_id in pairs:
            if pk in told:
                sides.setdefault(pk, ([], []))[side].append(addresses.get(box_id, ""))
    changed = {pk: Senders(tuple(attached), tuple(detached)) for pk, (attached, detached) in sides.items()}
    record(connection_id, sender_changes(campaigns, changed), now)


def drop_unlinked(connection_id: int, now: datetime) -> int:
    """Mailboxes that the key never listed and that no campaign sends from any more are gone; returns how many."""
    linked = CampaignMailbox.objects.filter(mailbox__connection_id=connection_id).values("mailbox_id")
    unlisted = Mailbox.objects.present().filter(connection_id=connection_id, listed=False)
    return unlisted.exclude(pk__in=linked).update(gone_at=now)
