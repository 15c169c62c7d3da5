"""Forms about people. They validate and clean; accounts/services/people.py does the work."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.forms import NewPassword, PageForm
from accounts.models import Client, Membership, User
from accounts.services.people import Access, NotPossible

ROLES = (
    (User.Role.MANAGER, "Runs the campaigns of the clients ticked below."),
    (User.Role.ANALYST, "Sees the clients ticked below, and changes nothing."),
    (User.Role.ADMIN, "Everything: all clients, keys, people and rules."),
    (User.Role.CLIENT, "Somebody at a client: the portal of the one client ticked below, and nothing else."),
)


class AccessForm(PageForm):
    """Role, clients and switches of a person. Valid only if they make an access that can be."""

    role = forms.ChoiceField(choices=User.Role.choices, widget=forms.RadioSelect)
    clients = forms.ModelMultipleChoiceField(
        Client.objects.none(), required=False, widget=forms.CheckboxSelectMultiple, label="Clients"
    )
    may_see_leads = forms.BooleanField(required=False, label="May see leads")
    may_reply = forms.BooleanField(required=False, label="May answer replies")
    may_approve_copy = forms.BooleanField(required=False, label="May approve copy")

    def __init__(self, data: Any = None, *, clients: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        for name in ("role", "clients", *Membership.SWITCHES):
            self.fields[name].widget.attrs["class"] = "form-check-input"
        choice = self.fields["clients"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)
        choice.queryset = clients

    @classmethod
    def of(cls, access: Access, *, clients: Any) -> "AccessForm":
        """Filled in with what the person has."""
        held = {name: name in access.switches for name in Membership.SWITCHES}
        return cls(clients=clients, initial={"role": access.role, "clients": access.clients, **held})

    def role_choices(self) -> list[tuple[User.Role, str, bool]]:
        """Role, what it may, and whether it is chosen."""
        return [(role, meaning, self["role"].value() == role.value) for role, meaning in ROLES]

    def client_choices(self) -> list[tuple[Client, bool]]:
        chosen = {str(getattr(value, "pk", value)) for value in self["clients"].value() or ()}
        choice = self.fields["clients"]
        assert isinstance(choice, forms.ModelMultipleChoiceField)
        return [(client, str(client.pk) in chosen) for client in choice.queryset or ()]

    def switches(self) -> list[forms.BoundField]:
        return [self[name] for name in Membership.SWITCHES]

    def access(self) -> Access:
        values = self.cleaned_data
        switches = frozenset(name for name in Membership.SWITCHES if values[name])
        return Access(User.Role(values["role"]), tuple(values["clients"]), switches)

    def clean(self) -> None:
        if "role" not in self.cleaned_data or "clients" not in self.cleaned_data:
            return
        try:
            self.access().checked()
        except NotPossible as error:
            self.add_error("clients", str(error))


class InvitePerson(AccessForm):
    email = forms.EmailField(label="Email", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "off"}))
    name = forms.CharField(label="Name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    field_order = ["email", "name", "role", "clients"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise ValidationError("There is somebody with this address already.")
        return email


class AcceptInvitation(NewPassword):
    def __init__(self, data: Any = None, *, email: str, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.known_email = email


class RequireSecondFactor(forms.Form):
    """A clear yes or no: what a request leaves out is never taken for either."""

    require = forms.ChoiceField(choices=[("yes", "Require"), ("no", "Leave it to each")])
