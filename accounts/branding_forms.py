"""The form of a portal's look."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.branding import USUAL_COLOUR, rgb
from accounts.forms import PageForm
from accounts.models import Branding, Client
from accounts.services.branding import Look, NotALogo, logo_from


class BrandingForm(PageForm):
    name = forms.CharField(
        max_length=120,
        required=False,
        label="Name in the portal",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    colour = forms.CharField(
        max_length=7,
        required=False,
        label="Colour",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "placeholder": USUAL_COLOUR}),
        help_text="Six digits after #, such as #9a3412. Where text in it could not be read, it is made darker, or lighter on dark.",
    )
    logo = forms.FileField(
        required=False,
        label="Logo",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
        help_text="PNG, JPEG or WebP, at most 1 MB. It is shown 30 pixels high.",
    )
    without_logo = forms.BooleanField(required=False, label="Take the logo away")

    def __init__(self, data: Any = None, files: Any = None, *, client: Client, **kwargs: Any) -> None:
        now: Any = getattr(client, "branding", None) or Branding()
        super().__init__(data, files=files, initial={"name": now.name, "colour": now.colour}, **kwargs)
        self.fields["name"].help_text = f"Leave it empty for “{client.name}”."
        self.fields["without_logo"].widget.attrs["class"] = "form-check-input"
        self.has_logo = bool(now.logo)

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_colour(self) -> str:
        colour: str = self.cleaned_data["colour"].strip().lower()
        if not colour:
            return ""
        colour = colour if colour.startswith("#") else f"#{colour}"
        try:
            rgb(colour)
        except ValueError:
            raise ValidationError(
                "That is no colour. Write six digits or letters a to f after #, such as #9a3412."
            ) from None
        return colour

    def clean_logo(self) -> bytes | None:
        file = self.cleaned_data["logo"]
        if not file:
            return None
        try:
            return logo_from(file, file.size)
        except NotALogo as error:
            raise ValidationError(str(error)) from None

    def look(self) -> Look:
        values = self.cleaned_data
        return Look(values["name"], values["colour"], values["logo"], values["without_logo"])
