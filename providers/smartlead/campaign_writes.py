"""Changes of campaigns (smartlead-api 3.1.3-3.1.7, 3.1.10, 3.1.13-3.1.16).

Each has a serializer of its own, because a key that is not known is refused (1.10).
"""

import re
from typing import Any

from providers.calls import Call, write
from providers.drafts import UNCHANGED, OutOfOffice, ScheduleDraft, SettingsChange, TestEmail, Tracking
from providers.errors import RequestRefused
from providers.records import CampaignStatus, Created, StopRule
from providers.smartlead import vocabulary
from providers.smartlead.dialect import LIVE, Dialect, Learn, forget, in_forms, is_no_route, is_other_form
from providers.smartlead.parsing import acknowledged, id_in

MIN_GAP_MINUTES = 3
_HOUR = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")


def create_campaign(name: str, *, client_id: int | None = None) -> Call[Created]:
    """Makes an empty draft (3.1.3). Not repeatable: after UnknownOutcome look for the name in the list first."""
    body: dict[str, Any] = {"name": name}
    if client_id is not None:
        body["client_id"] = client_id
    return write(
        "POST",
        "/campaigns/create",
        lambda answer: Created(id_in(answer, "id", "campaign_id", "campaign.id", "data.campaign_id")),
        body=body,
        repeatable=False,
    )


def duplicate_campaign(campaign_id: int, *, sub_sequences: bool = False, client_label: bool = False) -> Call[Created]:
    """Makes a draft `<name> - copy` with settings, steps, schedule and mailboxes, without leads and numbers (3.1.4)."""
    return write(
        "POST",
        f"/campaigns/{campaign_id:d}/duplicate",
        lambda answer: Created(id_in(answer, "newCampaignId", "data.newCampaignId", "campaign.id")),
        body={"duplicate_sub_sequence": sub_sequences, "duplicate_client_label": client_label},
        repeatable=False,
    )


_STATUS_WORDS = {
    CampaignStatus.ACTIVE: ("START", "ACTIVE"),
    CampaignStatus.PAUSED: ("PAUSED", "PAUSED"),
    CampaignStatus.STOPPED: ("STOPPED", "STOPPED"),
}


def set_status(
    campaign_id: int, status: CampaignStatus, *, dialect: Dialect = LIVE, learn: Learn = forget
) -> Call[None]:
    """Starts, pauses or, for good, stops a campaign (3.1.5). Starting needs a schedule, a step, a mailbox and leads.

    Other statuses can't be set (ValueError): archiving has no word that live servers are known to take (7.1).
    """
    if status not in _STATUS_WORDS:
        raise ValueError(f"A campaign can't be set to {status}.")

    def build(spoken: Dialect) -> Call[None]:
        method, word = ("PATCH", 1) if spoken.status_by_patch else ("POST", 0)
        body = {"status": _STATUS_WORDS[status][word]}
        return write(method, f"/campaigns/{campaign_id:d}/status", acknowledged, body=body, repeatable=True)

    return in_forms(build, dialect, learn, status_by_patch=is_other_form)


def save_schedule(
    campaign_id: int, draft: ScheduleDraft, *, dialect: Dialect = LIVE, learn: Learn = forget
) -> Call[None]:
    """Sets when a campaign sends (3.1.6). Read it back: a Sunday may be lost (8)."""
    if not (_HOUR.match(draft.start) and _HOUR.match(draft.end) and draft.start < draft.end):
        raise ValueError("Hours are HH:MM, and the first is before the last.")
    if not draft.days or not set(draft.days) <= set(range(1, 8)):
        raise ValueError("Days are ISO weekdays, 1 to 7, and at least one.")
    if draft.min_gap_minutes < MIN_GAP_MINUTES:
        raise ValueError(f"The gap between emails is at least {MIN_GAP_MINUTES} minutes.")

    def build(spoken: Dialect) -> Call[None]:
        body: dict[str, Any] = {
            "timezone": draft.time_zone,
            "days_of_the_week": vocabulary.written_weekdays(draft.days, 7 if spoken.sunday_is_seven else 0),
            "start_hour": draft.start,
            "end_hour": draft.end,
            "min_time_btw_emails": draft.min_gap_minutes,
            "max_leads_per_day" if spoken.guide_schedule else "max_new_leads_per_day": draft.daily_new_leads,
        }
        if draft.starts_at is not None:
            body["schedule_start_time"] = draft.starts_at.isoformat()
        return write("POST", f"/campaigns/{campaign_id:d}/schedule", acknowledged, body=body, repeatable=True)

    return in_forms(build, dialect, learn, guide_schedule=is_other_form)


def save_settings(
    campaign_id: int, change: SettingsChange, *, dialect: Dialect = LIVE, learn: Learn = forget
) -> Call[None]:
    """Changes the settings that are given and no others (3.1.7). Read them back: some are accepted and not taken
    (1.11).
    """
    if change.follow_up_percentage is not None and not 0 <= change.follow_up_percentage <= 100:
        raise ValueError("The share of follow-ups is 0 to 100 percent.")
    if change == SettingsChange():
        raise ValueError("No setting to change.")

    def build(spoken: Dialect) -> Call[None]:
        method = "PATCH" if spoken.settings_by_patch else "POST"
        body = settings_body(change, spoken)
        return write(method, f"/campaigns/{campaign_id:d}/settings", acknowledged, body=body, repeatable=True)

    return in_forms(
        build,
        dialect,
        learn,
        settings_by_patch=is_no_route,
        guide_track_settings=lambda refusal: _is_of("track_settings", refusal),
        guide_stop_rule=lambda refusal: _is_of("stop_lead_settings", refusal),
    )


