"""Starts the nightly backup as a process of its own, which may take longer than a task may."""

import signal
import subprocess
import sys
import threading

from django.conf import settings

from erp.embedded.processes import die_with_parent

_running: dict[str, threading.Thread] = {}


def start_nightly() -> bool:
    """Start a night's backup and drill beside this worker, unless it already runs one; return whether."""
    thread = _running.get("nightly")
    if thread is not None and thread.is_alive():
        return False
    thread = threading.Thread(target=_run, name="nightly backup", daemon=True)
    _running["nightly"] = thread
    thread.start()
    return True


def _run() -> None:
    """Wait for it here: a process that nobody waits for stays behind as a zombie."""
    subprocess.run(
        [sys.executable, "manage.py", "backup", "--nightly"],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),  # of the thread that waits, so of the worker
        check=False,
    )
