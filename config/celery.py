"""The Celery app: `celery -A config.celery worker`, `celery -A config.celery beat`.

Its settings are the CELERY_ names of config/settings.py.
"""

import os
import time
from typing import Any

from celery import Celery, bootsteps, signals
from celery.beat import Scheduler

from operations import heartbeats
from operations.garbage import tune_gc
from operations.lanes import stop_shared_loop

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("quarterdeck")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Celery's current app is per thread: without a default, `.delay()` in a web server's thread would look for RabbitMQ.
app.set_default()


class Pulse(bootsteps.StartStopStep):
    """Lets the worker say every few seconds that its main loop turns."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.key = f"{heartbeats.PREFIX}worker:{parent.hostname}"
        self.timer: Any = None

    def start(self, parent: Any) -> None:
        heartbeats.pulse(self.key)
        self.timer = parent.timer.call_repeatedly(heartbeats.EVERY, heartbeats.pulse, (self.key,))

    def stop(self, parent: Any) -> None:
        if self.timer is not None:
            self.timer.cancel()
        heartbeats.fall_silent(self.key)


app.steps["worker"].add(Pulse)


class StaticScheduler(Scheduler):
    """Beat with the schedule of the settings and no file of its own, which a killed beat could leave damaged.

    Each turn of its loop is its heartbeat; the planner's short interval makes a turn at least every two seconds.
    """

    _next_pulse = 0.0

    def tick(self, *args: Any, **options: Any) -> float:
        wait: float = super().tick(*args, **options)
        if (now := time.monotonic()) >= self._next_pulse:
            self._next_pulse = now + heartbeats.EVERY
            heartbeats.pulse(heartbeats.BEAT)
        return wait

    def close(self) -> None:
        super().close()
        heartbeats.fall_silent(heartbeats.BEAT)


@signals.setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Django has set up logging already; a receiver here keeps Celery from replacing it."""


@signals.worker_init.connect
def spare_the_event_loop(**_: Any) -> None:
    """Everything is loaded by now: the garbage collector need not look at it again."""
    tune_gc()


@signals.worker_shutdown.connect
def close_connections(**_: Any) -> None:
    stop_shared_loop()
