"""How changes of campaigns are told: on their Activity pages and in the audit trail."""

from collections.abc import Callable
from functools import partial
from typing import Any

from campaigns.facts import STOP_RULES, days_in_words
from campaigns.models import Campaign, Step
from campaigns.refusals import told_in_full
from campaigns.services import drift
from campaigns.services.sequence_chain import PAUSE, RESUME, SAVE
from campaigns.services.sequence_diff import word_pieces
from operations.registry import change_words, subject_pages
from operations.telling import ChangeWords, TextChange, Values, plain

Tell = Callable[[Values, Values], str]
STATUS_WORDS = {value: str(word) for value, word in Campaign.Status.choices}
DONE = {
    "active": "Started",
    "paused": "Paused",
    "stopped": "Stopped",
    "completed": "Completed",
    "archived": "Archived",
    "draft": "Back to draft",
}
ICONS = {"paused": "player-pause", "stopped": "ban", "completed": "circle-check", "archived": "archive"}
ATTEMPTS = {"active": "Start", "paused": "Pause", "stopped": "Stop"}
NAMED_IN_TITLES = 2  # addresses of mailboxes
NAMES: dict[str, str | None] = {
    "name": "Name",
    "status": "Status",
    "time_zone": "Time zone",
    "days": "Days",
    "start": "From",
    "end": "To",
    "starts_at": "Starts on",
    "min_gap_minutes": "Gap, minutes",
    "daily_new_leads": "New leads a day",
    "stop_rule": "Stops for a lead when",
    "track_opens": "Opens tracked",
    "track_clicks": "Clicks tracked",
    "track_replies": "Replies tracked",
    "plain_text": "Plain text",
    "esp_matching": "Provider matching",
    "follow_up_percentage": "Follow-up share, %",
    "unsubscribe_text": "Unsubscribe text",
    "archived": "Archived here",
    "listed": "Listed by the provider",
    "remote_client_id": None,
    "own_key": None,
    "source": None,
    "made_id": None,
    "repeats_change": None,
    "copies_before": None,
    "gone": None,
}


def value_in_words(name: str, value: Any) -> str:
    """One value of a campaign as the interface writes it."""
    last = name.rpartition(".")[2]
    if last == "status":
        return STATUS_WORDS.get(str(value), str(value))
    if last == "days" and isinstance(value, list) and all(isinstance(day, int) for day in value):
        return days_in_words(value)
    if last == "stop_rule":
        return STOP_RULES.get(str(value), str(value))
    if last.endswith(", delay") and isinstance(value, (int, float)):
        days = value / Step.MINUTES_A_DAY
        return f"{days:g} day{'' if days == 1 else 's'}"
    if last.endswith(", share") and isinstance(value, int):
        return f"{value}%" if value else "equal"
    return plain(value)


def _status_done(before: Values, after: Values) -> str:
    return DONE.get(str(after.get("status")), "Status changed")


def _status_icon(before: Values, after: Values) -> str:
    return ICONS.get(str(after.get("status")), "player-play")


def _status_attempt(before: Values, after: Values) -> str:
    return ATTEMPTS.get(str(after.get("status")), "Change of status")


def _mailboxes(verb_attached: str, verb_detached: str, change: Values) -> str:
    attached, detached = list(change.get("attached") or ()), list(change.get("detached") or ())
    if change.get("do"):
        addresses = list(change.get("addresses") or ())
        attached, detached = (addresses, []) if change["do"] == "attach" else ([], addresses)
    parts = [(verb_attached, attached), (verb_detached, detached)]
    told = [f"{verb} {_some(addresses)}" for verb, addresses in parts if addresses]
    text = ", ".join(told) or "Mailboxes changed"
    return text[:1].upper() + text[1:]


def _some(addresses: list[str]) -> str:
    if len(addresses) <= NAMED_IN_TITLES:
        return " and ".join(addresses)
    return f"{addresses[0]} and {len(addresses) - 1} more mailboxes"


