"""A guard that is removed on purpose is one that is there: a breach of a name that is gone would change nothing."""

import importlib
import importlib.util
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from faults.guards import GUARDS
from faults.injections.table import BY_NAME
from tests.architecture.guards import ROOT

SPEC = importlib.util.spec_from_file_location("planted", ROOT / "faults/breaches/planted.py")
planted = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(planted)
PLACES = [(name, module) for name, found in planted.BREACHES.items() for module in found]


@pytest.mark.parametrize(("name", "module"), PLACES)
def test_a_breach_changes_what_its_module_has(name, module):
    there = vars(importlib.import_module(module))
    copy = SimpleNamespace(**there)

    planted.BREACHES[name][module](copy)

    changed = [key for key, value in vars(copy).items() if there.get(key) is not value]
    assert changed
    assert set(changed) <= set(there)


@pytest.mark.parametrize(
    ("hours", "once", "off"),
    [("3", "", 3), ("-48", "", -48), ("3", "/nowhere/at all", 0), ("3", __file__, 3)],
    ids=["ahead", "behind", "before the jump", "after it"],
)
def test_a_process_whose_clock_jumps_is_off_by_so_much(hours, once, off):
    script = (
        "from datetime import UTC, datetime; from django.conf import settings; settings.configure(USE_TZ=True);"
        "from django.utils import timezone; print((timezone.now() - datetime.now(UTC)).total_seconds())"
    )
    env = {"PYTHONPATH": str(ROOT / "faults/breaches"), "FAULTS_CLOCK_H": hours}
    env |= {"FAULTS_CLOCK_ONCE": once}
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
    )
    assert float(done.stdout) == pytest.approx(off * 3600, abs=60)


def test_every_guard_is_removed_by_somebody_and_looked_for_by_a_fault_that_is_there():
    assert set(planted.BREACHES) == set(GUARDS)
    assert {guard.fault for guard in GUARDS.values()} <= set(BY_NAME)


def test_the_product_knows_nothing_of_breaches():
    apps = ("erp", "inventory", "orders", "fulfillment", "returns", "analytics", "demo")
    knows = re.compile(r"^\s*(from|import) faults\b|FAULTS_", re.M)
    found = [
        path
        for app in apps
        for path in (ROOT / app).rglob("*.py")
        if knows.search(path.read_text())
    ]
    assert found == []
