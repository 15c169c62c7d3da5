"""Changing settings of many campaigns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.facts import STOP_RULES
from campaigns.lists.filters import without_nul
from campaigns.models import Campaign, CampaignQuerySet
from campaigns.services.settings import KIND, current_settings, with_whole_tracking
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions

LEAVE = ("", "Leave as it is")
LABELS = {
    "track_opens": "Track opens",
    "track_clicks": "Track clicks",
    "stop_rule": "Stops for a lead when",
    "unsubscribe_text": "Unsubscribe text",
    "follow_up_percentage": "Share for follow-ups",
}
WRITABLE_RULES = ("reply", "click", "open")


@job_handler
class SettingsJob(CampaignJob):
    name = "campaign settings"
    label = "Change settings"
    icon = "settings"
    calls = ("read", "campaign_write", "read")

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return current_settings(campaign)

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        if campaign.status in (Campaign.Status.STOPPED, Campaign.Status.ARCHIVED):
            return f"{campaign.get_status_display()}, does not send any more"
        if any(value is None for value in wanted.values()) or wanted.get("stop_rule") in ("unknown", "never"):
            return "How it was before can’t be set again"
        return ""

    def same(self, wanted: State) -> str:
        return "Has these settings already"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        opened = current_settings(campaign)
        payload = with_whole_tracking(item.wanted, opened)
        before = {name: opened.get(name) for name in payload}
        return self.ask(KIND, item, campaign, payload, before, actor, now)

    def tell(self, name: str, value: Any) -> str:
        if name == "stop_rule":
            return STOP_RULES.get(str(value), "Not told")
        if name == "unsubscribe_text":
            return f"“{value}”" if value else "None"
        if name == "follow_up_percentage":
            return "Not told" if value is None else f"{value}%"
        return {True: "On", False: "Off"}.get(value, "Not told")

    def label_of(self, name: str) -> str:
        return LABELS.get(name, name)


class SettingsForm(forms.Form):
    """What stays on "leave as it is" is left alone."""

    note = "New leads a day and the minutes between two emails belong to the schedule: choose Set schedule for these limits."
    partial = True

    stop_rule = forms.ChoiceField(
        label=LABELS["stop_rule"],
        required=False,
        choices=[LEAVE, *((rule, STOP_RULES[rule]) for rule in WRITABLE_RULES)],
    )
    track_opens = forms.ChoiceField(
        label=LABELS["track_opens"], required=False, choices=[LEAVE, ("on", "On"), ("off", "Off")]
    )
    track_clicks = forms.ChoiceField(
        label=LABELS["track_clicks"], required=False, choices=[LEAVE, ("on", "On"), ("off", "Off")]
    )
    follow_up_percentage = forms.IntegerField(
        label="Share of the day’s emails for follow-ups, %", required=False, min_value=0, max_value=100
    )
    unsubscribe_text = forms.CharField(label=LABELS["unsubscribe_text"], required=False, max_length=500)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"
        for name in ("unsubscribe_text", "follow_up_percentage"):
            self.fields[name].widget.attrs["placeholder"] = "Empty: leave as it is"

    def clean_unsubscribe_text(self) -> str:
        return without_nul(self.cleaned_data["unsubscribe_text"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and all(value in (None, "") for value in cleaned.values()):
            raise ValidationError("Choose at least one setting to change.")
        return cleaned


class ChangeSettings(BulkAction):
    slug, label, icon, phrase = "settings", "Change settings", "settings", "Change settings of {}"
    kind = SettingsJob.name

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        return SettingsForm(data)

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        switches = {"on": True, "off": False}
        return {name: switches.get(value, value) for name, value in cleaned.items() if value not in (None, "")}

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return dict(options)


bulk_actions.add(ChangeSettings.slug, ChangeSettings(), order=35)