def _mailbox_value(name: str, value: Any) -> str:
    """Addresses only where the title does not name them all."""
    if isinstance(value, list) and len(value) <= NAMED_IN_TITLES:
        return ""
    return plain(value)


def _mailboxes_done(before: Values, after: Values) -> str:
    return _mailboxes("attached", "detached", {**before, **after})


def _mailboxes_attempt(before: Values, after: Values) -> str:
    return _mailboxes("attach", "detach", after)


def _sequence_texts(before: Values, after: Values) -> list[TextChange]:
    old, new = before.get("texts"), after.get("texts")
    if not isinstance(old, dict) or not isinstance(new, dict):
        return []
    return [TextChange(name, _pieces(str(old.get(name, "")), str(new[name]))) for name in new]


def _pieces(old: str, new: str) -> list[tuple[str, str]]:
    return [(piece.kind, piece.text) for piece in word_pieces(old, new)]


def _listed(before: Values, after: Values) -> str:
    return "Listed again" if after.get("listed") else "No longer listed"


def _says(text: str) -> Tell:
    return lambda before, after: text


def _add(action: str, kind: str, icon: str | Tell, *, done: Tell, attempt: Tell | None = None, **more: Any) -> None:
    why = partial(told_in_full, kind=action)
    words: dict[str, Any] = {"names": NAMES, "value": value_in_words, "reason": why, **more}
    change_words.add(action, ChangeWords(kind, icon, done, attempt, **words))


_add(drift.STATUS, "Status", _status_icon, done=_status_done, attempt=_status_attempt)
_add(drift.DETAILS, "Schedule and settings", "settings", done=_says("Schedule or settings changed"))
_add("campaign schedule", "Schedule and settings", "calendar-time", done=_says("Schedule changed"))
_add("campaign settings", "Schedule and settings", "settings", done=_says("Settings changed"))
_add("rename campaign", "Schedule and settings", "edit", done=_says("Renamed"), attempt=_says("Rename"))
_add(drift.CLIENT, "Client", "building", done=_says("Moved to another client"))
_add(
    drift.SEQUENCE,
    "Sequence",
    "edit",
    done=_says("Sequence changed"),
    names={**NAMES, "texts.*": None},
    texts=_sequence_texts,
)
for action, done, attempt in (
    (SAVE, "Sequence saved", "Save of the sequence"),
    (PAUSE, "Paused to save the sequence", "Pause to save the sequence"),
    (RESUME, "Resumed after the sequence was saved", "Resume after saving the sequence"),
):
    names = {**NAMES, "texts.*": None, "save": None, "turned": None, "text": None, "refused": None}
    _add(action, "Sequence", "edit", done=_says(done), attempt=_says(attempt), names=names, texts=_sequence_texts)
_add(
    drift.MAILBOXES,
    "Mailboxes",
    "mail",
    done=_mailboxes_done,
    attempt=_mailboxes_attempt,
    names={
        **dict.fromkeys(("mailbox_ids", "do")),
        "addresses": "Mailboxes",
        "attached": "Attached",
        "detached": "Detached",
        "senders": "Mailboxes in all",
    },
    value=_mailbox_value,
)
_add(drift.LIST, "Made, deleted, archived", "archive", done=_listed)
for action, done, attempt in (
    ("create campaign", "Created", "Create"),
    ("duplicate campaign", "Duplicated", "Duplicate"),
    ("delete campaign", "Deleted", "Delete"),
    ("archive campaign", "Archived here", "Archive"),
    ("unarchive campaign", "Brought back from the archive", "Bring back"),
    ("dress a copied campaign", "Copy named", "Name the copy"),
):
    _add(action, "Made, deleted, archived", "copy", done=_says(done), attempt=_says(attempt))
_add("tag campaign", "Tags", "tag", done=_says("Tags changed"))
subject_pages.add(Campaign._meta.label, "analytics:campaign_overview")
