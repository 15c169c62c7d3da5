"""What was written beside what is read afterwards: providers accept changes that they do not make (smartlead-api 1.11).

Each function returns the differences, none where the provider now says what we wrote.
"""

from collections.abc import Iterable

from providers.drafts import UNCHANGED, ScheduleDraft, SettingsChange, StepDraft, VariantDraft
from providers.records import (
    CampaignStatus,
    Difference,
    RemoteCampaign,
    RemoteClient,
    RemoteMailbox,
    RemoteStep,
    RemoteVariant,
)
from providers.text import storable


def _compare(pairs: Iterable[tuple[str, object, object]]) -> list[Difference]:
    return [Difference(name, written, _kept(read)) for name, written, read in pairs if written != read]


def _kept(read: object) -> object:
    """As it goes into the record of the change: texts of emails are compared as they came, whatever is in them."""
    return storable(read) if type(read) is str else read


def created_campaign(name: str, client_id: int | None, read: RemoteCampaign) -> list[Difference]:
    """Of a campaign that was made: a draft of this name. A client's own key sets the client by itself, so None is
    not compared.
    """
    pairs: list[tuple[str, object, object]] = [("name", name, read.name), ("status", CampaignStatus.DRAFT, read.status)]
    if client_id is not None:
        pairs.append(("client_id", client_id, read.client_id))
    return _compare(pairs)


def status(wanted: CampaignStatus, read: RemoteCampaign) -> list[Difference]:
    return _compare([("status", wanted, read.status)])


def schedule(draft: ScheduleDraft, read: RemoteCampaign) -> list[Difference]:
    found = read.schedule
    pairs: list[tuple[str, object, object]] = [
        ("time_zone", draft.time_zone, found.time_zone if found else None),
        ("days", tuple(sorted(set(draft.days))), found.days if found else None),
        ("start", draft.start, found.start if found else None),
        ("end", draft.end, found.end if found else None),
        ("min_gap_minutes", draft.min_gap_minutes, read.settings.min_gap_minutes),
        ("daily_new_leads", draft.daily_new_leads, read.settings.daily_new_leads),
    ]
    if draft.starts_at is not None:
        pairs.append(("starts_at", draft.starts_at, found.starts_at if found else None))
    return _compare(pairs)


def sunday_was_lost(draft: ScheduleDraft, read: RemoteCampaign) -> bool:
    """Whether Sunday was written and is missing: then this server wants it under its other number (smartlead-api 8)."""
    return 7 in draft.days and read.schedule is not None and set(draft.days) - set(read.schedule.days) == {7}


def settings(change: SettingsChange, read: RemoteCampaign) -> list[Difference]:
    """Of the settings that are told again; some can be written and never read (3.1.2)."""
    now = read.settings
    pairs: list[tuple[str, object, object]] = [
        ("name", change.name, read.name),
        ("stop_rule", change.stop_rule, now.stop_rule),
        ("unsubscribe_text", change.unsubscribe_text, now.unsubscribe_text),
        ("plain_text", change.plain_text, now.plain_text),
        ("follow_up_percentage", change.follow_up_percentage, now.follow_up_percentage),
        ("esp_matching", change.esp_matching, now.esp_matching),
    ]
    if change.tracking is not None:
        pairs += [
            ("track_opens", change.tracking.opens, now.track_opens),
            ("track_clicks", change.tracking.clicks, now.track_clicks),
            ("track_replies", change.tracking.replies, now.track_replies),
        ]
    found = _compare(pair for pair in pairs if pair[1] is not None)
    if change.client_id is not UNCHANGED:
        found += _compare([("client_id", change.client_id, read.client_id)])
    return found


def steps(drafts: Iterable[StepDraft], read: Iterable[RemoteStep]) -> list[Difference]:
    """Step by step and text by text. Line ends are alike in any form; new ids are not compared, kept ones are."""
    wanted, found = sorted(drafts, key=lambda one: one.number), sorted(read, key=lambda one: one.number)
    differences = _compare([("steps", [one.number for one in wanted], [one.number for one in found])])
    by_number = {one.number: one for one in found}
    for draft in wanted:
        if step := by_number.get(draft.number):
            differences += _step(draft, step)
    return differences


def _step(draft: StepDraft, step: RemoteStep) -> list[Difference]:
    name = f"step {draft.number}"
    pairs: list[tuple[str, object, object]] = [(f"{name} delay_days", draft.delay_days, step.delay_days)]
    if draft.id is not None:
        pairs.append((f"{name} id", draft.id, step.id))
    if len(draft.variants) == 1 == len(step.variants):
        return _compare([*pairs, *_texts(name, draft.variants[0], step.variants[0])])
    by_label = {one.label: one for one in step.variants}
    pairs.append((f"{name} variants", sorted(one.label for one in draft.variants), sorted(by_label)))
    for variant in draft.variants:
        if found := by_label.get(variant.label):
            pairs += _texts(f"{name} variant {variant.label}", variant, found)
            # An equal split reads as no share or 0 (3.1.8).
            pairs.append((f"{name} variant {variant.label} share", variant.share or 0, found.share or 0))
    return _compare(pairs)


def _texts(name: str, draft: VariantDraft, found: RemoteVariant) -> list[tuple[str, object, object]]:
    pairs: list[tuple[str, object, object]] = [
        (f"{name} subject", draft.subject, found.subject),
        (f"{name} body", _lines(draft.body), _lines(found.body)),
    ]
    if draft.id is not None:
        pairs.append((f"{name} id", draft.id, found.id))
    return pairs


def line_ends(text: str) -> str:
    """The text with line ends in one form: browsers, mail programs and providers each have their own."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _lines(text: str) -> str:
    return line_ends(text).strip()


def mailboxes(
    read: Iterable[RemoteMailbox], *, attached: Iterable[int] = (), detached: Iterable[int] = ()
) -> list[Difference]:
    """Of the mailboxes of a campaign, after some were attached or detached."""
    now = {one.id for one in read}
    missing, left = sorted(set(attached) - now), sorted(set(detached) & now)
    return [
        *(Difference(f"mailbox {number}", "attached", "not attached") for number in missing),
        *(Difference(f"mailbox {number}", "detached", "still attached") for number in left),
    ]


def client(name: str, email: str, read: RemoteClient) -> list[Difference]:
    return _compare([("name", name, read.name), ("email", email.lower(), read.email.lower())])
