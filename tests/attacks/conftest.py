"""Who attacks, and how many inputs that were: `make attacks` fails under fifty thousand."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.attacks.attacker import Attacker
from tests.attacks.plan import SEED
from tests.contract.world import World

FEWEST = 50_000


@pytest.fixture
def world(api, shop) -> World:
    return World(api)


@pytest.fixture
def attacker(request: Any) -> Iterator[Attacker]:
    """Judged at the end of the test: nothing was answered wrongly."""
    made = Attacker()
    yield made
    request.node.user_properties.append(("inputs", made.inputs))
    request.node.user_properties.append(("slowest", made.slowest))
    assert not made.missed, made.verdict()
    assert made.inputs, "nothing was tried"


def pytest_terminal_summary(terminalreporter: Any, config: Any) -> None:
    """Say how many inputs there were, and what seed chose them."""
    said = [
        dict(report.user_properties)
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", "") in {"call", "teardown"}
    ]
    inputs = {id(one): one for one in said if "inputs" in one}.values()
    terminalreporter.write_line(
        f"attacks: {sum(int(one['inputs']) for one in inputs)} inputs, seed {SEED},"
        f" slowest {max([float(one['slowest']) for one in inputs], default=0):.2f} s"
    )
