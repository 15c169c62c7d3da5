"""The menu of bulk actions, and what a form for one of them carries along."""

from dataclasses import dataclass
from typing import Any

from campaigns.bulk.actions import BulkAction
from operations.registry import bulk_actions


@dataclass(frozen=True)
class Menu:
    """What stands on the bar below a list, and what stands behind "More". Lasting ones come last."""

    bar: list[BulkAction]
    more: list[BulkAction]


def menu_for(user: Any) -> Menu | None:
    """None for somebody who may look and not change."""
    if not user.may_change:
        return None
    offered = [action for _, action in bulk_actions if action.is_for(user)]
    return Menu([one for one in offered if one.on_bar], [one for one in offered if not one.on_bar])
