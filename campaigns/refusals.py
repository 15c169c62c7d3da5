"""Why a change failed, in plain words: what happened, what it means for sending, and the page where it can be put right.

Providers answer with words of their own, or stumble over what is missing; the words are those of smartlead-api 1.5 and 3.1.
"""

import re
from dataclasses import dataclass

from campaigns.services.mailboxes import KIND as MAILBOXES
from operations.models import Write


@dataclass(frozen=True)
class Refusal:
    """`text` is a sentence. `tab` names the page of the campaign that fixes it, `action` the link to there; both may be empty."""

    text: str
    tab: str = ""
    action: str = ""


MEANWHILE = "It was changed at the provider meanwhile. Load the page again to see how it is now."


Known = tuple[tuple[re.Pattern[str], Refusal], ...]


def _known(*pairs: tuple[str, Refusal]) -> Known:
    return tuple((re.compile(pattern, re.IGNORECASE), refusal) for pattern, refusal in pairs)


_OF_MAILBOXES = _known(
    (
        r"\b(last|only|at ?least one|all)\b.*(email account|mailbox|sender)",
        Refusal(
            "It is the last mailbox of an active campaign. Pause the campaign first, or attach another one before."
        ),
    ),
    (
        r"email account.*(not allowed|permission)|permission.*email account",
        Refusal("The key of this campaign may not use one of these mailboxes."),
    ),
)
_KNOWN = (
    *_known(
        (
            r"sequence.*(empty|missing|at ?least one)|\b(no|add|without)\b.*(sequence|step)",
            Refusal("The campaign has no steps.", "sequence", "Go to sequence"),
        ),
        (
            r"\b(no|not|add|at ?least one|without)\b.*(email account|mailbox|sender)",
            Refusal("The campaign has no mailboxes.", "mailboxes", "Go to mailboxes"),
        ),
        (
            r"\bcron\b|\b(no|not|empty|missing|without|invalid|set)\b.*schedule|schedule.*(missing|empty|not set|required)",
            Refusal("The campaign has no schedule.", "schedule", "Go to schedule"),
        ),
        (
            r"\b(no|add|at ?least one|without)\b.*leads?\b",
            Refusal("The campaign has no leads.", "leads", "Go to leads"),
        ),
        (r"^invalid timezone", Refusal("The provider does not know this timezone. Choose another one from the list.")),
        (r"^invalid (start|end)_hour", Refusal("The provider does not take one of these hours. Type them like 08:30.")),
        (r"starthour cannot be greater", Refusal("Sending must end after it begins, on the same day.")),
        (r"^invalid track_settings", Refusal("The provider does not take this choice of tracking.")),
        (r"^invalid stop_lead_settings", Refusal("The provider does not take this rule for the end of a sequence.")),
        (r"^unsupported value", Refusal("The provider does not take one of these choices.")),
        (r"client not found|invalid client", Refusal("The provider no longer has this client.")),
        (r"permission error|insufficient permission", Refusal("The key may not do that.")),
        (r"is stopped and|stopped.*cannot", Refusal("It was stopped for good and can’t be started again.")),
        (r"status (drafted|completed) cannot be paused", Refusal("It is not running, so there is nothing to pause.")),
        (r"active campaigns? (cannot|can't) be deleted|CAMPAIGN_ACTIVE", Refusal("It is active. Pause it first.")),
        (r"no such call", Refusal("The provider’s server does not offer this change.")),
        (
            r"invalid api[ _-]?key|does not accept this key",
            Refusal("The key was refused."),
        ),
        (r"firewall", Refusal("A firewall in front of the provider refused us. An admin must look at the connection.")),
        (r"accepted the change and did not make it", Refusal("The provider accepted the change and did not make it.")),
        (r"answer was lost, and the change", Refusal("The answer was lost, and the change was not made.")),
        (r"changed at the provider meanwhile", Refusal(MEANWHILE)),
        (r"no longer there|no such object|not found|invalid campaign", Refusal("The provider no longer has it.")),
    ),
)
_FIELD = re.compile(r'^"(?P<name>[\w.\[\]]+)" (?P<what>(is|must|length|contains|failed)\b.*)$', re.IGNORECASE)
_FIELDS = {
    "timezone": "Timezone",
    "days_of_the_week": "Days",
    "start_hour": "From",
    "end_hour": "Until",
    "min_time_btw_emails": "Minimum gap between emails",
    "max_new_leads_per_day": "Max new leads per day",
    "schedule_start_time": "Send first emails from",
    "track_settings": "Tracking",
    "stop_lead_settings": "The rule for the end of a sequence",
    "unsubscribe_text": "Unsubscribe text",
    "follow_up_percentage": "Share for follow-ups",
    "client_id": "Client",
    "name": "Name",
    "status": "Status",
    "email_account_ids": "Mailboxes",
}
NOTHING = " Nothing was changed."


def in_plain_words(message: str, kind: str = "") -> Refusal:
    """What a provider said to a change of this kind, in our words; what is not known is passed on as it was said."""
    told = message.removesuffix(NOTHING)
    for pattern, refusal in (*(_OF_MAILBOXES if kind == MAILBOXES else ()), *_KNOWN):
        if pattern.search(told):
            return refusal
    if found := _FIELD.match(told):
        last = found["name"].rpartition(".")[2]
        return Refusal(f"The provider refused “{_FIELDS.get(last, last)}”: it {found['what'].rstrip('.')}.")
    return Refusal(message or "The provider gave no reason.")


def told_in_full(message: str, kind: str = "") -> str:
    """The same as sentences, with the one that nothing was changed where that is known."""
    text = in_plain_words(message, kind).text
    return text if text.endswith(NOTHING) or not message.endswith(NOTHING) else f"{text}{NOTHING}"


def refusal_of(change: Write) -> Refusal:
    """Why this change failed, in our words."""
    if change.state == Write.State.CONFLICT:
        return Refusal(MEANWHILE)
    return in_plain_words(change.message, change.kind)


def waiting_words(write: Write) -> str:
    """What a change that is not settled waits for, where that is worth saying; "" while it simply runs."""
    if write.state == Write.State.UNKNOWN:
        return "The provider’s answer was lost. We’re checking what became of it."
    if write.state == Write.State.PENDING and write.message:
        if "slot" in write.message or "limit" in write.message:
            return "Slowed by the provider’s rate limit. Your change is queued and goes out shortly."
        return f"{write.message} We try again."
    return ""
