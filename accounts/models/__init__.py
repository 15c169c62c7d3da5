"""People, clients, and the keys that open their accounts at a provider."""

from accounts.models.connections import Connection, ConnectionQuerySet, RemoteClient
from accounts.models.mailboxes import Mailbox, MailboxQuerySet
from accounts.models.people import Client, ClientQuerySet, Membership, User

__all__ = [
    "Client",
    "ClientQuerySet",
    "Connection",
    "ConnectionQuerySet",
    "Mailbox",
    "MailboxQuerySet",
    "Membership",
    "RemoteClient",
    "User",
]
