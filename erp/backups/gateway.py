"""Starts the nightly backup as a process of its own, which may take longer than a task may."""

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence

from django.conf import settings

from erp.embedded.processes import die_with_parent

_running: dict[str, threading.Thread] = {}


def start_command(*command: str) -> bool:
    """Start a command beside this worker, unless the same one is running already; return whether."""
    thread = _running.get(command[0])
    if thread is not None and thread.is_alive():
        return False
    thread = threading.Thread(target=_run, args=(command,), name="nightly backup", daemon=True)
    _running[command[0]] = thread
    thread.start()
    return True


def _run(command: Sequence[str]) -> None:
    """Wait for it here: a process that nobody waits for stays behind as a zombie."""
    subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        stdin=subprocess.DEVNULL,
        preexec_fn=die_with_parent(signal.SIGTERM),  # of the thread that waits, so of the worker
        check=False,
    )
