"""Which mailboxes campaigns send from: told by the list of mailboxes where it can, else by each campaign."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from accounts.models import Mailbox
from accounts.services.mailboxes import note_senders
from campaigns.models import Campaign, CampaignMailbox
from providers.records import RemoteMailbox


def list_tells_links(connection_id: int, *, whole_agency: bool) -> bool:
    """Whether the connection's list of mailboxes tells everything about who sends from what.

    A client's own key may list that client's mailboxes alone, while its campaigns send from the agency's too.
    """
    listed = Mailbox.objects.present().filter(connection_id=connection_id, listed=True)
    return whole_agency and not listed.filter(remote_campaign_ids__isnull=True).exists()


def links_from_list(connection_id: int, now: datetime) -> dict[str, int]:
    """Take the links from the list of mailboxes that was just stored, if it tells them; those of gone mailboxes end."""
    CampaignMailbox.objects.filter(mailbox__connection_id=connection_id, mailbox__gone_at__isnull=False).delete()
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
    return mirror_links(connection_id, senders, asked_at)


def links_from_campaigns(
    connection_id: int, told: Mapping[int, Sequence[RemoteMailbox]], asked_at: datetime
) -> dict[str, int]:
    """Take what campaigns (by remote id) tell of their mailboxes, unknown ones among them."""
    pk_of = note_senders(connection_id, [box for boxes in told.values() for box in boxes], asked_at)
    senders = {remote_id: {pk_of[box.id] for box in boxes} for remote_id, boxes in told.items()}
    counts = mirror_links(connection_id, senders, asked_at)
    return {"seen": len(told), **counts}


def mirror_links(connection_id: int, senders: Mapping[int, Collection[int]], asked_at: datetime) -> dict[str, int]:
    """Make the links of these campaigns (by remote id) lead to these mailboxes (by key) and no others.

    A campaign of which something newer was stored meanwhile is left alone. Returns counts `linked, unlinked`.
    """
    ours = Campaign.objects.filter(connection_id=connection_id, remote_id__in=senders)
    current = dict(ours.without_newer("links_synced_at", asked_at).values_list("pk", "remote_id"))
    rows = CampaignMailbox.objects.filter(campaign__in=current).order_by()
    linked = {
        (campaign_id, box_id): pk for pk, campaign_id, box_id in rows.values_list("pk", "campaign_id", "mailbox_id")
    }
    wanted = {(pk, box_id) for pk, remote_id in current.items() for box_id in senders[remote_id]}
    over = [pk for pair, pk in linked.items() if pair not in wanted]
    new = sorted(wanted - linked.keys())
    CampaignMailbox.objects.filter(pk__in=over).delete()
    CampaignMailbox.objects.bulk_create(
        [CampaignMailbox(campaign_id=campaign_id, mailbox_id=box_id) for campaign_id, box_id in new],
        ignore_conflicts=True,
        batch_size=500,
    )
    Campaign.objects.filter(pk__in=current).update(links_synced_at=asked_at)
    return {"linked": len(new), "unlinked": len(over)}


def drop_unlinked(connection_id: int, now: datetime) -> int:
    """Mailboxes that the key never listed and that no campaign sends from any more are gone; returns how many."""
    linked = CampaignMailbox.objects.filter(mailbox__connection_id=connection_id).values("mailbox_id")
    unlisted = Mailbox.objects.present().filter(connection_id=connection_id, listed=False)
    return unlisted.exclude(pk__in=linked).update(gone_at=now)
