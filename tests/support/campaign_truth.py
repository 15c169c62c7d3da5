"""One campaign field by field: as the sandbox knows it, and as our copy has it, under the same names."""

from collections.abc import Mapping
from typing import Any

from campaigns.models import Campaign, CampaignMailbox
from campaigns.services.schedule import current_schedule
from campaigns.services.sequence_texts import Texts, current_texts, told_texts
from campaigns.services.settings import current_settings
from providers.drafts import Split
from providers.records import RemoteStep, RemoteVariant
from tests.support.truth import STATUS

Fields = dict[str, Any]

STOP_RULES = {
    "REPLY_TO_AN_EMAIL": "reply",
    "CLICK_ON_A_LINK": "click",
    "CLICKED_LINK": "click",
    "OPEN_AN_EMAIL": "open",
    "OPENED_EMAIL": "open",
    "NEVER": "never",
}
NOT_TOLD = ("settings", "test_emails", "team_member_id", "lead_mailboxes")
"""What no call of the provider tells again; `fields_there` has it, so that a change beside the wanted one shows."""


def fields_there(truth: Mapping[str, Any]) -> Fields:
    """A campaign of the sandbox's truth, in our words."""
    schedule = truth["schedule"] or {}
    days = sorted({day or 7 for day in schedule.get("days", ())})
    found: Fields = {
        "name": truth["name"],
        "status": STATUS.get(truth["status"], truth["status"].lower()),
        "client_id": truth["client_id"],
        "parent": truth["parent_campaign_id"],
        "time_zone": schedule.get("timezone"),
        "days": days or None,
        "start": schedule.get("start_hour"),
        "end": schedule.get("end_hour"),
        "starts_at": schedule.get("starts_at"),
        "min_gap_minutes": truth["gap_minutes"],
        "daily_new_leads": truth["max_new_leads_per_day"],
        "track_opens": truth["tracks_opens"],
        "track_clicks": truth["tracks_clicks"],
        "track_replies": truth["tracks_replies"],
        "stop_rule": STOP_RULES[truth["stop_lead_settings"]],
        "unsubscribe_text": truth["unsubscribe_text"] or "",
        "plain_text": truth["send_as_plain_text"],
        "follow_up_percentage": truth["follow_up_percentage"],
        "esp_matching": truth["enable_ai_esp_matching"],
        "mailboxes": sorted(truth["mailbox_ids"]),
    }
    return found | _texts(told_texts(steps_there(truth))) | {name: truth[name] for name in NOT_TOLD}


def fields_here(campaign: Campaign) -> Fields:
    """Our copy of a campaign. Of what the provider does not tell there is nothing."""
    campaign = Campaign.objects.get(pk=campaign.pk)
    links = CampaignMailbox.objects.filter(campaign=campaign).values_list("mailbox__remote_id", flat=True)
    found: Fields = {"name": campaign.name, "status": campaign.status, "parent": campaign.parent_remote_id}
    if campaign.links_synced_at is not None:
        found["mailboxes"] = sorted(links)
    return found | current_schedule(campaign) | current_settings(campaign) | _texts(current_texts(campaign))


def differing(here: Fields, there: Fields) -> list[str]:
    """What our copy says otherwise than the provider, of what the provider tells."""
    return [
        f"{name}: we say {here.get(name)!r}, the provider {there.get(name)!r}"
        for name in compared(here, there)
        if here.get(name) != there.get(name)
    ]


def compared(here: Fields, there: Fields) -> list[str]:
    """Names of the fields that `differing` looks at: mailboxes only where they were ever read."""
    left_out = {*NOT_TOLD, *({"mailboxes"} - here.keys())}
    return [name for name in dict.fromkeys([*here, *there]) if name not in left_out]


def steps_there(truth: Mapping[str, Any]) -> tuple[RemoteStep, ...]:
    """The steps of a campaign of the sandbox's truth, as its API would tell them."""
    return tuple(
        RemoteStep(
            step["id"],
            step["number"],
            step["delay_days"],
            tuple(
                RemoteVariant(one["id"], one["label"], one["subject"], one["body"], one["percentage"])
                for one in step["variants"]
                if not one["deleted"]
            )
            or (RemoteVariant(None, "A", step["subject"], step["body"]),),
        )
        for step in truth["steps"]
    )


def _texts(texts: Texts) -> Fields:
    """Every field of every step and text. An equal split is told as no shares or as 0."""
    found: Fields = {"steps": len(texts)}
    for step in texts:
        name = f"step {step.number}"
        found |= {f"{name} id": step.id, f"{name} delay_days": step.delay_days}
        by_share = step.effective_split is Split.PERCENTAGE
        for one in step.variants:
            own = f"{name} {one.label}"
            found |= {
                f"{own} id": one.id,
                f"{own} subject": one.subject,
                f"{own} body": one.body,
                f"{own} share": one.share if by_share else None,
            }
    return found
