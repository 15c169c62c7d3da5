"""The Django admin: people and their clients, for agency admins. Keys are write-only here as everywhere."""

from typing import Any

from allauth.account import admin as _of_allauth  # noqa: F401  (registers what is taken away below)
from allauth.account.models import EmailAddress
from allauth.mfa import admin as _of_mfa  # noqa: F401
from allauth.mfa.models import Authenticator
from allauth.usersessions import admin as _of_sessions  # noqa: F401
from allauth.usersessions.models import UserSession
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils import timezone

from accounts.forms import KeyField
from accounts.models import Client, Connection, Invitation, Membership, RemoteClient, User
from accounts.services.clients import free_slug, what_keeps
from accounts.services.connections import replace_key
from accounts.services.keys import KeyInUse, holder_of
from accounts.services.mapping import map_remote_client
from accounts.services.people import NotPossible, end_sessions, keep_an_admin
from operations import audit
from providers.secret import SecretText

admin.site.site_header = "Quarterdeck admin"
admin.site.site_title = "Quarterdeck admin"
admin.site.index_title = "People, clients and keys"

# Rights follow from role and memberships alone, and a person has the one address that they sign in with.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)
# Second factors and sessions are people's own affair; what an admin may do about them is on the people page.
admin.site.unregister(Authenticator)
admin.site.unregister(UserSession)


class Audited:
    """Writes what is done here into the product's own audit trail, too, with values before and after; never those of secrets."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        request._audited = _values(form)  # type: ignore[attr-defined]
        return super().construct_change_message(request, form, formsets, add)  # type: ignore[misc]

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._record(request, "add", obj, message)
        return super().log_addition(request, obj, message)  # type: ignore[misc]

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> Any:
        self._record(request, "change", obj, message)
        return super().log_change(request, obj, message)  # type: ignore[misc]

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Any]) -> Any:
        for obj in queryset:
            self._record(request, "delete", obj, [])
        return super().log_deletions(request, queryset)  # type: ignore[misc]

    def _record(self, request: HttpRequest, deed: str, obj: Model, message: Any) -> None:
        before, after = getattr(request, "_audited", ({}, {})) if message else ({}, {})
        beside = [text for part in message if isinstance(part, dict) for text in _beside(part)]
        audit.record(
            audit.Actor.on_page(request.user),
            f"{deed} {obj._meta.verbose_name} in admin"[:60],
            obj,
            client_id=obj.pk if deed != "delete" and isinstance(obj, Client) else None,
            before=before if deed == "change" else {},
            after=after | ({"beside": beside} if beside else {}),
        )


def _values(form: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a form changes, before and after; of a secret only that it was set."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name in form.changed_data:
        field = form.fields[name]
        if isinstance(field.widget, forms.PasswordInput) or "password" in name:
            after[name] = "set anew"
        else:
            before[name], after[name] = _told(field, form.initial.get(name)), _told(field, form.cleaned_data.get(name))
    return before, after


def _told(field: Any, value: Any) -> Any:
    if value in (None, ""):
        return None
    if isinstance(field, forms.ModelChoiceField):
        rows: Any = field.queryset
        return str(value if isinstance(value, Model) else rows.filter(pk=value).first())
    if isinstance(field, forms.ChoiceField):
        choices: Any = field.choices
        return str(dict(choices).get(value, value))
    return value if isinstance(value, bool) else str(value)


def _beside(part: dict[str, Any]) -> list[str]:
    """What was added, changed or taken away in the rows below a form."""
    told = []
    for deed, change in part.items():
        if isinstance(change, dict) and "object" in change:
            told.append(f"{change['name']} {change['object']} {deed}")
    return told


class Memberships(BaseInlineFormSet):
    """The clients of a person; a client login belongs to exactly one."""

    def clean(self) -> None:
        super().clean()
        kept = [form for form in self.forms if form.cleaned_data.get("client") and not form.cleaned_data.get("DELETE")]
        if self.instance.role == User.Role.CLIENT and len(kept) != 1:
            raise forms.ValidationError("A client login belongs to exactly one client.")


class MembershipInline(admin.StackedInline):
    model = Membership
    formset = Memberships
    fields = ["client", *Membership.SWITCHES]
    extra = 1


class NewUserForm(BaseUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "role"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exists():
            raise forms.ValidationError("There is somebody with this address already.")
        return email


class ChangedUserForm(UserChangeForm):
    class Meta:
        model = User
        fields = ["email", "name", "role", "is_active", "password"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is somebody with this address already.")
        if email == self.instance.email:
            return email
        if EmailAddress.objects.filter(email__iexact=email).exclude(user=self.instance.pk).exists():
            raise forms.ValidationError("There is somebody with this address already.")
        if Invitation.objects.open().filter(user=self.instance.pk).exists():
            raise forms.ValidationError(
                "The link of the invitation went to the present address. Withdraw it and invite the new address."
            )
        return email

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not values.get("is_active") or values.get("role") != User.Role.ADMIN:
            try:
                keep_an_admin(User.objects.get(pk=self.instance.pk))
            except NotPossible as error:
                raise forms.ValidationError(str(error)) from None
        return values


def _sign_in_by(person: User) -> None:
    """From now on the person's address is the one way in: no other signs in, and none is mailed a link for a new password."""
    EmailAddress.objects.filter(user=person).delete()
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)


