"""Configures gunicorn for `manage.py up` and the container alike."""

import gc
import os
import sys

from gunicorn import glogging  # type: ignore[import-untyped]  # it has no stubs here
from gunicorn.http import wsgi  # type: ignore[import-untyped]  # nor here

worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
preload_app = True  # the workers share the memory of the loaded code
timeout = 60
graceful_timeout = 20
keepalive = 30
max_requests = 0
limit_request_line = 8190
control_socket_disable = True


def post_fork(server: object, worker: object) -> None:
    """Keep the loaded code out of the garbage collector's rounds; it never becomes garbage."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


class Nameless(wsgi.Response):
    """An answer that does not say what serves it: gunicorn has no setting for that."""

    def default_headers(self) -> list[str]:
        return [line for line in super().default_headers() if not line.startswith("Server:")]


wsgi.Response = Nameless


class ErrorsAlone(glogging.Logger):
    """gunicorn's own log without lines of requests: the application says itself what was answered.

    With `logconfig_dict`, and whatever `accesslog` says, it gathers all that such a line may hold, for each request:
    nine microseconds.
    """

    access_log_enabled = False


logger_class = ErrorsAlone
# The same lines as those of the application.
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "erp.logs.lines.JsonLines"},
        "text": {"()": "erp.logs.lines.PlainLines"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "stream": "ext://sys.stderr",
            "formatter": os.environ.get("LOG_FORMAT")
            or ("text" if sys.stderr.isatty() else "json"),
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "gunicorn.error": {"handlers": [], "level": "INFO", "propagate": True},
        "gunicorn.access": {"handlers": [], "level": "WARNING", "propagate": False},
    },
}
