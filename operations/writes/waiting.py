"""How a page waits for a change that a worker carries out: a few seconds, then it shows the pending state and polls."""

import time
from collections.abc import Callable

from django.conf import settings

LOOK_EVERY = 0.1


def wait_while(pending: Callable[[], bool]) -> bool:
    """Wait until nothing is pending, or for QUARTERDECK_CLICK_WAITS seconds; returns whether something still is.

    The page itself never calls a provider: who waits here looks at our own rows, and closing the page stops nothing.
    """
    ends_at = time.monotonic() + settings.QUARTERDECK_CLICK_WAITS
    while pending():
        if time.monotonic() >= ends_at:
            return True
        time.sleep(LOOK_EVERY)
    return False
