"""Forms about a campaign as a whole. They validate and clean; services do the work."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from accounts.forms import PageForm
from accounts.models import Client, Connection, RemoteClient
from campaigns.models import Campaign
from campaigns.services.lifecycle import LONGEST_NAME
from providers.registry import provider_named

JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))  # hold emoji and letters of some scripts together
NOT_ITS_NAME = "That is not its name. Nothing was changed."


class NameField(forms.CharField):
    """A name of a campaign: one line, without what providers would not keep."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "true", "dir": "auto"})
        super().__init__(max_length=LONGEST_NAME, widget=widget, **kwargs)

    def clean(self, value: Any) -> str:
        name = " ".join(str(super().clean(value)).split())
        if not name.translate(JOINERS).isprintable():
            raise ValidationError("The name has characters in it that can’t be seen.")
        return name


class Rename(PageForm):
    name = NameField(label="Name")


class Duplicate(PageForm):
    name = NameField(label="Name of the copy")
    sub_sequences = forms.BooleanField(
        required=False,
        label="Copy its sub-sequences too",
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def __init__(self, data: Any = None, *, offers_sub_sequences: bool, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if offers_sub_sequences:
            self.fields["sub_sequences"].widget.attrs["class"] = "form-check-input"
        else:
            del self.fields["sub_sequences"]


class TypedName(PageForm):
    """The name of a campaign, typed as a proof that this one is meant."""

    confirm = forms.CharField(
        max_length=600,
        label="Type the campaign’s name to confirm",
        error_messages={"required": NOT_ITS_NAME},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, data: Any = None, *, name: str) -> None:
        super().__init__(data)
        self._name = name

    def clean_confirm(self) -> str:
        typed = " ".join(str(self.cleaned_data["confirm"]).split())
        if typed != " ".join(self._name.split()):
            raise ValidationError(NOT_ITS_NAME)
        return typed


@dataclass(frozen=True)
class Place:
    """Where a new campaign can be made: behind this connection, for this client (None: the agency itself)."""

    connection: Connection
    client: Client | None
    remote_client_id: int | None

    @property
    def key(self) -> str:
        return f"{self.connection.pk}:{self.remote_client_id or ''}"


def places(user: Any) -> list[Place]:
    """Everywhere that this person may make a campaign: clients of theirs, behind connections that may change something."""
    writable = list(Connection.objects.visible_to(user).enabled().filter(may_write=True).select_related("client"))
    mapped = RemoteClient.objects.filter(connection__in=writable, connection__client=None, gone_at=None)
    shown = mapped.filter(client__in=user.visible_clients()).select_related("client").order_by("client__name", "pk")
    behind: dict[int, list[RemoteClient]] = {}
    for remote in shown:
        behind.setdefault(remote.connection_id, []).append(remote)
    found: list[Place] = []
    for connection in writable:
        if connection.client is not None:
            found.append(Place(connection, connection.client, None))
            continue
        if provider_named(connection.provider).capabilities.clients:
            found += [Place(connection, remote.client, remote.remote_id) for remote in behind.get(connection.pk, [])]
        if user.is_agency_admin:
            found.append(Place(connection, None, None))
    return found


class CreateCampaign(PageForm):
    name = NameField(label="Name", help_text="Clients see this name in their portal.")
    place = forms.ChoiceField(label="For", help_text="Clients whose key may change campaigns.")

    def __init__(self, data: Any = None, *, places: Iterable[Place], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self._places = {place.key: place for place in places}
        groups: dict[str, list[tuple[str, str]]] = {}
        for place in self._places.values():
            label = str(place.client) if place.client else "The agency’s own, nobody’s client"
            groups.setdefault(place.connection.name, []).append((place.key, label))
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", "Choose a client"), *groups.items()]
        field.error_messages["invalid_choice"] = "Choose one of these."

    def clean_place(self) -> Place:
        return self._places[self.cleaned_data["place"]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        name, place = cleaned.get("name"), cleaned.get("place")
        if name and place and self.taken(name, place):
            self.add_error("name", "This client has a campaign of that name. Choose another one.")
        return cleaned

    @staticmethod
    def taken(name: str, place: Place) -> bool:
        own = Q() if place.connection.client_id else Q(remote_client_id=place.remote_client_id)
        return Campaign.objects.present().filter(own, connection=place.connection, name=name).exists()
