"""Smartlead's words and ours: statuses, tracking, stop rules, weekdays (smartlead-api 1.10, 2)."""

from collections.abc import Iterable

from providers.records import CampaignStatus, StopRule

STATUSES = {
    "drafted": CampaignStatus.DRAFT,
    "draft": CampaignStatus.DRAFT,
    "active": CampaignStatus.ACTIVE,
    "started": CampaignStatus.ACTIVE,
    "start": CampaignStatus.ACTIVE,
    "paused": CampaignStatus.PAUSED,
    "completed": CampaignStatus.COMPLETED,
    "stopped": CampaignStatus.STOPPED,
    "archived": CampaignStatus.ARCHIVED,
}

STOP_RULES = {
    "reply_to_an_email": StopRule.REPLY,
    "click_on_a_link": StopRule.CLICK,
    "clicked_link": StopRule.CLICK,
    "open_an_email": StopRule.OPEN,
    "opened_email": StopRule.OPEN,
    "never": StopRule.NEVER,
}

STOP_RULES_WRITTEN = {
    StopRule.REPLY: ("REPLY_TO_AN_EMAIL", "REPLY_TO_AN_EMAIL"),
    StopRule.CLICK: ("CLICK_ON_A_LINK", "CLICKED_LINK"),
    StopRule.OPEN: ("OPEN_AN_EMAIL", "OPENED_EMAIL"),
}
"""The word that live servers take, then that of the guides."""

OPENS_OFF = ("DONT_TRACK_EMAIL_OPEN", "DONT_EMAIL_OPEN")
CLICKS_OFF = ("DONT_TRACK_LINK_CLICK", "DONT_LINK_CLICK")
REPLIES_OFF = ("DONT_TRACK_REPLY_TO_AN_EMAIL", "DONT_REPLY_TO_AN_EMAIL")
"""What switches tracking off: the word of writes, then that of reads."""


def status_of(word: str) -> CampaignStatus:
    return STATUSES.get(word.strip().lower(), CampaignStatus.UNKNOWN)


def stop_rule_of(word: str) -> StopRule:
    return STOP_RULES.get(word.strip().lower(), StopRule.UNKNOWN)


def tracks(told: tuple[str, ...] | None, off: tuple[str, str]) -> bool | None:
    """Whether something is tracked, from either family of words; None where nothing is told."""
    return None if told is None else not any(word.strip().upper() in off for word in told)


def iso_weekdays(days: Iterable[int]) -> tuple[int, ...]:
    """ISO weekdays from 0–6 with Sunday 0, or 1–7 with Sunday 7: both are met, and agree but for Sunday (8)."""
    return tuple(sorted({7 if day in (0, 7) else day for day in days if 0 <= day <= 7}))


def written_weekdays(days: Iterable[int], sunday: int) -> list[int]:
    """Weekdays as they are sent; `sunday` is 0 or 7."""
    return sorted({sunday if day == 7 else day for day in days})
