"""Attaching mailboxes to many campaigns, and taking them from many."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Mailbox
from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.models import Campaign, CampaignMailbox, CampaignQuerySet
from campaigns.senders import visible_mailboxes
from campaigns.services.mailboxes import ATTACH, DETACH, KIND
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions

MOST = 500


@job_handler
class MailboxJob(CampaignJob):
    name = "campaign mailboxes"
    label = "Mailboxes"
    icon = "mail"
    calls = ("campaign_write", "read")
    prefetches = ("mailbox_links__mailbox",)

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return {link.mailbox.address: True for link in campaign.mailbox_links.all()}

    def current(self, campaign: Campaign, names: Iterable[str]) -> dict[str, Any]:
        """Each mailbox by itself: whether the campaign sends from it."""
        attached = self.now_is(campaign)
        return {name: name in attached for name in names}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        if campaign.status in (Campaign.Status.STOPPED, Campaign.Status.ARCHIVED):
            return f"{campaign.get_status_display()}, does not send any more"
        left = self.now_is(campaign) | dict(wanted)
        if campaign.status == Campaign.Status.ACTIVE and not any(left.values()):
            return "Active, and no mailbox would be left"
        return ""

    def same(self, wanted: State) -> str:
        return "Sends from them already" if any(wanted.values()) else "Sends from none of them"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        differing = [address for address, attached in item.wanted.items() if attached != item.before[address]]
        do = ATTACH if item.wanted[differing[0]] else DETACH
        visible = Mailbox.objects.all() if actor.user is None else visible_mailboxes(actor.user)
        boxes = list(visible.filter(connection_id=campaign.connection_id, address__in=differing).order_by("address"))
        if {box.address for box in boxes} != set(differing):
            return Outcome.failed("Not all of these mailboxes can be seen by you any more.")
        payload = {
            "do": do,
            "mailbox_ids": [box.remote_id for box in boxes],
            "addresses": [box.address for box in boxes],
        }
        before = {"senders": len(self.now_is(campaign))}
        return self.ask(KIND, item, campaign, payload, before, actor, now)

    def tell(self, name: str, value: Any) -> str:
        return "attached" if value else "not attached"

    def label_of(self, name: str) -> str:
        return name


class MailboxesForm(forms.Form):
    mailbox = forms.MultipleChoiceField(
        label="Mailboxes", widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"})
    )

    def __init__(self, *args: Any, boxes: list[Mailbox], hint: str, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["mailbox"]
        several = len({box.connection_id for box in boxes}) > 1
        field.choices = [(str(box.pk), f"{box}, {box.connection.name}" if several else str(box)) for box in boxes]
        field.help_text = hint
        self.boxes = {str(box.pk): box for box in boxes}


class _Mailboxes(BulkAction):
    kind = MailboxJob.name
    attached: bool
    hint = ""

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        boxes = self.boxes(user, campaigns).present().select_related("connection").order_by("address", "pk")
        return MailboxesForm(data, boxes=list(boxes[:MOST]), hint=self.hint)

    def boxes(self, user: Any, campaigns: CampaignQuerySet) -> Any:
        """Those that there are to choose from."""
        return visible_mailboxes(user).filter(connection__in=campaigns.order_by().values("connection"))

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        """Addresses by key: a mailbox serves campaigns of its own key alone."""
        chosen: dict[str, list[str]] = {}
        rows = visible_mailboxes(user).filter(pk__in=cleaned["mailbox"]).order_by("address")
        for connection_id, address in rows.values_list("connection_id", "address"):
            chosen.setdefault(str(connection_id), []).append(address)
        return chosen

    def keeps_out(self, campaign: Campaign, options: Options) -> str:
        return (
            "" if str(campaign.connection_id) in options else f"None of the mailboxes is at {campaign.connection.name}"
        )


class AddMailboxes(_Mailboxes):
    slug, label, icon, phrase = "add-mailboxes", "Add mailboxes", "mail-plus", "Add mailboxes to {}"
    on_bar = True
    hint = "A mailbox sends for campaigns of its own key alone; others are skipped."

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return dict.fromkeys(options[str(campaign.connection_id)], True)


class RemoveMailboxes(_Mailboxes):
    slug, label, icon, phrase = "remove-mailboxes", "Remove mailboxes", "mail", "Remove mailboxes from {}"

    def boxes(self, user: Any, campaigns: CampaignQuerySet) -> Any:
        links = CampaignMailbox.objects.filter(campaign__in=campaigns.order_by().values("pk"))
        return visible_mailboxes(user).filter(pk__in=links.values("mailbox_id"))

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return dict.fromkeys(options[str(campaign.connection_id)], False)


bulk_actions.add(AddMailboxes.slug, AddMailboxes(), order=40)
bulk_actions.add(RemoveMailboxes.slug, RemoveMailboxes(), order=45)
