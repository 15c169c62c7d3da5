"""A bench ends by itself, and ends what it started."""

import signal
import sys
from types import FrameType


def end_within(seconds: int) -> None:
    """Give up after so long, or when somebody says so, on the way that ends every process of the bench."""

    def give_up(number: int, _frame: FrameType | None) -> None:
        sys.exit(f"Not finished within {seconds} s." if number == signal.SIGALRM else "Stopped.")

    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGTERM, give_up)
    signal.alarm(seconds)
