"""What the sequence page shows: rows of steps, panels of texts, and everything around them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from campaigns.models import Campaign, SequenceDraft, SequenceSave
from campaigns.sequence_editor.checks import Checked
from campaigns.sequence_editor.copy_checks import Finding, Report
from campaigns.sequence_editor.copy_checks.spintax import parse
from campaigns.sequence_editor.copy_checks.variables import STANDARD
from campaigns.sequence_editor.edited import EditedSequence
from campaigns.sequence_editor.editing import Editing
from campaigns.sequence_editor.previews import Sample, filled_subject, sample_address, samples_for
from campaigns.sequence_editor.rows import Problem, StepRow, VariantPanel, step_rows
from campaigns.sequence_editor.word_diff import Change, changes_between
from campaigns.sequence_editor.words import SaveView
from campaigns.standing import capabilities_of, why_unchangeable


def custom_names(sequence: EditedSequence) -> list[str]:
    """Variables that the texts use and that are no standard fields."""
    used = [
        tag.name for _, _, one in sequence.variants() for text in (one.subject, one.body) for tag in parse(text).tags()
    ]
    return sorted({name for name in used if name and name not in STANDARD})


@dataclass
class Page:
    """What the template shows beside the frame of the campaign."""

    campaign: Campaign
    editing: Editing
    checked: Checked
    rows: list[StepRow]
    may_change: bool
    editable: bool
    pauses: bool
    weights: bool
    save: SequenceSave | None = None
    problems: Sequence[Problem] = ()
    restores: int | None = None
    preview_url: str = ""
    typed_samples: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        campaign: Campaign,
        editing: Editing,
        user: Any,
        *,
        shown: str = "",
        save: SequenceSave | None = None,
        problems: Sequence[Problem] = (),
        restores: int | None = None,
        read_only: str | None = None,
    ) -> "Page":
        """`read_only` is the reason that the frame of the campaign says, where that is known already."""
        checked = editing.checked(campaign)
        read_only = why_unchangeable(campaign) if read_only is None else read_only
        can = capabilities_of(campaign)
        under_way = save is not None and not save.is_ended
        page = cls(
            campaign=campaign,
            editing=editing,
            checked=checked,
            rows=step_rows(editing.edited, checked, shown, editing.current),
            may_change=user.may_change,
            editable=user.may_change and not read_only and not under_way,
            pauses=not can.edit_while_active,
            weights=can.variant_weights,
            save=save,
            problems=problems,
            restores=restores,
        )
        page.preview_url = page.address_of_preview()
        return page

    @cached_property
    def part_url(self) -> str:
        """Where scripts get new steps and texts from."""
        return reverse("campaigns:sequence_part", args=[self.campaign.pk])

    @cached_property
    def versions_url(self) -> str:
        return reverse("campaigns:sequence_versions", args=[self.campaign.pk])

    def address_of_preview(self, token: str = "") -> str:
        address = reverse("campaigns:sequence_preview", args=[self.campaign.pk])
        query = {"token": token} if token else {"show": self.shown} if self.shown else {}
        return f"{address}?{urlencode(query)}" if query else address

    @cached_property
    def panel(self) -> VariantPanel | None:
        """The text that is shown."""
        return next((one for row in self.rows for one in row.variants if one.shown), None)

    @property
    def shown(self) -> str:
        return self.panel.key if self.panel else ""

    @property
    def save_view(self) -> SaveView | None:
        return SaveView.of(self.save) if self.save else None

    @property
    def base(self) -> str:
        return self.editing.sealed(self.campaign)

    @property
    def draft(self) -> SequenceDraft | None:
        return self.editing.draft

    @property
    def conflicts(self) -> list["ShownConflict"]:
        return [ShownConflict(one.key, one.title, changes_between(one.fields)) for one in self.editing.conflicts]

    @property
    def report(self) -> Report | None:
        return self.panel.report if self.panel else None

    @property
    def step_problems(self) -> Sequence[Finding]:
        return self.checked.problems.get(self.panel.step.key, ()) if self.panel else self.checked.problems.get("", ())

    @property
    def shown_errors(self) -> int:
        return len(self.step_problems) + (self.report.errors if self.report else 0)

    @property
    def marks(self) -> str:
        return json.dumps(self.report.marks if self.report else {})

    @property
    def days(self) -> int:
        return self.rows[-1].day or 0 if self.rows else 0

    @property
    def standard(self) -> Sequence[str]:
        return STANDARD

    @cached_property
    def custom(self) -> Sequence[str]:
        return custom_names(self.editing.edited)

    @cached_property
    def samples(self) -> list[Sample]:
        return samples_for(self.panel.edited.subject, self.panel.edited.body, self.typed_samples) if self.panel else []

    @property
    def preview_subject(self) -> str:
        return filled_subject(self.panel.edited.subject, self.sample_values) if self.panel else ""

    @property
    def sample_values(self) -> dict[str, str]:
        return {one.name: one.value for one in self.samples}

    @property
    def preview_to(self) -> str:
        return sample_address(self.sample_values)

    @property
    def has_versions(self) -> bool:
        texts = (self.panel.edited.subject, self.panel.edited.body) if self.panel else ()
        return any(parse(text).choices() for text in texts)

    @property
    def mid_sequence(self) -> int | None:
        numbers = getattr(self.campaign, "numbers", None)
        return getattr(numbers, "leads_in_progress", None)

    @property
    def may_test(self) -> bool:
        return bool(self.rows)

    @property
    def read_at(self) -> datetime | None:
        return self.campaign.steps_synced_at


@dataclass(frozen=True)
class ShownConflict:
    key: str
    title: str
    changes: Sequence[Change]
