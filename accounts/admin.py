"""The Django admin: people and their clients, for agency admins. Keys are write-only here as everywhere."""

from typing import Any

from allauth.account import admin as _of_allauth  # noqa: F401  (registers what is taken away below)
from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.forms import KeyField
from accounts.models import Client, Connection, Membership, RemoteClient, User
from accounts.services.clients import free_slug, what_keeps
from accounts.services.connections import replace_key
from accounts.services.keys import KeyInUse, holder_of
from accounts.services.mapping import map_remote_client
from operations import audit
from providers.secret import SecretText

admin.site.site_header = "Quarterdeck admin"
admin.site.site_title = "Quarterdeck admin"
admin.site.index_title = "People, clients and keys"

# Rights follow from role and memberships alone, and a person has the one address that they sign in with.
admin.site.unregister(Group)
admin.site.unregister(EmailAddress)


class Audited:
    """Writes what is done here into the product's own audit trail, too: what was changed by name, never values."""

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
        fields = [str(field) for part in message if isinstance(part, dict) for field in _fields(part)]
        audit.record(
            audit.Actor.on_page(request.user),
            f"{deed} {obj._meta.verbose_name} in admin"[:60],
            obj,
            client_id=obj.pk if deed != "delete" and isinstance(obj, Client) else None,
            after={"fields": fields} if fields else {},
        )


def _fields(part: dict[str, Any]) -> list[Any]:
    return [name for change in part.values() if isinstance(change, dict) for name in change.get("fields", [])]


class MembershipInline(admin.StackedInline):
    model = Membership
    fields = ["client"]
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
        return email


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
