"""People, clients, and the keys that open their accounts at a provider."""

from accounts.models.access import Invitation, SignInRules
from accounts.models.branding import Branding
from accounts.models.connections import Connection, ConnectionQuerySet, RemoteClient
from accounts.models.mailboxes import Mailbox, MailboxQuerySet
from accounts.models.people import Client, ClientQuerySet, Membership, User

__all__ = [
    "Branding",
    "Client",
    "ClientQuerySet",
    "Connection",
    "ConnectionQuerySet",
    "Invitation",
    "Mailbox",
    "MailboxQuerySet",
    "Membership",
    "RemoteClient",
    "SignInRules",
    "User",
]
