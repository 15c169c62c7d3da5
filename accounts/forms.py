"""Forms about people's keys and clients. They validate and clean; services do the work."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from accounts.models import Client, Connection, User
from accounts.services.base_urls import AddressNotAllowed, checked_base_url
from accounts.services.keys import LONGEST_KEY, NotAKey, checked_key
from operations.lanes import DEFAULT, PROFILES, Window
from providers.secret import SecretText


class PageForm(forms.Form):
    """A form in the look of the pages; after a failed try, the first field with a problem has the focus."""

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, label_suffix="", **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"

    def full_clean(self) -> None:
        super().full_clean()
        self._mark([name for name in self.fields if name in self.errors])

    def refuse(self, name: str, reason: str) -> None:
        """Say beside a field why a service did not take its value."""
        self.add_error(name, reason)
        self._mark([name])

    def _mark(self, wrong: list[str]) -> None:
        for name in wrong:
            self.fields[name].widget.attrs["class"] += " is-invalid"
        if wrong:
            self.fields[wrong[0]].widget.attrs["autofocus"] = True


class KeyField(forms.CharField):
    """A provider key. What was typed is never sent back to the page."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(
            render_value=False, attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
        )
        super().__init__(max_length=LONGEST_KEY, widget=widget, **kwargs)

    def clean(self, value: Any) -> SecretText:
        text = super().clean(value)
        if not text:
            return SecretText("")
        try:
            return checked_key(text)
        except NotAKey as error:
            raise ValidationError(str(error)) from None


class AddConnection(PageForm):
    name = forms.CharField(max_length=120, help_text="What your team calls this key, such as “Halyard main”.")
    provider = forms.ChoiceField(choices=Connection.Provider.choices)
    client = forms.ModelChoiceField(
        Client.objects.none(),
        required=False,
        empty_label="The whole agency (several clients)",
        label="Whose campaigns it opens",
        help_text="Everything behind a client’s own key belongs to that client. Behind an agency-wide key you map each one.",
    )
    new_client = forms.CharField(
        max_length=120, required=False, label="Or a new client", help_text="Leave empty if not."
    )
    base_url = forms.CharField(
        max_length=200, label="API address", help_text="Change it only if your provider told you to."
    )
    key = KeyField(label="API key", help_text="Kept encrypted. Nobody can read it again, only replace it.")

    def __init__(self, data: Any = None, *, clients: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        client = self.fields["client"]
        assert isinstance(client, forms.ModelChoiceField)
        client.queryset = clients

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Connection.objects.filter(name__iexact=name).exists():
            raise ValidationError(f"There is a connection named “{name}” already.")
        return name

    def clean_new_client(self) -> str:
        return free_client_name(self.cleaned_data["new_client"])

    def clean_base_url(self) -> str:
        try:
            return checked_base_url(self.cleaned_data["base_url"])
        except AddressNotAllowed as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> None:
        if self.cleaned_data.get("client") and self.cleaned_data.get("new_client"):
            self.add_error("new_client", "Choose a client or name a new one, not both.")


class ReplaceKey(PageForm):
    key = KeyField(label="New API key", help_text="The old one is forgotten at once.")


class AllowWrites(forms.Form):
    """A clear yes or no: what a request leaves out is never taken for either."""

    allow = forms.ChoiceField(choices=[("yes", "Allow changes"), ("no", "Forbid changes")])


class EnableConnection(forms.Form):
    enable = forms.ChoiceField(choices=[("yes", "Enable"), ("no", "Disable")])


class ChoosePlan(PageForm):
    plan = forms.ChoiceField(label="Plan at the provider")

    def __init__(self, data: Any = None, *, provider: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        plan = self.fields["plan"]
        assert isinstance(plan, forms.ChoiceField)
        plan.choices = plans_of(provider)


def plans_of(provider: str) -> list[tuple[str, str]]:
    """The plans of one provider, as choices."""
    return [(name, profile.label) for name, profile in PROFILES.items() if name.partition("-")[0] == provider]


def plan_label(connection: Connection) -> str:
    """The plan whose limits hold, or the limits themselves where others were agreed with the provider."""
    if connection.windows:
        return ", ".join(str(Window.from_data(window)) for window in connection.windows)
    return PROFILES[connection.plan if connection.plan in PROFILES else DEFAULT].label


class MapClient(PageForm):
    """Whose a remote client is: one of ours, a new one, or (both empty) nobody's."""

    client = forms.ModelChoiceField(Client.objects.none(), required=False)
    new_client = forms.CharField(max_length=120, required=False)

    def __init__(self, data: Any = None, *, clients: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        client = self.fields["client"]
        assert isinstance(client, forms.ModelChoiceField)
        client.queryset = clients

    def clean_new_client(self) -> str:
        return free_client_name(self.cleaned_data["new_client"])

    def clean(self) -> None:
        if self.cleaned_data.get("client") and self.cleaned_data.get("new_client"):
            self.add_error("new_client", "Choose a client or name a new one, not both.")


def free_client_name(name: str) -> str:
    """The name without needless spaces; a ValidationError if a client has it already."""
    name = " ".join(name.split())
    if name and Client.objects.filter(name__iexact=name).exists():
        raise ValidationError(f"There is a client named “{name}” already: choose it from the list.")
    return name


class NewPassword(PageForm):
    """Somebody's first password, typed twice. `name`, and `email` where the form asks for it, may not be in it."""

    name = forms.CharField(max_length=120, label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        strip=False,
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters, not one of the common ones.",
    )
    again = forms.CharField(
        strip=False, label="Password again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    known_email = ""

    def clean(self) -> None:
        values = self.cleaned_data
        password = values.get("password")
        if password is None:
            return
        if "again" in values and values["again"] != password:
            self.add_error("again", "The two passwords differ.")
        email = values.get("email") or self.known_email
        try:
            validate_password(password, User(email=email, name=values.get("name", "")))
        except ValidationError as error:
            self.add_error("password", error)


class FirstAdmin(NewPassword):
    email = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    field_order = ["name", "email"]
