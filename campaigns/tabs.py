"""The pages of a campaign that this room draws: what it is made of."""

from operations.registry import Tab, campaign_tabs

campaign_tabs.add(
    "sequence", Tab("Sequence", "campaigns:sequence", count=lambda campaign: campaign.step_count or 0), order=20
)
campaign_tabs.add("schedule", Tab("Schedule", "campaigns:schedule"), order=30)
campaign_tabs.add(
    "mailboxes",
    Tab("Mailboxes", "campaigns:mailboxes", count=lambda campaign: (campaign.sender_counts or {}).get("total", 0)),
    order=50,
)
campaign_tabs.add("activity", Tab("Activity", "campaigns:activity"), order=70)
campaign_tabs.add("settings", Tab("Settings", "campaigns:settings"), order=60)

__all__ = ["Tab", "campaign_tabs"]
