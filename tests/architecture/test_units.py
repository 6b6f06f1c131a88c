"""The units for systemd are such that it has nothing to say of, and give each what it has to know."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from erp.celery import QUEUE_OF, SLOW

ROOT = Path(settings.BASE_DIR)
DEBIAN = ROOT / "docs/debian"
UNITS = sorted(
    path.name
    for path in DEBIAN.iterdir()
    if path.suffix in {".service", ".socket", ".timer", ".target"}
)
# As on the machine that they are for: programs that are there, whoever runs them.
THERE = (
    (re.compile(r"/opt/throughline/\.venv/bin/\w+"), "/bin/true"),
    (re.compile("/opt/throughline"), "/"),
)


def verified(folder: Path) -> str:
    """What `systemd-analyze verify` says of the units in a folder, with their drop-ins; "" where all is well."""
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(folder / name) for name in UNITS)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    ours = [
        line for line in done.stderr.splitlines() if "throughline" in line or str(folder) in line
    ]
    return "\n".join(ours) or ("" if done.returncode == 0 else done.stderr)


@pytest.fixture
def laid_out(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    shutil.copytree(DEBIAN, tmp_path / "system")
    for path in (tmp_path / "system").rglob("*"):
        if path.suffix in {".service", ".conf"} and path.is_file():
            text = path.read_text()
            for there, here in THERE:
                text = there.sub(here, text)
            path.write_text(text)
    return tmp_path / "system"


def test_systemd_has_nothing_to_say_of_them(laid_out):
    assert len(UNITS) == 12
    assert verified(laid_out) == ""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("throughline-web.service", "MemoryMaximum=2G"),
        ("throughline-web.service", "TimeoutStopSec=soon"),
        ("throughline-copy.service", "ExecStart=\nExecStart=/usr/bin/not-there"),
        ("throughline-.service.d/common.conf", "ProtectSystem=sometimes"),
        ("throughline-audit.timer", "OnCalendar=nightly at five"),
    ],
)
def test_it_would_say_what_is_wrong(laid_out, name, line):
    path = laid_out / name
    section = "[Timer]" if name.endswith(".timer") else "[Service]"
    path.write_text(f"{path.read_text()}\n{section}\n{line}\n")
    assert verified(laid_out)


def test_whoever_watches_knows_where_copies_lie():
    """It stood in the file of the owner alone: nobody was told of a copy that was too old."""
    archive = yaml.safe_load((ROOT / "docs/docker/archive.yml").read_text())["services"]
    watches = "slow-worker" if QUEUE_OF["erp.tasks.watch"] in SLOW else "worker"
    assert archive[watches]["environment"] == {"WAL_ARCHIVE_DIR": "/archive"}
    assert archive[watches]["volumes"] == ["archive:/archive:ro"]
    files = {name: (DEBIAN / name).read_text() for name in ("env.example", "owner.env.example")}
    assert "WAL_ARCHIVE_DIR=" in files["env.example"]
    assert "WAL_ARCHIVE_DIR" not in files["owner.env.example"]
    guide = (ROOT / "docs/operations/debian.md").read_text()
    before = guide.partition("WAL_ARCHIVE_DIR=")[0]
    assert before.rpartition("# /etc/throughline/")[2].startswith("env,")
