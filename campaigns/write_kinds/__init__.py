"""What campaigns change at a provider; every module registers its kinds when it is imported."""

from campaigns.write_kinds import status

__all__ = ["status"]
