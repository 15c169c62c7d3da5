"""The state of a campaign in a row of the list: its status, why it does not send or what failed, and the button that changes it.

Written out here, because dozens of them are on a page and a template costs a multiple.
"""

from datetime import datetime
from functools import cache

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from campaigns.labels import moving_label, status_label
from campaigns.models import Campaign
from campaigns.not_sending import facts_of_row, why_not_sending
from campaigns.standing import Standing
from operations.templatetags.qd import icon

FORM = "row-changes"  # the form that the buttons of all rows belong to
VERBS = {"pause": ("Pause", "player-pause"), "start": ("Start", "player-play")}


def state_cell(campaign: Campaign, standing: Standing, *, offers: str, now: datetime) -> SafeString:
    """The whole `<td>`. `offers` is what may be done now ("pause", "start", or something that a row does not offer)."""
    label = moving_label(standing.moving_word) if standing.moving else status_label(campaign)
    if standing.failure:
        failure = standing.failure
        below = format_html('<span class="sub bad">{}: {} {}</span>', failure.word, failure.reason, failure.still)
    else:
        below = _why(campaign, now) if not standing.moving else SafeString("")
    return format_html(
        '<td id="state-{}"{}><span class="qd-state"><span>{}{}</span>{}</span></td>',
        campaign.pk,
        _poll(campaign, standing),
        label,
        below,
        _button(campaign, offers) if not standing.moving else "",
    )


def _why(campaign: Campaign, now: datetime) -> SafeString:
    if campaign.status != Campaign.Status.ACTIVE or campaign.gone_at:
        return SafeString("")
    reason = next(iter(why_not_sending(facts_of_row(campaign), now)), None)
    if reason is None:
        return SafeString("")
    return format_html(
        '<span class="sub{}" title="{}">{}</span>', "" if reason.planned else " warn", reason.text, reason.short
    )


def _poll(campaign: Campaign, standing: Standing) -> SafeString:
    if standing.moving is None:
        return SafeString("")
    url = reverse("campaigns:standing", args=[campaign.pk])
    return format_html(
        ' data-poll="2" hx-get="{}?part=row&amp;waiting={}" hx-trigger="poll" hx-swap="outerHTML"',
        url,
        standing.moving.pk,
    )


def _button(campaign: Campaign, offers: str) -> SafeString:
    if offers not in VERBS:
        return SafeString("")
    verb, picture = VERBS[offers]
    url = _address(offers).format(campaign.pk)
    return format_html(
        '<button class="btn btn-q btn-i btn-s" type="submit" id="act-{}" form="{}" formaction="{}" hx-post="{}" '
        'hx-target="#state-{}" hx-swap="outerHTML" hx-sync="this:drop" aria-label="{} {}" title="{}">{}</button>',
        campaign.pk, FORM, url, url, campaign.pk, verb, campaign.name,
        verb, icon(picture, small=True),
    )  # fmt: skip


@cache
def _address(offers: str) -> str:
    """Looked up once, not for each row."""
    return reverse(f"campaigns:{offers}", args=[0]).replace("0", "{}")
