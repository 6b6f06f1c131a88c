"""Processes of the product are told by their parents and their command lines."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from faults import processes
from faults.world import wait_for


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("python -m gunicorn erp.wsgi --bind 127.0.0.1:1", "web"),
        ("python -m celery -A erp.celery worker --hostname worker@%h", "worker"),
        ("python -m celery -A erp.celery worker --hostname slow-worker@%h", "slow-worker"),
        ("python -m celery -A erp.celery beat --schedule x", "beat"),
        ("/a/bin/postgres -D x", "postgres"),
        ("/a/valkey-server --port 0", "valkey"),
        ("python -m erp.sandbox.keeper 5", ""),
        ("postgres: checkpointer", ""),
        ("", ""),
    ],
)
def test_a_part_is_told_by_its_command_line(command, part):
    assert processes.part_of(command) == part


def test_a_family_is_who_descends_from_a_process():
    script = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with subprocess.Popen([sys.executable, "-c", script]) as parent:
        wait_for(lambda: len(processes.family_of(parent.pid)) == 2, 20, "it has a child")
        family = processes.family_of(parent.pid)
        assert family[0] == parent.pid
        assert family[1] in processes.children_of(parent.pid)
        assert os.getpid() not in family
        with processes.frozen(family):
            wait_for(lambda: _state(family[1]) == "T", 20, "it is stopped")
        wait_for(lambda: _state(family[1]) != "T", 20, "it goes on")
        assert processes.send(family, signal.SIGKILL) == 2
        parent.wait()
    wait_for(lambda: not any(map(processes.lives, family)), 20, "they have ended")
    assert processes.send([2**22 + 1], signal.SIGKILL) == 0


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
