"""What every room needs to know about work in progress: syncs, API calls, and who changed what."""

from operations.models.audit import AuditEntry
from operations.models.calls import ApiCall
from operations.models.comparisons import Comparison
from operations.models.jobs import Job, JobItem
from operations.models.syncing import SyncCoverage, SyncRun, SyncState
from operations.models.writes import Installation, Write

__all__ = [
    "ApiCall",
    "AuditEntry",
    "Comparison",
    "Installation",
    "Job",
    "JobItem",
    "SyncCoverage",
    "SyncRun",
    "SyncState",
    "Write",
]
