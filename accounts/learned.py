"""What was found out about a connection on the way, in plain words, and forgetting it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Connection
from operations import audit
from operations.keys import LearnedFact
from operations.lanes import Window

# By topic and name, as the rooms remember them: what was found, and what is done about it.
_WORDS: Mapping[str, tuple[str, str]] = {
    "provider.status_by_patch": (
        "The server takes the status of a campaign in the form of the guides.",
        "Campaigns are started by PATCH with ACTIVE.",
    ),
    "provider.settings_by_patch": ("The server takes settings in the form of the guides.", "They are sent by PATCH."),
    "provider.guide_track_settings": (
        "The server wants tracking settings in the words of its answers.",
        "They are written as they are read.",
    ),
    "provider.guide_stop_rule": (
        "The server wants the rule that stops leads in the words of the guides.",
        "It is written in these words.",
    ),
    "provider.guide_schedule": (
        "The server knows the daily number of new leads by the name in the guides.",
        "Schedules are written with that name.",
    ),
    "provider.bare_sequences": (
        "The server takes sequences in the form of the guides.",
        "They are sent as a bare list of steps.",
    ),
    "provider.one_mailbox_per_call": (
        "The server attaches and detaches one mailbox at a time.",
        "A change of several mailboxes takes a call for each.",
    ),
    "provider.overview": (
        "The server has the headline figures at the address in the guides.",
        "They are asked for at that address.",
    ),
    "provider.day_rows_by_date": (
        "Figures of a campaign by date come with a row per day.",
        "A call per campaign tells its days.",
    ),
    "provider.sunday_is_seven": ("The server counts Sunday as day 7.", "Schedules are written that way."),
    "sync.mailboxes_without_campaigns": (
        "The list of mailboxes does not tell which campaigns send from them.",
        "Each campaign is asked for its mailboxes.",
    ),
    "sync.narrow_day_spans": (
        "Day figures come for 30 days at most.",
        "History is asked for in spans of 30 days.",
    ),
    "sync.totals_page": (
        "Totals come for 100 campaigns at once at most.",
        "They are asked for in pages of 100.",
    ),
    "sync.narrow_step_spans": (
        "Figures of steps come for 30 days at most.",
        "The table of steps shows the last 30 days.",
    ),
    "sync.no_step_numbers": (
        "The server does not tell what each step did.",
        "The table of steps has no figures.",
    ),
}
_LANE = {
    "second_user": "The lane ran at half its rate for a while.",
    "wider_margin": "It keeps that distance for up to an hour after each time.",
}


def learned_facts(connection: Connection) -> Sequence[LearnedFact]:
    """Everything that is remembered of the connection, what slows it first."""
    found: list[LearnedFact] = []
    for topic in ("lane", "provider", "sync"):
        for name, value in sorted(connection.learned.get(topic, {}).items()):
            if value:
                found.append(_fact(f"{topic}.{name}", value))
    return found


def _fact(name: str, value: Any) -> LearnedFact:
    topic, _, short = name.partition(".")
    if name == "lane.windows":
        limits = ", ".join(str(Window.from_data(window)) for window in value)
        return LearnedFact(
            name, f"The provider allows {limits}, less than the plan says.", "Calls keep to the lower limit."
        )
    if topic == "lane" and isinstance(value, Mapping):
        at = datetime.fromisoformat(value["at"]) if value.get("at") else None
        return LearnedFact(name, str(value.get("text", "")), _LANE.get(short, ""), at)
    if name == "sync.refused_periods":
        return LearnedFact(
            name, f"The provider refuses totals of {_listed(value)}.", "Figures of these periods are not shown."
        )
    if name == "sync.refused_checks":
        return LearnedFact(
            name, f"This key may not read the reports on {_listed(value)}.", "These are not compared with ours."
        )
    text, effect = _WORDS.get(name, (f"{short.replace('_', ' ').capitalize()}.", ""))
    return LearnedFact(name, text, effect)


def _listed(values: Any) -> str:
    return ", ".join(map(str, values)) if isinstance(values, list) else str(values)


def forget(connection_id: int, name: str, actor: audit.Actor) -> bool:
    """Forget one fact, so that it is found out anew; False if it is not known (any more)."""
    topic, _, short = name.partition(".")
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=connection_id)
        known = connection.learned.get(topic, {})
        if short not in known:
            return False
        rest = {key: value for key, value in known.items() if key != short}
        connection.learned = {**connection.learned, topic: rest}
        connection.save(update_fields=["learned"])
        audit.record(
            actor, "forget", connection, client_id=connection.client_id, before={name: known[short]}, after={name: None}
        )
    return True
