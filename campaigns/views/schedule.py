"""When a campaign sends: the page with its week, its rules and its pace, and saving it."""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.facts import days_in_words
from campaigns.forms.schedule import ScheduleForm, as_data, as_typed, typed_in
from campaigns.frame import changeable_campaign, frame, visible_campaign
from campaigns.models import Campaign
from campaigns.outcomes import Outcome, Words, outcome_of
from campaigns.pacing import zones
from campaigns.pacing.panel import PacePanel, pace_panel, plan_of, supply_of
from campaigns.pacing.week import week_of
from campaigns.services import edits
from campaigns.services.schedule import FIELDS, KIND, current_schedule, default_schedule, save_schedule
from campaigns.standing import capabilities_of, why_unchangeable
from campaigns.views.editing import after_save, named_write, still_on_its_way
from operations.audit import Actor
from operations.models import Write
from operations.web import HtmxRequest, wants_partial
from operations.wording import moment as moment_in_words

LABELS = {
    "time_zone": "Timezone",
    "days": "Days",
    "start": "From",
    "end": "Until",
    "min_gap_minutes": "Minimum gap between emails",
    "daily_new_leads": "Max new leads per day",
    "starts_at": "Send first emails from",
}


def show(name: str, value: Any) -> str:
    """A field of a schedule in words."""
    if value in (None, "", []):
        return "as soon as saved" if name == "starts_at" else ""
    if name == "days":
        return days_in_words([int(day) for day in value])
    if name == "min_gap_minutes":
        return f"{value} minutes"
    if name == "starts_at":
        return moment_in_words(datetime.fromisoformat(value), timezone.now()) + " UTC"
    return str(value)


WORDS = Words("Schedule", LABELS, show)


@require_http_methods(["GET", "HEAD", "POST"])
def schedule(request: HtmxRequest, pk: int) -> HttpResponse:
    """The editor. `?write=` names a save that it is to tell about; htmx asks so until that has ended."""
    now = timezone.now()
    if request.method == "POST":
        return _save(request, changeable_campaign(request, pk), now)
    campaign = visible_campaign(request, pk)
    write = edits.shown_write(campaign, request.user, KIND, named_write(request))
    if wants_partial(request):
        return still_on_its_way(write)
    opened = current_schedule(campaign)
    base = opened if opened["time_zone"] else default_schedule(campaign, _shortest_gap(campaign))
    unsaved = write is not None and write.state != Write.State.DONE
    return _page(request, campaign, now, opened, as_typed(write.payload if write and unsaved else base), write=write)


def _save(request: HtmxRequest, campaign: Campaign, now: datetime) -> HttpResponse:
    opened = edits.unseal(campaign, KIND, request.POST.get("opened", "")) or current_schedule(campaign)
    typed, theirs = typed_in(request.POST), as_typed(opened)
    typed |= {name: theirs[name] for name in FIELDS if request.POST.get(f"take-{name}") == "theirs"}
    form = _form(campaign, typed, opened, now)
    refused = why_unchangeable(campaign)
    moving = edits.shown_write(campaign, request.user, KIND, None)
    if moving is not None:
        refused = "A change of this schedule is still on its way. Save again when it has ended."
    if refused or not form.is_valid():
        return _page(request, campaign, now, opened, typed, form=form, refused=refused)
    values = form.values()
    if values == {name: opened.get(name) for name in FIELDS}:
        messages.info(request, "Nothing to save: the schedule is as it was.")
        return redirect("campaigns:schedule", campaign.pk)
    write = save_schedule(campaign, values, opened, Actor.on_page(request.user), now)
    return after_save(request, campaign, write, "campaigns:schedule", WORDS)


@lru_cache(maxsize=2)
def _zone_options(minute: datetime) -> SafeString:
    """Every zone with its clock, as options; the same for everybody within a minute."""
    choices = ((zone.name, zone.offset, zone.clock) for zone in zones.zone_choices(minute))
    return format_html_join("", '<option value="{}">{}, {} now</option>', choices)


def _shortest_gap(campaign: Campaign) -> int:
    return capabilities_of(campaign).min_gap_minutes


def _form(campaign: Campaign, typed: Mapping[str, Any], opened: Mapping[str, Any], now: datetime) -> ScheduleForm:
    return ScheduleForm(
        as_data(typed),
        opened=opened,
        shortest_gap=_shortest_gap(campaign),
        provider=campaign.connection.get_provider_display(),
        now=now,
    )


