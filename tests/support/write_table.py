"""Every kind of change of a campaign, one after the other, and a table of what the provider holds afterwards.

All of the provider's campaigns are compared field by field with how they were: what was wanted is so, everything else is as it
was, our copy says the same, and nothing of it is told as somebody else's change.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from accounts.models import Mailbox, RemoteClient
from campaigns.models import Campaign
from campaigns.services import lifecycle
from campaigns.services import sequence_chain as chain
from campaigns.services.mailboxes import ATTACH, DETACH, change_mailboxes
from campaigns.services.mailboxes import KIND as MAILBOXES
from campaigns.services.schedule import KIND as SCHEDULE
from campaigns.services.schedule import current_schedule, save_schedule
from campaigns.services.sequence_saving import save_sequence
from campaigns.services.sequence_texts import Texts, current_texts
from campaigns.services.settings import KIND as SETTINGS
from campaigns.services.settings import current_settings, save_settings
from campaigns.services.status import change_status
from campaigns.standing import DELETE, RENAME, STATUS
from campaigns.write_kinds.test_email import KIND as TEST_EMAIL
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.writes import planning
from operations.writes.asking import ask_for_write
from providers.drafts import Split, StepDraft, VariantDraft
from tests.support.campaign_truth import Fields, compared, differing, fields_here, fields_there

Truth = Mapping[int, Mapping[str, Any]]
"""Campaigns of the sandbox's truth, by id."""

