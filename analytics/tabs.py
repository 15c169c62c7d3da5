"""The pages of a campaign that this room draws."""

from operations.registry import Tab, campaign_tabs

campaign_tabs.add("overview", Tab("Overview", "analytics:campaign_overview"), order=10)
