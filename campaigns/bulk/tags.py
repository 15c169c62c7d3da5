"""Tags of our own on many campaigns."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.lists.filters import without_nul
from campaigns.models import Campaign, CampaignQuerySet, Tag
from campaigns.services.tags import own_tags, set_own_tags
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions

LONGEST = 40
MOST = 10


@job_handler
class TagJob(CampaignJob):
    name = "tag campaigns"
    label = "Tag"
    icon = "tag"
    prefetches = ("tags",)

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return dict.fromkeys(own_tags(campaign), True)

    def current(self, campaign: Campaign, names: Iterable[str]) -> dict[str, Any]:
        """Each tag by itself: whether the campaign has it."""
        own = self.now_is(campaign)
        return {name: name in own for name in names}

    def same(self, wanted: State) -> str:
        return "Has these tags already" if any(wanted.values()) else "Has none of these tags"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        own = self.now_is(campaign) | item.wanted
        set_own_tags(campaign, [name for name, has in own.items() if has], actor)
        return Outcome.done(item.wanted)

    def tell(self, name: str, value: Any) -> str:
        return "tagged" if value else "not tagged"

    def label_of(self, name: str) -> str:
        return name


class TagsForm(forms.Form):
    tags = forms.CharField(
        label="Tags",
        max_length=300,
        widget=forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", "placeholder": "Q4, Nordics"}),
        help_text="Separated by commas. Tags are kept in Quarterdeck; Smartlead is not told of them.",
    )

    def clean_tags(self) -> list[str]:
        names = [" ".join(name.split()) for name in without_nul(self.cleaned_data["tags"]).split(",")]
        names = sorted({name for name in names if name})
        if not names:
            raise forms.ValidationError("Name at least one tag.")
        if len(names) > MOST or max(map(len, names)) > LONGEST:
            raise forms.ValidationError(f"At most {MOST} tags at once, each of at most {LONGEST} characters.")
        return names


class RemovedTagsForm(forms.Form):
    tags = forms.MultipleChoiceField(
        label="Tags",
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        help_text="Tags that were given in Smartlead are taken away there.",
    )

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["tags"]
        field.choices = choices


class _Tags(BulkAction):
    kind = TagJob.name
    icon = "tag"

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        return {"tags": cleaned["tags"]}


class AddTags(_Tags):
    slug, label, phrase = "tag", "Tag", "Tag"
    on_bar = True

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        return TagsForm(data)

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {name: True for name in options["tags"] if name not in self._theirs(campaign)}

    def keeps_out(self, campaign: Campaign, options: Options) -> str:
        return "Has these tags already" if self._theirs(campaign).issuperset(options["tags"]) else ""

    def _theirs(self, campaign: Campaign) -> set[str]:
        """Tags that it was given at the provider."""
        return {tag.name for tag in campaign.tags.all() if tag.remote_id is not None}


class RemoveTags(_Tags):
    slug, label, phrase = "untag", "Remove tags", "Remove tags from"

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        used = Tag.objects.filter(remote_id=None, campaigns__in=campaigns).order_by("name")
        names = list(dict.fromkeys(used.values_list("name", flat=True)))
        return RemovedTagsForm(data, choices=[(name, name) for name in names])

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return dict.fromkeys(options["tags"], False)


bulk_actions.add(AddTags.slug, AddTags(), order=50)
bulk_actions.add(RemoveTags.slug, RemoveTags(), order=55)
