"""The pages and actions of this room that one can go to by name."""

from operations.registry import search_places
from operations.searching import Place

for order, (name, place) in enumerate(
    {
        "activity": Place("Activity", "operations:activity", "activity", "api health keys limits syncs"),
        "jobs": Place("Jobs", "operations:jobs", "list", "bulk progress retry undo"),
        "changes": Place("Changes at the providers", "operations:changes", "arrows-exchange", "writes"),
        "audit": Place("Audit", "operations:audit", "history", "who changed log export csv"),
        "coverage": Place("Coverage", "operations:coverage", "database", "age freshness counts reconcile"),
        "calls": Place("Call log", "operations:calls", "list-numbers", "api requests errors"),
        "stop changes": Place(
            "Stop all changes",
            "operations:stop_changes",
            "ban",
            "allow writes switch emergency",
            allowed=lambda user: user.is_agency_admin,
        ),
    }.items()
):
    search_places.add(name, place, order=300 + order)
