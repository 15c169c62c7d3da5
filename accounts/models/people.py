"""The people who sign in, and the clients whose rows they may see."""

from typing import Any, ClassVar, Literal

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac

from operations.scoping import ClientScopedQuerySet

Switch = Literal["may_see_leads", "may_reply", "may_approve_copy"]


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A person who signs in with this address; without a password they can only set one by a link."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """An agency admin (what `manage.py createsuperuser` calls)."""
        return self.create_user(email, password, role=User.Role.ADMIN, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    """One person: of the agency, or of a client. What they may see follows from the role and the memberships alone."""

    class Role(models.TextChoices):
        ADMIN = "admin", "Agency admin"
        MANAGER = "manager", "Account manager"
        ANALYST = "analyst", "Analyst"
        CLIENT = "client", "Client login"

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120, blank=True)
    role = models.CharField(max_length=16, choices=Role, default=Role.MANAGER)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)
    # Part of what every session proves: raising it ends all sessions of the person, also those that nobody listed.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_agency_admin(self) -> bool:
        return self.is_active and self.role == self.Role.ADMIN

    @property
    def is_client_login(self) -> bool:
        """Belongs to a client, not to the agency: sees the client's portal and nothing else."""
        return self.role == self.Role.CLIENT

    @property
    def is_staff(self) -> bool:
        """May enter the Django admin."""
        return self.is_agency_admin

    @property
    def is_superuser(self) -> bool:
        return self.is_agency_admin

    @property
    def may_change(self) -> bool:
        """May change what they see of their clients at the providers."""
        return self.is_active and self.role in {self.Role.ADMIN, self.Role.MANAGER}

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_agency_admin

    def has_perms(self, perm_list: list[str], obj: object = None) -> bool:
        return self.is_agency_admin

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_agency_admin

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in words[:2]).upper()

    def get_short_name(self) -> str:
        return self.name.split()[0] if self.name else self.email

    def get_full_name(self) -> str:
        return str(self)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """As Django's own, of the password and of how often this person's sessions were ended."""
        proven = f"{self.password}:{self.sessions_ended}"
        return salted_hmac("accounts.User.sessions", proven, secret=secret, algorithm="sha256").hexdigest()

    def visible_clients(self) -> "ClientQuerySet":
        """The clients whose rows this person may see: all for an agency admin, else those of the memberships."""
        if not self.is_active:
            return Client.objects.none()
        if self.is_agency_admin:
            return Client.objects.all()
        return Client.objects.filter(pk__in=self.client_ids())

    def client_ids(self) -> "models.QuerySet[Membership, Any]":
        """The keys of those that this person was given, to compare with: an agency admin needs none."""
        return Membership.objects.filter(user=self).values("client_id")

    def clients_where(self, switch: Switch) -> "ClientQuerySet":
        """Those of `visible_clients` for whom this person may do what the switch says.

        Everybody of the agency sees leads; replying and approving copy are changes, which an analyst may not make. A client login
        may what the agency has switched on for them.
        """
        if self.is_client_login:
            allowed = Membership.objects.filter(user=self, **{switch: True}).values("client_id")
            return self.visible_clients().filter(pk__in=allowed)
        return self.visible_clients() if switch == "may_see_leads" or self.may_change else Client.objects.none()


class ClientQuerySet(ClientScopedQuerySet["Client"]):
    client_path = "pk"


class Client(models.Model):
    """A customer of the agency: the tenant to which every row of theirs belongs."""

    TILE_COLOURS = 10

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="owned_clients")
    created_at = models.DateTimeField(default=timezone.now)

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][0] + words[1][0] if len(words) > 1 else self.name[:2]).upper()

    @property
    def tile(self) -> int:
        """Which of the tile colours (1 to 10) stands for this client."""
        return (self.pk - 1) % self.TILE_COLOURS + 1


class Membership(models.Model):
    """A person works for (or belongs to) a client. The switches say what a client login may do there beyond looking."""

    SWITCHES: ClassVar[tuple[Switch, ...]] = ("may_see_leads", "may_reply", "may_approve_copy")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="memberships")
    may_see_leads = models.BooleanField(default=False)
    may_reply = models.BooleanField("may answer replies", default=False)
    may_approve_copy = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["client__name", "pk"]
        constraints = [models.UniqueConstraint(fields=["user", "client"], name="membership_once_per_client")]

    def __str__(self) -> str:
        return f"{self.user} · {self.client}"
