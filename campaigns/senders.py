"""Which mailboxes somebody may see: those of their clients, and those that the campaigns of their clients send from."""

from typing import Any

from accounts.models import Mailbox, MailboxQuerySet
from campaigns.models import CampaignMailbox


def visible_mailboxes(user: Any) -> MailboxQuerySet:
    """All that `user` may see of mailboxes; fails closed.

    A mailbox may serve campaigns of several clients: show its links by `CampaignMailbox.objects.visible_to(user)`, or
    somebody learns of campaigns that are none of their business.
    """
    links = CampaignMailbox.objects.visible_to(user).values("mailbox_id")
    return Mailbox.objects.visible_to(user) | Mailbox.objects.filter(pk__in=links)