GIVEN = object()
"""In place of a wanted value: an id, which the provider chooses."""
BODY = "<!--[if mso]><o:p>&nbsp;</o:p><![endif]-->\r\n<p dir='rtl'>שלום {{first_name}}</p>&amp;&#8217;"
LEADS_PER_CAMPAIGN = 1_000_000
"""In the numbers that the sandbox gives to leads."""
NEW_NAME = "Häfen · “Q1” <b>"
NEW_SCHEDULE: Fields = {
    "time_zone": "Asia/Kolkata", "days": [1, 3, 7], "start": "08:45", "end": "16:15", "min_gap_minutes": 7,
    "daily_new_leads": 33, "starts_at": "2026-12-01T03:15:00+00:00",
}  # fmt: skip
NEW_SETTINGS: Fields = {
    "track_opens": False, "track_clicks": False, "track_replies": True, "stop_rule": "click", "plain_text": True,
    "unsubscribe_text": "Not for me", "follow_up_percentage": 55, "esp_matching": True,
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One change of a campaign. `ask` asks for it and returns the fields that are to be otherwise; `made` says what a new
    campaign must be like, from what the first one is like; `ends`: it is gone afterwards.
    """

    name: str
    kinds: tuple[str, ...]
    ask: Callable[[Campaign, Fields, datetime], Fields]
    made: Callable[[Fields], Fields] | None = None
    ends: bool = False


@dataclass
class Row:
    """What came of one change."""

    change: Change
    compared: int = 0
    changed: int = 0
    wrong: list[str] = field(default_factory=list)

    def cells(self) -> dict[str, object]:
        return {
            "change": self.change.name,
            "kinds": ", ".join(self.change.kinds),
            "fields compared": self.compared,
            "changed": self.changed,
            "otherwise than wanted": len(self.wrong),
        }


def rows(
    campaign: Campaign, truth: Callable[[], Truth], work: Callable[[], None], clock: Callable[[], datetime]
) -> Iterator[Row]:
    """Do every change to a running campaign in turn; `work` has what was asked for carried out, with what follows from it."""
    for change in CHANGES:
        campaign.refresh_from_db()
        row, before = Row(change), truth()
        last = Write.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        theirs = AuditEntry.objects.filter(origin=AuditEntry.Origin.PROVIDER)
        told = theirs.count()
        wanted = change.ask(campaign, fields_there(before[campaign.remote_id]), clock())
        work()
        _judge(row, campaign, wanted, before, truth())
        row.wrong += [f"{one.kind}: {one.message}" for one in Write.objects.filter(pk__gt=last) if one.state != "done"]
        if theirs.count() > told:
            row.wrong.append("it is told as somebody else's change")
        yield row


def _judge(row: Row, campaign: Campaign, wanted: Fields, before: Truth, after: Truth) -> None:
    new, gone = after.keys() - before.keys(), before.keys() - after.keys()
    if len(new) != bool(row.change.made) or gone != ({campaign.remote_id} if row.change.ends else set()):
        row.wrong.append(f"campaigns made {sorted(new)}, gone {sorted(gone)}")
    for number in before.keys() & after.keys():
        old = fields_there(before[number])
        _compare(row, old | (wanted if number == campaign.remote_id else {}), old, fields_there(after[number]))
    for number in new:
        made = fields_there(after[number])
        like = row.change.made(fields_there(before[campaign.remote_id])) if row.change.made else {}
        _compare(row, dict.fromkeys(made, GIVEN) | like, {}, made)
    campaign.refresh_from_db()
    for one in Campaign.objects.filter(connection=campaign.connection_id, remote_id__in={campaign.remote_id, *new}):
        if one.remote_id in after:
            here, there = fields_here(one), fields_there(after[one.remote_id])
            row.compared += len(compared(here, there))
            row.wrong += differing(here, there)
        elif one.gone_at is None:
            row.wrong.append("our copy says that it is there")


def _compare(row: Row, wanted: Fields, old: Fields, new: Fields) -> None:
    row.compared += len(wanted.keys() | new.keys())
    row.changed += sum(old.get(name) != new.get(name) for name in old.keys() | new.keys())
    row.wrong += [
        f"{name}: wanted {wanted.get(name)!r}, the provider has {new.get(name)!r}"
        for name in dict.fromkeys([*wanted, *new])
        if wanted.get(name) is not GIVEN and wanted.get(name) != new.get(name)
    ]


def _status(status: str) -> Callable[[Campaign, Fields, datetime], Fields]:
    def ask(campaign: Campaign, old: Fields, now: datetime) -> Fields:
        change_status(campaign, status, Actor(), now)
        return {"status": status}

    return ask


def _sequence(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    """Another text and delay, a new variant by shares, and a new step."""
    base = current_texts(campaign)
    first, *others = base
    number, count = first.number, len(base) + 1
    known, label = first.variants[0], f"N{len(first.variants)}"
    variants = (
        replace(known, subject=f"{known.subject}!", body=BODY, share=70),
        VariantDraft("Other", BODY * 2, label, share=30),
    )
    texts: Texts = (
        replace(first, split=Split.PERCENTAGE, variants=variants),
        *(replace(step, delay_days=step.delay_days + 1) for step in others),
        StepDraft(count, 3, (VariantDraft("", BODY),)),
    )
    save_sequence(campaign, texts, base, Actor(), now)
    wanted: Fields = {name: None for name in old if name.startswith(f"step {number} ")}
    wanted |= {"steps": count, f"step {number} id": first.id, f"step {number} delay_days": first.delay_days}
    for one in variants:
        own = f"step {number} {one.label}"
        wanted |= {f"{own} id": one.id or GIVEN, f"{own} subject": one.subject, f"{own} body": one.body}
        wanted |= {f"{own} share": one.share}
    wanted |= {f"step {step.number} delay_days": step.delay_days + 1 for step in others}
    wanted |= {f"step {count} id": GIVEN, f"step {count} delay_days": 3, f"step {count} A subject": ""}
    return wanted | {f"step {count} A body": BODY}


def _rename(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    lifecycle.rename_campaign(campaign, NEW_NAME, Actor(), now)
    return {"name": NEW_NAME}


def _schedule(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    save_schedule(campaign, NEW_SCHEDULE, current_schedule(campaign), Actor(), now)
    return NEW_SCHEDULE


def _settings(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    save_settings(campaign, NEW_SETTINGS, current_settings(campaign), Actor(), now)
    return NEW_SETTINGS


def _untold(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    changes = {"bounce_pause_threshold": "4", "counts_as_reply": False}
    save_settings(campaign, changes, current_settings(campaign), Actor(), now)
    away = {"ignoreOOOasReply": True}
    return {"settings": {"bounce_autopause_threshold": "4", "out_of_office_detection_settings": away}}


def _give(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    others = RemoteClient.objects.filter(connection=campaign.connection_id).exclude(remote_id=old["client_id"])
    client_id = others.order_by("remote_id")[0].remote_id
    save_settings(campaign, {"client_id": client_id}, current_settings(campaign), Actor(), now)
    return {"client_id": client_id}


def _attach(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    free = Mailbox.objects.filter(connection=campaign.connection_id, gone_at=None)
    boxes = list(free.exclude(remote_id__in=old["mailboxes"]).order_by("remote_id")[:2])
    change_mailboxes(campaign, ATTACH, boxes, Actor(), now)
    return {"mailboxes": sorted([*old["mailboxes"], *(box.remote_id for box in boxes)])}


def _detach(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    box = Mailbox.objects.get(connection=campaign.connection_id, remote_id=old["mailboxes"][0])
    change_mailboxes(campaign, DETACH, [box], Actor(), now)
    return {"mailboxes": old["mailboxes"][1:]}


def _test_email(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    ask_for_write(
        TEST_EMAIL,
        campaign,
        connection_id=campaign.connection_id,
        client_id=campaign.client_id,
        payload={
            "remote_id": campaign.remote_id,
            "lead_id": campaign.remote_id * LEADS_PER_CAMPAIGN + 1,
            "step_number": 1,
            "mailbox_id": None,
            "address": "me@agency.example",
        },
        before={},
        actor=Actor(),
        now=now,
    )
    planning.announce(campaign.connection_id)
    return {"test_emails": old["test_emails"] + 1}


def _create(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    lifecycle.create_campaign(
        campaign.connection,
        campaign.client,
        remote_client_id=campaign.remote_client_id,
        name="Brand new",
        actor=Actor(),
        now=now,
    )
    return {}


def _empty(old: Fields) -> Fields:
    return {"name": "Brand new", "status": "draft", "client_id": old["client_id"], "steps": 0, "mailboxes": []}


def _duplicate(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    lifecycle.duplicate_campaign(campaign, "A copy", sub_sequences=False, actor=Actor(), now=now)
    return {}


def _copy(old: Fields) -> Fields:
    """All but ids, and what providers do not copy: what was never told, and what was sent."""
    never = {"settings", "test_emails", "team_member_id", "lead_mailboxes"}
    same = {name: value for name, value in old.items() if not name.endswith(" id") and name not in never}
    return same | {"name": "A copy", "status": "draft"}


def _delete(campaign: Campaign, old: Fields, now: datetime) -> Fields:
    lifecycle.delete_campaign(campaign, Actor(), now)
    return {}


CHANGES = (
    Change("pause", (STATUS,), _status("paused")),
    Change("save the sequence, paused", (chain.SAVE,), _sequence),
    Change("start", (STATUS,), _status("active")),
    Change("save the sequence, running", (chain.PAUSE, chain.SAVE, chain.RESUME), _sequence),
    Change("rename", (RENAME,), _rename),
    Change("schedule", (SCHEDULE,), _schedule),
    Change("settings", (SETTINGS,), _settings),
    Change("settings that are never told", (SETTINGS,), _untold),
    Change("attach mailboxes", (MAILBOXES,), _attach),
    Change("detach a mailbox", (MAILBOXES,), _detach),
    Change("send a test email", (TEST_EMAIL,), _test_email),
    Change("create", (lifecycle.CREATE, lifecycle.READ_NEW), _create, made=_empty),
    Change("duplicate", (lifecycle.DUPLICATE, lifecycle.DRESS_COPY, lifecycle.READ_NEW), _duplicate, made=_copy),
    Change("give to another client", (SETTINGS,), _give),
    Change("stop", (STATUS,), _status("stopped")),
    Change("delete", (DELETE,), _delete, ends=True),
)
