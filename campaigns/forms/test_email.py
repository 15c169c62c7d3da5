"""What is asked before a test email is sent."""

from typing import Any

from django import forms

from accounts.models import Mailbox
from campaigns.models import Campaign, Step


class TestEmailForm(forms.Form):
    """Step, lead, sender and receiver of a test email; choices are those of the campaign."""

    __test__ = False

    step = forms.TypedChoiceField(label="Step", coerce=int, widget=forms.Select(attrs={"class": "form-select"}))
    lead_id = forms.IntegerField(
        label="Lead’s number",
        min_value=1,
        max_value=2**62,
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "numeric", "autocomplete": "off"}),
    )
    mailbox = forms.TypedChoiceField(
        label="From", coerce=int, empty_value=None, required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    address = forms.EmailField(
        label="To",
        widget=forms.EmailInput(attrs={"class": "form-control"}),
        help_text="Your own address, so that the lead gets nothing.",
    )

    def __init__(self, data: Any = None, *, campaign: Campaign, provider: str, **options: Any) -> None:
        super().__init__(data, **options)
        steps = Step.objects.filter(campaign=campaign).values_list("number", flat=True)
        boxes = Mailbox.objects.filter(campaign_links__campaign=campaign, gone_at=None).order_by("address", "pk")
        self.fields["step"].choices = [(number, f"Step {number}") for number in steps]  # type: ignore[attr-defined]
        self.fields["mailbox"].choices = [  # type: ignore[attr-defined]
            ("", f"Whichever {provider} takes"),
            *boxes.values_list("remote_id", "address")[:200],
        ]
        self.fields["lead_id"].help_text = (
            f"A lead of this campaign, by its number in {provider}: the variables are filled from it. "
            "Leads are not read here yet, so the number has to be typed."
        )
        for name, field in self.fields.items():
            field.widget.attrs["aria-describedby"] = f"id_{name}_helptext" if field.help_text else ""
