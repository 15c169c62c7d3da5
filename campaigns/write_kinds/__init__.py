"""What campaigns change at a provider; every module registers its kinds when it is imported."""

from campaigns.write_kinds import lifecycle, mailboxes, schedule, sequence, settings, status, test_email

__all__ = ["lifecycle", "mailboxes", "schedule", "sequence", "settings", "status", "test_email"]
