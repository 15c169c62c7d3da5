"""Query counts are recorded in tests/query_counts.json and compared exactly; RECORD_QUERY_COUNTS=1 writes them anew, on purpose."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection
from django.test.utils import CaptureQueriesContext

RECORDED = Path(__file__).resolve().parents[1] / "query_counts.json"


@contextmanager
def recorded_queries(name: str) -> Iterator[None]:
    """Fails unless the block makes exactly as many queries as are recorded under this name."""
    with CaptureQueriesContext(connection) as captured:
        yield
    counts = json.loads(RECORDED.read_text()) if RECORDED.exists() else {}
    if os.environ.get("RECORD_QUERY_COUNTS"):
        counts[name] = len(captured)
        RECORDED.write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n")
        return
    listing = "\n".join(query["sql"] for query in captured)
    assert len(captured) == counts.get(name), f"{name}: {len(captured)} queries, recorded {counts.get(name)}\n{listing}"
