"""Who attacks, and how many inputs that were: `make attacks` fails under fifty thousand."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.attacks.attacker import Attacker
from tests.attacks.plan import IS_FULL, SEED
from tests.attacks.routes import EXCLUDED, every_route
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
    request.node.user_properties.append(("reached", sorted(made.reached)))
    assert not made.missed, made.verdict()
    assert made.inputs, "nothing was tried"


def _counted(reporter: Any) -> tuple[int, float, list[str]]:
    """(inputs, the slowest answer in seconds, routes that nothing reached) of all that ran."""
    said = [
        dict(report.user_properties)
        for reports in reporter.stats.values()
        for report in reports
        if getattr(report, "when", "") == "teardown"
    ]
    inputs = sum(int(one.get("inputs", 0)) for one in said)
    reached = {route for one in said for route in one.get("reached", ())}
    slowest = max([float(one.get("slowest", 0)) for one in said], default=0.0)
    return inputs, slowest, sorted(set(every_route()) - reached - EXCLUDED.keys())


def _longest(reporter: Any) -> list[tuple[float, int, str]]:
    """(seconds, inputs, test) of the longest, which decide how long the whole takes."""
    reports = [one for reports in reporter.stats.values() for one in reports]
    took = {one.nodeid: one.duration for one in reports if getattr(one, "when", "") == "call"}
    tried = {
        one.nodeid: dict(one.user_properties).get("inputs", 0)
        for one in reports
        if getattr(one, "when", "") == "teardown"
    }
    return sorted(((took[name], int(tried.get(name, 0)), name) for name in took), reverse=True)[:15]


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: Any) -> None:
    """A full run that tried too little, or left a route out, has failed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    is_whole = session.config.args == ["tests/attacks"] and not session.config.option.keyword
    if IS_FULL and is_whole and reporter is not None:
        inputs, _slowest, unreached = _counted(reporter)
        if inputs < FEWEST or unreached:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say how many inputs there were, and what seed chose them."""
    inputs, slowest, unreached = _counted(terminalreporter)
    terminalreporter.write_line(
        f"attacks: {inputs} inputs, seed {SEED}, slowest {slowest:.2f} s"
        + (f"; fewer than {FEWEST}" if IS_FULL and inputs < FEWEST else "")
    )
    if IS_FULL:
        for seconds, count, name in _longest(terminalreporter):
            terminalreporter.write_line(f"attacks: {seconds:6.0f} s {count:6} inputs  {name}")
        terminalreporter.write_line(f"attacks: {len(unreached)} routes not reached {unreached}")
