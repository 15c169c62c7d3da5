"""What a sync asked for, counted."""

from collections import Counter

from operations.models import ApiCall, SyncRun


def calls_of(run: SyncRun) -> Counter[str]:
    """How many calls of a run went to each resource: "sequences" for /campaigns/12/sequences, "campaigns" for /campaigns/."""
    return Counter(
        next(word for word in reversed(path.strip("/").split("/")) if not word.isdigit())
        for path in ApiCall.objects.filter(run=run).values_list("path", flat=True)
    )
