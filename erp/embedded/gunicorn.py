"""Gunicorn's settings, for `manage.py up` and for the container alike."""

import os

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
