"""Local validation of an edited sequence: the checks of each text, and what must be true of the steps."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.models import Campaign
from campaigns.sequence_editor.copy_checks import Finding, Level, Place, Report, check_text
from campaigns.sequence_editor.edited import EditedSequence, EditedStep, whole_number
from campaigns.services.sequence_texts import MOST_DAYS


@dataclass(frozen=True)
class Checked:
    """Reports by key of variant, and problems of steps by key of step; "" is the sequence as a whole."""

    reports: Mapping[str, Report]
    problems: Mapping[str, tuple[Finding, ...]]

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.reports.values()) + sum(map(len, self.problems.values()))

    @property
    def first_key(self) -> str:
        """The key of the first text or step with an error."""
        return next((key for key, problems in self.problems.items() if problems and key), "") or next(
            (key for key, report in self.reports.items() if report.errors), ""
        )

    def errors_of(self, step: EditedStep) -> int:
        return sum(self.reports[one.key].errors for one in step.variants) + len(self.problems.get(step.key, ()))

    def warnings_of(self, step: EditedStep) -> int:
        return sum(self.reports[one.key].warnings for one in step.variants)


def check_sequence(sequence: EditedSequence, campaign: Campaign) -> Checked:
    """Errors stop saving, warnings do not."""
    elsewhere = bool((campaign.settings or {}).get("unsubscribe_text"))
    reports = {
        variant.key: check_text(variant.subject, variant.body, Place(number == 1, elsewhere))
        for number, _, variant in sequence.variants()
    }
    problems = {
        step.key: tuple(Finding(Level.ERROR, text) for text in _of_step(step, number))
        for number, step in enumerate(sequence, start=1)
    }
    if not sequence.steps:
        problems[""] = (Finding(Level.ERROR, "A sequence needs at least one step."),)
    return Checked(reports, problems)


def _of_step(step: EditedStep, number: int) -> list[str]:
    found = []
    days = step.delay_days
    shortest = 0 if number == 1 else 1
    if days is None or not shortest <= days <= MOST_DAYS:
        found.append(f"The wait is a whole number of days, {shortest} to {MOST_DAYS}.")
    labels = [one.label for one in step.variants]
    if len(set(labels)) < len(labels):
        found.append("Two variants have the same name.")
    if step.by_share:
        shares = [whole_number(one.share) for one in step.variants]
        if any(share is None or share > 100 for share in shares):
            found.append("A share is a whole number from 0 to 100.")
        elif (total := sum(share or 0 for share in shares)) != 100:
            found.append(f"The shares add up to {total}%, not to 100%.")
    return found
