"""How gunicorn serves the product: `gunicorn -c config/gunicorn.py config.wsgi`."""

import os

from config.logs import logging_config
from operations.garbage import tune_gc

bind = f"{os.environ.get('HOST') or '127.0.0.1'}:{os.environ.get('PORT') or '8000'}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
preload_app = True  # the code is loaded once: half the start time and memory
timeout = 60
graceful_timeout = 3
keepalive = 5
accesslog = "-"
access_log_format = "%(m)s %(U)s %(s)s %(B)sB %(L)ss"  # the path without its query, where tokens may stand
control_socket_disable = True
logconfig_dict = logging_config(
    as_json=os.environ.get("QUARTERDECK_JSON_LOGS", "1") == "1", level=os.environ.get("LOG_LEVEL", "INFO")
)


def pre_fork(_server: object, _worker: object) -> None:
    tune_gc()
