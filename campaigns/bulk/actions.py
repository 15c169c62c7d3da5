"""What can be done with many campaigns at once, as the list, the Django admin and the dry run offer it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from campaigns.bulk.kind import CampaignJob
from campaigns.models import Campaign, CampaignQuerySet
from operations.registry import job_handlers

Options = Mapping[str, Any]


class BulkAction(ABC):
    """One entry of the menu. `phrase` is its heading, with {} for the campaigns; `lasting` says what can't be taken back."""

    slug: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    phrase: ClassVar[str]
    kind: ClassVar[str]
    lasting: ClassVar[str] = ""
    on_bar: ClassVar[bool] = False

    @property
    def handler(self) -> CampaignJob:
        handler: CampaignJob = job_handlers[self.kind]
        return handler

    @property
    def word(self) -> str:
        """What is typed, with the number of campaigns, before something is done that lasts."""
        return self.slug

    def is_for(self, user: Any) -> bool:
        """Whether this person may use it at all; they may change campaigns."""
        return True

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form | None:
        """The options of this action, its choices cut down to what `user` may see; None: it has none."""
        return None

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        """The options as plain JSON, for the job to keep."""
        return {}

    @abstractmethod
    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        """How this campaign is to be, in the fields that are to change."""

    def keeps_out(self, campaign: Campaign, options: Options) -> str:
        """Why the options do not go with this campaign; empty: they do."""
        return ""
