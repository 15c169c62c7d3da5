"""Which mailboxes a campaign sends from."""

from django.db import models

from campaigns.models.campaigns import Campaign
from operations.scoping import ClientScopedQuerySet


class CampaignMailboxQuerySet(ClientScopedQuerySet["CampaignMailbox"]):
    client_path = "campaign__client"


class CampaignMailbox(models.Model):
    """A campaign sends from a mailbox. How old the links of a campaign are says `Campaign.links_synced_at`."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="mailbox_links")
    mailbox = models.ForeignKey("accounts.Mailbox", on_delete=models.CASCADE, related_name="campaign_links")

    objects = CampaignMailboxQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "mailbox"], name="mailbox_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id} sends from mailbox {self.mailbox_id}"