def _is_of(key: str, refusal: RequestRefused) -> bool:
    return is_other_form(refusal) and key in f"{refusal.message} {refusal.field}"


def settings_body(change: SettingsChange, spoken: Dialect) -> dict[str, Any]:
    body = {
        "name": change.name,
        "track_settings": None if change.tracking is None else _tracking(change.tracking, spoken),
        "stop_lead_settings": None if change.stop_rule is None else _stop_rule(change.stop_rule, spoken),
        "unsubscribe_text": change.unsubscribe_text,
        "send_as_plain_text": change.plain_text,
        "force_plain_text": change.force_plain_text,
        "follow_up_percentage": change.follow_up_percentage,
        "enable_ai_esp_matching": change.esp_matching,
        "auto_pause_domain_leads_on_reply": change.pause_domain_on_reply,
        "ignore_ss_mailbox_sending_limit": change.ignore_mailbox_limits,
        "bounce_autopause_threshold": change.bounce_pause_threshold,
        "domain_level_rate_limit": change.domain_rate_limit,
        "out_of_office_detection_settings": None if change.out_of_office is None else _away(change.out_of_office),
        "add_unsubscribe_tag": change.unsubscribe_header,
        "ai_categorisation_options": None if change.ai_categories is None else list(change.ai_categories),
    }
    given: dict[str, Any] = {name: value for name, value in body.items() if value is not None}
    if change.client_id is not UNCHANGED:
        given["client_id"] = change.client_id
    return given


def _tracking(tracking: Tracking, spoken: Dialect) -> list[str]:
    """What is off, in the words of writes, or for the guides in those of reads (1.10)."""
    word = 1 if spoken.guide_track_settings else 0
    switches = (
        (tracking.opens, vocabulary.OPENS_OFF),
        (tracking.clicks, vocabulary.CLICKS_OFF),
        (tracking.replies, vocabulary.REPLIES_OFF),
    )
    return [words[word] for on, words in switches if not on]


def _stop_rule(rule: StopRule, spoken: Dialect) -> str:
    if rule not in vocabulary.STOP_RULES_WRITTEN:
        raise ValueError(f"The rule {rule!r} can't be written.")
    return vocabulary.STOP_RULES_WRITTEN[rule][1 if spoken.guide_stop_rule else 0]


def _away(away: OutOfOffice) -> dict[str, Any]:
    body = {
        "ignoreOOOasReply": None if away.counts_as_reply is None else not away.counts_as_reply,
        "autoReactivateOOO": away.reactivate,
        "reactivateOOOwithDelay": away.reactivate_after_days,
        "autoCategorizeOOO": away.categorise,
    }
    return {name: value for name, value in body.items() if value is not None}


def delete_campaign(campaign_id: int) -> Call[None]:
    """Deletes a campaign with its steps, memberships and numbers, for good; active ones are refused (3.1.10)."""
    return write("DELETE", f"/campaigns/{campaign_id:d}", acknowledged, repeatable=True)


def create_sub_sequence(parent_id: int, name: str, condition_events: list[dict[str, Any]]) -> Call[Created]:
    """Makes a sub-sequence; the form of its conditions is not documented (3.1.13)."""
    return write(
        "POST",
        "/campaigns/create-subsequence",
        lambda answer: Created(id_in(answer, "subsequence_id", "data.subsequence_id")),
        body={"parent_campaign_id": parent_id, "subsequence_name": name, "condition_events": condition_events},
        repeatable=False,
    )


def send_test_email(campaign_id: int, test: TestEmail) -> Call[None]:
    """Sends a real email (3.1.14). The keys of this body are in camel case."""
    body: dict[str, Any] = {"leadId": test.lead_id, "sequenceNumber": test.step_number}
    if test.mailbox_id is not None:
        body["selectedEmailAccountId"] = test.mailbox_id
    if test.address:
        body["customEmailAddress"] = test.address
    return write("POST", f"/campaigns/{campaign_id:d}/send-test-email", acknowledged, body=body, repeatable=False)


def set_team_member(campaign_id: int, member_id: int | None) -> Call[None]:
    """Gives a campaign to a member of the team, or to nobody (3.1.15)."""
    body = {"teamMemberId": member_id}
    return write("POST", f"/campaigns/{campaign_id:d}/team-member", acknowledged, body=body, repeatable=True)


def set_sender_of_lead(campaign_id: int, lead_id: int, mailbox_id: int, *, override: bool | None = None) -> Call[None]:
    """Lets one mailbox send to one person of a campaign (3.1.16)."""
    body: dict[str, Any] = {"email_account_id": mailbox_id, "email_campaign_id": campaign_id, "email_lead_id": lead_id}
    if override is not None:
        body["override_lead_email_account"] = override
    return write(
        "POST", "/campaigns/update-lead-email-account", acknowledged, body=body, repeatable=True, category="leads"
    )
