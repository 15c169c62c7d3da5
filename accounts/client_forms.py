"""The forms of a client: who they are, who runs them, and where they are at the providers."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import PageForm
from accounts.models import Client, Connection, RemoteClient, User
from accounts.services.clients import possible_owners
from operations.writes.permission import why_read_only
from providers.registry import provider_named

LATER, THERE, NEW = "later", "there", "new"


@dataclass(frozen=True)
class Places:
    """Where a client can be: clients at the providers that are nobody’s yet, and the agency’s keys that may make new ones."""

    nobodys: list[RemoteClient]
    makers: list[Connection]
    why_not: str = ""  # why no client can be made at a provider

    @classmethod
    def of(cls, user: Any) -> "Places":
        """What this admin may choose from. Three queries."""
        free = RemoteClient.objects.visible_to(user).unmapped().filter(connection__disabled_at=None)
        agency_wide = Connection.objects.visible_to(user).enabled().filter(client=None)
        able = [one for one in agency_wide if provider_named(one.provider).capabilities.clients]
        makers = [one for one in able if one.may_write]
        why_not = why_read_only(connection_name="", may_write=True)
        if not why_not and not makers:
            why_not = (
                "Every agency-wide key is read-only. Allow changes on the page of one, then make clients with it."
                if able
                else "No agency-wide key is connected. A client’s own key can’t make other clients."
            )
        return cls(list(free.select_related("connection")), [] if why_not else makers, why_not)


class PlaceForm(PageForm):
    """Where the client is at a provider: nowhere yet, one that is there already, or a new one."""

    place = forms.ChoiceField(
        choices=[(LATER, "Nowhere yet"), (THERE, "There already"), (NEW, "Make it now")], widget=forms.RadioSelect
    )
    remote = forms.ModelChoiceField(
        RemoteClient.objects.none(), required=False, empty_label="Choose …", label="Which one"
    )
    maker = forms.ModelChoiceField(Connection.objects.none(), required=False, empty_label=None, label="With the key")
    email = forms.EmailField(
        required=False,
        max_length=254,
        label="Email of the client there",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="Their login at the provider. No other client may have it, in any agency.",
    )
    with_key = forms.BooleanField(required=False, label="Make an API key of the client’s own, too")

    def __init__(self, data: Any = None, *, places: Places, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.places = places
        for name in ("place", "with_key"):
            self.fields[name].widget.attrs["class"] = "form-check-input"
        remote, maker = self.fields["remote"], self.fields["maker"]
        assert isinstance(remote, forms.ModelChoiceField)
        assert isinstance(maker, forms.ModelChoiceField)
        remote.queryset = RemoteClient.objects.filter(pk__in=[one.pk for one in places.nobodys])
        maker.queryset = Connection.objects.filter(pk__in=[one.pk for one in places.makers])
        # Drawn from what was read already, instead of with a query of their own.
        remote.choices = [("", "Choose …"), *((one.pk, f"{one} · {one.connection}") for one in places.nobodys)]
        maker.choices = [(one.pk, str(one)) for one in places.makers]

    def open_places(self) -> list[tuple[str, bool]]:
        """The places that can be chosen, and whether each is."""
        chosen = self["place"].value() or LATER
        can = {LATER: True, THERE: bool(self.places.nobodys), NEW: bool(self.places.makers)}
        return [(value, chosen == value) for value, is_open in can.items() if is_open]

    @property
    def chosen(self) -> str:
        return str(self["place"].value() or LATER)

    def clean(self) -> None:
        values = self.cleaned_data
        place = values.get("place")
        if place == THERE and not values.get("remote") and "remote" not in self.errors:
            self.add_error("remote", "Choose the client that it is.")
        if place == NEW:
            if not self.places.makers:
                self.add_error("place", self.places.why_not)
            elif not values.get("maker") and "maker" not in self.errors:
                self.add_error("maker", "Choose the key that makes it.")
            if not values.get("email") and "email" not in self.errors:
                self.add_error("email", "The provider asks for an address.")


class NameAndOwner(PageForm):
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    owner = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        empty_label="Nobody yet",
        label="Run by",
        help_text="Who the client writes to: their address is in the portal. A manager gets the client along with it.",
    )

    def __init__(self, data: Any = None, *, client: Client | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.client = client
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = possible_owners()

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        others = Client.objects.filter(name__iexact=name).exclude(pk=self.client.pk if self.client else 0)
        if others.exists():
            raise ValidationError(f"There is a client named “{name}” already.")
        return name


class EditClient(NameAndOwner):
    """Name and owner of a client that is there."""


class AddClient(NameAndOwner, PlaceForm):
    """A new client, with its place."""

    field_order = ["name", "owner", "place"]
