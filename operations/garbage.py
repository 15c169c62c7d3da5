"""How long-running processes collect their garbage."""

import gc


def tune_gc() -> None:
    """Keep full collections from stopping the process; call it once everything is loaded, and before it forks.

    Django, Celery and httpx are a large heap: to look through it stops everything for 0.1 to 0.35 s, which in a worker is calls
    lost and in the web server a slow page. What is loaded by now is never garbage, and what requests and tasks leave is
    found among the young.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(5_000, 5, 1_000)
