"""The pages of a campaign that this room draws: what it is made of."""

from operations.registry import Tab, campaign_tabs

__all__ = ["Tab", "campaign_tabs"]
