"""Changes of many campaigns at once: what can be done (`actions`), and how jobs do it; every module registers itself."""

from campaigns.bulk import archive, client, delete, mailboxes, schedule, settings, status, tags

__all__ = ["archive", "client", "delete", "mailboxes", "schedule", "settings", "status", "tags"]
