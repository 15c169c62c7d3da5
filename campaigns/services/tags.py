"""Tags of our own on campaigns. No provider is told of them: none is known to let campaigns be tagged (smartlead-api 3.6.11)."""

from collections.abc import Iterable

from django.db import transaction

from campaigns.models import Campaign, Tag
from operations import audit


def own_tags(campaign: Campaign) -> list[str]:
    """Their names, in order; reads the prefetched tags where there are some."""
    return sorted(tag.name for tag in campaign.tags.all() if tag.remote_id is None)


def set_own_tags(campaign: Campaign, names: Iterable[str], actor: audit.Actor) -> None:
    """Make these the campaign's own tags; those of its provider stay. A tag that nothing has any more is forgotten."""
    before, after = own_tags(campaign), sorted(set(names))
    if before == after:
        return
    # No more than was meant to go: what somebody else gave it since `before` was read stays.
    taken = set(before) - set(after)
    own = Tag.objects.filter(connection_id=campaign.connection_id, remote_id=None)
    links = Campaign.tags.through.objects
    with transaction.atomic():
        links.filter(campaign=campaign, tag__remote_id=None).filter(tag__name__in=taken).delete()
        for name in after:
            if name not in before:
                tag, _ = Tag.objects.get_or_create(connection_id=campaign.connection_id, remote_id=None, name=name)
                campaign.tags.add(tag)
        own.filter(name__in=taken, campaigns=None).delete()
        audit.record(
            actor,
            "tag campaign",
            campaign,
            client_id=campaign.client_id,
            before={"tags": before},
            after={"tags": after},
        )
