"""The settings of a campaign: tracking, rules, texts, what the provider never tells again, and whose it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.forms.settings import AGENCY, LABELS, SettingsForm, as_typed, items, show, typed_in
from campaigns.frame import changeable_campaign, frame, visible_campaign
from campaigns.models import Campaign
from campaigns.outcomes import Words, outcome_of
from campaigns.services import edits
from campaigns.services.settings import CLIENT, KIND, UNTOLD, current_settings, possible_owners, save_settings
from campaigns.standing import capabilities_of, why_unchangeable
from campaigns.views.editing import after_save, named_write, still_on_its_way
from operations.audit import Actor
from operations.models import Write
from operations.web import HtmxRequest, wants_partial

HINTS = {
    "track_opens": "Unreliable, inflated by mail scanners.",
    "track_clicks": "Unreliable, inflated by mail scanners. Rewrites every link.",
    "stop_rule": "What ends the sequence for one lead.",
    "plain_text": "Without HTML, pictures and tracking of opens.",
    "unsubscribe_text": "Put under each email as a link. Empty: none.",
    "follow_up_percentage": "Of each day’s emails; the rest is for new leads. The Schedule page shows what that means.",
    "esp_matching": "Sends Gmail to Gmail and Outlook to Outlook where mailboxes of both are attached.",
    "bounce_pause_threshold": "The campaign is paused when this share of its emails bounces.",
    "reactivate_after_days": "After the out-of-office answer.",
    "pause_domain_on_reply": "Leads at the same domain get no more emails then.",
}
UNITS = {
    "follow_up_percentage": "% of emails",
    "bounce_pause_threshold": "% of emails",
    "reactivate_after_days": "days",
}
TRACKED = ("track_opens", "track_clicks")
EMAILS = ("plain_text", "unsubscribe_text")
RULES = ("stop_rule", "follow_up_percentage", "esp_matching")


@dataclass(frozen=True)
class Owner:
    """Somebody that the campaign may be given to, and who would see it then."""

    value: str
    label: str
    chosen: bool


@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HtmxRequest, pk: int) -> HttpResponse:
    """The page. `?write=` names a save that it is to tell about; htmx asks so until that has ended."""
    now = timezone.now()
    if request.method == "POST":
        return _save(request, changeable_campaign(request, pk), now)
    campaign = visible_campaign(request, pk)
    write = edits.shown_write(campaign, request.user, KIND, named_write(request))
    if wants_partial(request):
        return still_on_its_way(write)
    opened = current_settings(campaign)
    typed = as_typed(opened)
    if write is not None and write.state != Write.State.DONE:
        kept = as_typed({name: value for name, value in write.payload.items() if name in LABELS})
        typed |= {name: kept[name] for name in write.payload if name in LABELS}
    return _page(request, campaign, now, opened, typed, write=write)


def _save(request: HtmxRequest, campaign: Campaign, now: datetime) -> HttpResponse:
    opened = edits.unseal(campaign, KIND, request.POST.get("opened", "")) or current_settings(campaign)
    typed, theirs = typed_in(request.POST, opened), as_typed(opened)
    typed |= {name: theirs[name] for name in LABELS if request.POST.get(f"take-{name}") == "theirs"}
    owners = _owners(request, campaign)
    form = _form(campaign, typed, opened, owners)
    refused = why_unchangeable(campaign)
    if edits.shown_write(campaign, request.user, KIND, None) is not None:
        refused = "A change of these settings is still on its way. Save again when it has ended."
    if refused or not form.is_valid:
        return _page(request, campaign, now, opened, typed, owners=owners, tried=True, refused=refused)
    changes = form.changes()
    if not changes:
        messages.info(request, "Nothing to save: the settings are as they were.")
        return redirect("campaigns:settings", campaign.pk)
    write = save_settings(campaign, changes, opened, Actor.on_page(request.user), now)
    return after_save(request, campaign, write, "campaigns:settings", _words(owners))


Owners = list[tuple[int | None, str, Any]]


def _owners(request: HtmxRequest, campaign: Campaign) -> Owners:
    if not capabilities_of(campaign).clients or not request.user.may_change:
        return []
    return possible_owners(campaign, request.user)


def _words(owners: Owners) -> Words:
    """The words of this page, with clients by their names."""
    names = {number: name for number, name, _ in owners}

    def told(name: str, value: Any) -> str:
        if name == CLIENT:
            return "the agency itself" if value is None else names.get(value) or "another client"
        return show(name, value)

    return Words("Settings", LABELS, told, UNTOLD)


def _form(campaign: Campaign, typed: Mapping[str, str], opened: Mapping[str, Any], owners: Owners) -> SettingsForm:
    provider = campaign.connection.get_provider_display()
    return SettingsForm(typed, opened=opened, owners=[number for number, _, _ in owners], provider=provider)


def _page(
    request: HtmxRequest,
    campaign: Campaign,
    now: datetime,
    opened: Mapping[str, Any],
    typed: Mapping[str, str],
    *,
    owners: Owners | None = None,
    tried: bool = False,
    refused: str = "",
    write: Write | None = None,
) -> HttpResponse:
    provider = campaign.connection.get_provider_display()
    owners = _owners(request, campaign) if owners is None else owners
    form = _form(campaign, typed, opened, owners)
    words = _words(owners)
    context = frame(request, campaign, "settings", now)
    outcome = outcome_of(write, words, provider=provider, now_told=opened, user=request.user) if write else None
    was = as_typed(opened)
    changes = sum(1 for name in LABELS if typed[name] != was[name])
    errors = form.errors if tried else {}
    context |= {
        "provider": provider,
        "groups": [
            ("Tracking", "", items(TRACKED, form, HINTS, UNITS, tried=tried)),
            ("Emails", "", items(EMAILS, form, HINTS, UNITS, tried=tried)),
            ("Rules", "", items(RULES, form, HINTS, UNITS, tried=tried)),
        ],
        "untold": items(UNTOLD, form, HINTS, UNITS, tried=tried),
        "owners": [
            Owner(
                AGENCY if number is None else str(number),
                _owner_label(number, name, client),
                _is(number, typed[CLIENT]),
            )
            for number, name, client in owners
        ],
        "client_changed": typed[CLIENT] != was[CLIENT],
        "client_was": words.show(CLIENT, opened.get(CLIENT)),
        "client_raw": was[CLIENT],
        "client_error": errors.get(CLIENT, ""),
        "own_key": campaign.connection.client_id is not None,
        "errors": errors,
        "first_error": next((name for name in LABELS if name in errors), ""),
        "changes": changes,
        "may_edit": request.user.may_change and not context["read_only"] and not (outcome and outcome.is_pending),
        "refused": refused,
        "outcome": outcome,
        "sealed": edits.seal(campaign, KIND, opened),
    }
    return render(request, "campaigns/settings/page.html", context)


def _is(number: int | None, typed: str) -> bool:
    return typed == (AGENCY if number is None else str(number))


def _owner_label(number: int | None, name: str, client: Any) -> str:
    """Whose it would be there, and who would see it here."""
    if number is None:
        return "The agency itself: only admins see it"
    if client is None:
        return f"{name}: mapped to no client here, so only admins see it"
    return str(client) if client.name == name else f"{client} ({name})"
