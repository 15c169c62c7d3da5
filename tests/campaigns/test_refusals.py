"""What a provider says to a change that it does not make, in words that tell what is wrong."""

import pytest

from campaigns.refusals import in_plain_words, refusal_of, told_in_full
from operations.models import Write

REFUSALS = [
    ("campaign status", "Invalid cron expression: value is empty", "The campaign has no schedule."),
    ("campaign status", "Campaign sequence is empty. Add at least one sequence.", "The campaign has no steps."),
    ("campaign status", "No email account is attached to the campaign.", "The campaign has no mailboxes."),
    ("campaign status", "Add at least one email account", "The campaign has no mailboxes."),
    ("campaign status", "Campaign has no leads.", "The campaign has no leads."),
    ("campaign schedule", "Invalid timezone - Mars/Phobos", "The provider does not know this timezone."),
    ("campaign schedule", "Invalid start_hour - 8", "The provider does not take one of these hours."),
    ("campaign schedule", "startHour cannot be greater that endHour", "Sending must end after it begins"),
    (
        "campaign schedule",
        '"min_time_btw_emails" must be greater than or equal to 3',
        "The provider refused “Minimum gap between emails”: it must be greater than or equal to 3.",
    ),
    ("campaign settings", "Invalid track_settings value - X", "The provider does not take this choice of tracking."),
    ("campaign settings", "Invalid stop_lead_settings value - NEVER", "The provider does not take this rule"),
    ("campaign settings", "Client not found - Invalid client_id.", "The provider no longer has this client."),
    ("campaign mailboxes", "Email account id - 297 not allowed. Permission Error.", "may not use one of these mailboxes"),
    ("campaign mailboxes", "Cannot remove the last email account of an active campaign", "It is the last mailbox"),
    ("delete campaign", "Active campaigns cannot be deleted. Stop the campaign first.", "It is active. Pause it first."),
    ("campaign status", "Invalid API Key", "The key was refused."),
    ("rename campaign", "Campaign not found - Invalid campaign_id.", "The provider no longer has it."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "said", "words"), REFUSALS)
def test_each_refusal_that_is_known_is_said_in_plain_words(kind: str, said: str, words: str) -> None:
    assert words in in_plain_words(said, kind).text
    assert told_in_full(f"{said} Nothing was changed.", kind).endswith(" Nothing was changed.")


def test_what_is_not_known_is_passed_on_and_no_field_of_ours_is_shown() -> None:
    assert in_plain_words("Plan limit reached.").text == "Plan limit reached."
    made_up = "The provider accepted the change and did not make it: status: wrote 'paused', now reads 'active'"
    assert in_plain_words(made_up).text == "The provider accepted the change and did not make it."
    assert "meanwhile" in refusal_of(Write(state="conflict", message="x")).text