def _page(
    request: HtmxRequest,
    campaign: Campaign,
    now: datetime,
    opened: Mapping[str, Any],
    typed: Mapping[str, Any],
    *,
    form: ScheduleForm | None = None,
    refused: str = "",
    write: Write | None = None,
) -> HttpResponse:
    """The page with these typed values over what the provider has (`opened`)."""
    provider = campaign.connection.get_provider_display()
    context = frame(request, campaign, "schedule", now)
    outcome = _outcome(write, campaign, opened, provider, request)
    zone = typed["time_zone"] if zones.is_zone(str(typed["time_zone"])) else settings.QUARTERDECK_REPORTING_TIME_ZONE
    tried = form or _form(campaign, typed, opened, now)
    panel = _panel(request, campaign, tried, opened, now, settings.QUARTERDECK_REPORTING_TIME_ZONE)
    was = as_typed(opened)
    is_set = bool(opened.get("time_zone"))
    may_edit = request.user.may_change and not context["read_only"] and not (outcome and outcome.is_pending)
    errors = {name: " ".join(map(str, found)) for name, found in form.errors.items()} if form else {}
    fields = {
        name: {
            "value": typed[name],
            "was": show(name, opened.get(name))
            if name != "starts_at"
            else was[name].replace("T", " ") or "as soon as saved",
            "raw": ",".join(was[name]) if name == "days" else was[name],
            "changed": is_set and typed[name] != was[name],
            "error": errors.get(name, ""),
        }
        for name in FIELDS
    }
    context |= {
        "provider": provider,
        "fields": fields,
        "errors": errors,
        "first_error": next((name for name in FIELDS if name in errors), ""),
        "changes": sum(1 for one in fields.values() if one["changed"]),
        "is_set": is_set,
        "may_edit": may_edit,
        "refused": refused,
        "outcome": outcome,
        "sealed": edits.seal(campaign, KIND, opened),
        "zone_options": _zone_options(now.replace(second=0, microsecond=0)) if may_edit else "",
        "week": week_of(typed, zone, settings.QUARTERDECK_REPORTING_TIME_ZONE, now, panel.per_day if panel else None),
        "pace": panel,
        "lead_zone": zone,
        "lead_city": zones.city(zone),
        "reader_zone": settings.QUARTERDECK_REPORTING_TIME_ZONE,
        "reader_city": zones.city(settings.QUARTERDECK_REPORTING_TIME_ZONE),
        "zone_hint": panel.zone_hint if panel else "",
        "shortest_gap": _shortest_gap(campaign),
    }
    return render(request, "campaigns/schedule/page.html", context)


def _outcome(
    write: Write | None, campaign: Campaign, told: Mapping[str, Any], provider: str, request: HtmxRequest
) -> Outcome | None:
    return outcome_of(write, WORDS, provider=provider, now_told=told, user=request.user) if write else None


def _panel(
    request: HtmxRequest, campaign: Campaign, form: ScheduleForm, opened: Mapping[str, Any], now: datetime, reader: str
) -> PacePanel | None:
    """The pace of what is typed; None while that is not a whole schedule. A start time that is over does not matter here."""
    form.is_valid()
    values = {name: form.cleaned_data.get(name) for name in FIELDS}
    plan = plan_of(values)
    if plan is None:
        return None
    return pace_panel(
        plan,
        supply_of(campaign, request.user),
        now,
        saved=plan_of(opened),
        status=campaign.status,
        reader_zone=reader,
    )


@require_safe
def pace(request: HtmxRequest, pk: int) -> HttpResponse:
    """The pace of a schedule that is being typed; nothing is saved."""
    now = timezone.now()
    campaign = visible_campaign(request, pk)
    opened = current_schedule(campaign)
    form = _form(campaign, typed_in(request.GET), opened, now)
    reader = request.GET.get("reader_zone", "")
    reader = reader if zones.is_zone(reader) else settings.QUARTERDECK_REPORTING_TIME_ZONE
    panel = _panel(request, campaign, form, opened, now, reader)
    problems = [" ".join(map(str, found)) for found in form.errors.values()]
    zone = form.cleaned_data.get("time_zone") or ""
    context = {
        "pace": panel,
        "problems": problems,
        "oob": True,
        "may_edit": True,
        "campaign": campaign,
        "zone_hint": panel.zone_hint if panel else "",
        "lead_zone": zone,
    }
    return render(request, "campaigns/schedule/_pace.html", context)