@admin.register(User)
class PersonAdmin(Audited, UserAdmin):
    form = ChangedUserForm
    add_form = NewUserForm
    inlines = [MembershipInline]
    list_display = ["email", "name", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["name", "pk"]
    filter_horizontal = ()
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["email", "name", "role", "is_active", "password"]}),
        ("Times", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "role", "password1", "password2"]})]

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        moved = change and "email" in form.changed_data
        if moved:
            _sign_in_by(obj)
        if moved or (change and not obj.is_active and "is_active" in form.changed_data):
            end_sessions(obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[Any]]:
        """What Django says, and a sentence on whoever is the last admin: with one of these nobody is deleted."""
        shown, counts, lacking, kept = super().get_deleted_objects(objs, request)
        leaving = [person.pk for person in objs]
        for person in objs:
            try:
                keep_an_admin(person, besides=leaving)
            except NotPossible as error:
                kept = [*kept, str(error)]
        return shown, counts, lacking, kept


@admin.register(Client)
class ClientAdmin(Audited, admin.ModelAdmin):
    list_display = ["name", "slug", "owner"]
    search_fields = ["name", "slug"]
    fields = ["name", "slug", "owner"]
    readonly_fields = ["slug"]
    list_select_related = ["owner"]

    def save_model(self, request: HttpRequest, obj: Client, form: Any, change: bool) -> None:
        if not change:
            obj.slug = free_slug(obj.name)
        super().save_model(request, obj, form, change)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, int], set[str], list[Any]]:
        """What Django says, and a sentence on each client that is still in use: with one of these nothing is deleted."""
        shown, counts, lacking, _ = super().get_deleted_objects(objs, request)
        return shown, counts, lacking, [sentence for client in objs if (sentence := what_keeps(client))]


class ConnectionForm(forms.ModelForm):
    new_key = KeyField(required=False, label="Replace key", help_text="Leave empty to keep the present one.")

    class Meta:
        model = Connection
        fields = ["name"]

    def clean_new_key(self) -> SecretText:
        key: SecretText = self.cleaned_data["new_key"]
        holder = (
            holder_of(key, self.instance.provider, self.instance.base_url, besides=self.instance.pk) if key else None
        )
        if holder is not None:
            raise forms.ValidationError(str(KeyInUse(holder)))
        return key


@admin.register(Connection)
class ConnectionAdmin(Audited, admin.ModelAdmin):
    """For looking. Adding, checking, allowing writes and mapping are done on the connection's own page."""

    form = ConnectionForm
    list_display = ["name", "provider", "client", "masked_key", "health", "may_write", "disabled_at"]
    list_filter = ["provider", "health"]
    list_select_related = ["client"]
    fields = [
        "name", "new_key", "masked_key", "provider", "client", "base_url", "plan", "may_write", "disabled_at", "health",
        "health_reason", "health_since", "last_success_at", "key_set_at", "created_at", "created_by",
    ]  # fmt: skip
    readonly_fields = [
        "masked_key", "provider", "client", "base_url", "plan", "may_write", "disabled_at", "health",
        "health_reason", "health_since", "last_success_at", "key_set_at", "created_at", "created_by",
    ]  # fmt: skip

    @admin.display(description="Key")
    def masked_key(self, connection: Connection) -> str:
        return f"…{connection.key_last4}"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        Connection.objects.filter(pk=obj.pk).update(name=obj.name)
        if key := form.cleaned_data.get("new_key"):
            try:
                replace_key(obj, key, audit.Actor.on_page(request.user), timezone.now())
            except KeyInUse as error:  # put in elsewhere since the form was checked
                messages.error(request, f"{error} The key of {obj.name} was not replaced.")


@admin.register(RemoteClient)
class RemoteClientAdmin(Audited, admin.ModelAdmin):
    list_display = ["name", "remote_id", "connection", "client", "gone_at"]
    list_filter = ["connection"]
    list_select_related = ["connection", "client"]
    fields = ["connection", "remote_id", "name", "client", "synced_at", "gone_at"]
    readonly_fields = ["connection", "remote_id", "name", "synced_at", "gone_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: RemoteClient | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: RemoteClient, form: Any, change: bool) -> None:
        # The rows behind it follow, which a plain save would not do.
        before = RemoteClient.objects.select_related("client").get(pk=obj.pk)
        map_remote_client(before, obj.client, audit.Actor.on_page(request.user))
