"""Setting when many campaigns send: what is left empty stays as each of them has it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.facts import WEEKDAYS, days_in_words
from campaigns.models import Campaign, CampaignQuerySet
from campaigns.pacing.zones import is_zone, zone_names
from campaigns.services.schedule import FIELDS, KIND, current_schedule, default_schedule
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions
from providers.registry import provider_named

HOUR = r"([01]\d|2[0-3]):[0-5]\d"


@job_handler
class ScheduleJob(CampaignJob):
    name = "campaign schedule"
    label = "Set schedule"
    icon = "calendar-time"
    calls = ("read", "campaign_write", "read")

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return current_schedule(campaign)

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        if campaign.status in (Campaign.Status.STOPPED, Campaign.Status.ARCHIVED):
            return f"{campaign.get_status_display()}, does not send any more"
        whole = self.whole(campaign, wanted)
        if any(whole.get(name) is None for name in FIELDS if name != "starts_at"):
            return "It had no whole schedule to go back to"
        if whole["start"] >= whole["end"]:
            return f"Would send from {whole['start']} until {whole['end']}"
        return ""

    def whole(self, campaign: Campaign, wanted: State) -> dict[str, Any]:
        """A schedule is written whole: what is not changed goes along as it is, and where nothing is set, as usual."""
        return default_schedule(campaign, shortest_gap(campaign)) | dict(wanted)

    def same(self, wanted: State) -> str:
        return "Has this schedule already"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        whole = self.whole(campaign, item.wanted)
        return self.ask(KIND, item, campaign, whole, current_schedule(campaign), actor, now)

    def tell(self, name: str, value: Any) -> str:
        if name == "days":
            return days_in_words(value) if value else "No days"
        if value is None:
            return "Not set"
        units = {"min_gap_minutes": "{} min apart", "daily_new_leads": "{:,} new leads a day"}
        return units[name].format(value) if name in units else str(value)


class ScheduleForm(forms.Form):
    """Every field may stay empty; days are a choice of all seven."""

    time_zone = forms.CharField(label="Time zone", required=False, max_length=60)
    days = forms.TypedMultipleChoiceField(
        label="Days",
        required=False,
        coerce=int,
        choices=[(number, name) for number, name in enumerate(WEEKDAYS, start=1)],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    start = forms.RegexField(HOUR, label="From", required=False, strip=True)
    end = forms.RegexField(HOUR, label="Until", required=False, strip=True)
    min_gap_minutes = forms.IntegerField(
        label="Minutes between two emails", required=False, min_value=1, max_value=1440
    )
    daily_new_leads = forms.IntegerField(
        label="New leads a day, at most", required=False, min_value=0, max_value=100_000
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name in ("time_zone", "start", "end", "min_gap_minutes", "daily_new_leads"):
            self.fields[name].widget.attrs["class"] = "form-control"
        self.fields["time_zone"].widget.attrs |= {
            "list": "zones",
            "autocomplete": "off",
            "placeholder": "Europe/Berlin",
        }
        for name, example in (("start", "09:00"), ("end", "17:00")):
            self.fields[name].widget.attrs |= {"placeholder": example, "inputmode": "numeric", "autocomplete": "off"}
        self.zones = zone_names()

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"]
        if name and not is_zone(name):
            raise ValidationError("No such time zone. Choose one from the list, such as Europe/Berlin.")
        return name

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not any(value not in (None, "", []) for value in cleaned.values()):
            raise ValidationError("Fill in what is to be changed. What stays empty is left as each campaign has it.")
        if cleaned.get("start") and cleaned.get("end") and cleaned["start"] >= cleaned["end"]:
            self.add_error("end", "The end comes after the start.")
        return cleaned


class SetSchedule(BulkAction):
    slug, label, icon, phrase = "schedule", "Set schedule", "calendar-time", "Set schedule on {}"
    kind = ScheduleJob.name
    on_bar = True

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        return ScheduleForm(data)

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        return {name: value for name, value in cleaned.items() if value not in (None, "", [])}

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return dict(options)

    def keeps_out(self, campaign: Campaign, options: Options) -> str:
        gap, shortest = options.get("min_gap_minutes"), shortest_gap(campaign)
        return f"At least {shortest} minutes between two emails there" if gap is not None and gap < shortest else ""


def shortest_gap(campaign: Campaign) -> int:
    return provider_named(campaign.connection.provider).capabilities.min_gap_minutes


bulk_actions.add(SetSchedule.slug, SetSchedule(), order=30)
