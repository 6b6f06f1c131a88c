"""The contracts of pyproject.toml refuse what they are written against.

A copy of the house, every module of it empty, is given the real contracts and one breach at a time.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture import rooms

LINT = Path(sys.executable).with_name("lint-imports")
APPS = [*rooms.APPS, "demo", "bench", "faults"]


class House:
    """Empty modules under the names of the real ones, and the real contracts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for app in APPS:
            for path in (rooms.ROOT / app).rglob("*.py"):
                self.write(str(path.relative_to(rooms.ROOT)), "")
        self.write("pyproject.toml", (rooms.ROOT / "pyproject.toml").read_text())

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def lint(self) -> tuple[int, str]:
        """The exit code of lint-imports, and what it says."""
        done = subprocess.run(
            [str(LINT), "--no-cache", "--no-logo"],
            cwd=self.folder,
            env=os.environ | {"PYTHONPATH": str(self.folder)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


def test_an_empty_house_keeps_every_contract(house):
    code, said = house.lint()

    assert code == 0, said
    assert "0 broken" in said


@pytest.mark.parametrize(
    ("module", "imports", "contract"),
    [
        ("inventory/stock/states.py", "orders.order.states", "The ladder"),
        ("erp/once.py", "bench.trade", "The ladder"),
        ("bench/load.py", "faults.load", "The ladder"),
        ("orders/pricing/decisions/prices.py", "orders.routing.queries", "The rooms of orders"),
        ("orders/payments/models.py", "orders.invoicing.models", "The rooms of orders"),
        ("orders/order/queries.py", "orders.models", "The rooms of orders"),
        (
            "orders/intake/messages/foreign_json.py",
            "orders.intake.shops.marks",
            "The rooms of intake",
        ),
        ("inventory/stock/queries.py", "inventory.counting.models", "The rooms of inventory"),
        ("fulfillment/packing/actions.py", "fulfillment.shipping.laws", "The rooms of fulfillment"),
        ("returns/rma/actions.py", "returns.refunds.models", "The rooms of returns"),
        ("erp/access/queries.py", "erp.jobs.queries", "The rooms of the ground floor"),
        ("orders/routing/queries.py", "orders.routing.actions.reroute", "Inside every room"),
        ("inventory/counting/models.py", "inventory.counting.actions.count", "Inside every room"),
        ("returns/rma/decisions.py", "returns.rma.models", "Inside every room"),
        ("analytics/queries.py", "analytics.views", "Inside analytics"),
        ("orders/review/decisions/review.py", "django.db", "Decisions are pure"),
    ],
)
def test_an_import_that_goes_up_is_refused(house, module, imports, contract):
    house.write(module, f"import {imports}\n")
    code, said = house.lint()

    assert code == 1, said
    assert broken(said) == [contract]


@pytest.mark.parametrize(
    ("module", "contract"),
    [
        ("orders/gifts.py", "The rooms of orders"),
        ("inventory/kitting/__init__.py", "The rooms of inventory"),
        ("fulfillment/robots.py", "The rooms of fulfillment"),
        ("returns/warranty.py", "The rooms of returns"),
        ("erp/faxes.py", "The rooms of the ground floor"),
        ("analytics/guesses.py", "Inside analytics"),
        ("orders/intake/fax/__init__.py", "The rooms of intake"),
        ("orders/pricing/haggling.py", "Inside every room"),
    ],
)
def test_a_module_that_stands_nowhere_is_refused(house, module, contract):
    house.write(module, "")
    code, said = house.lint()

    assert code == 1, said
    assert broken(said) == [contract]


def broken(said: str) -> list[str]:
    """Which contracts lint-imports found broken, by the start of their names."""
    summary = said.partition("Broken contracts")[0]
    names = [contract["name"] for contract in rooms.settings_of()["contracts"]]
    return [
        name.partition(":")[0].removesuffix(", then queries")
        for name in names
        if f"{name} BROKEN" in summary
    ]
