"""Rules of the house that no off-the-shelf linter knows."""

import ast
import importlib
from pathlib import Path

import pytest

from erp import wiring
from erp.access.roles import NOUNS, ROLES, rights_of
from erp.states import StateMachine
from fulfillment.planning.states import FULFILLMENT_ORDER
from inventory.stock.states import RESERVATION
from orders.order.states import ORDER
from returns.refunds.states import REFUND
from returns.rma.states import RETURN

ROOT = Path(__file__).resolve().parents[2]
APPS = ["inventory", "orders", "fulfillment", "returns", "analytics"]
MODULES = [
    path
    for app in [*APPS, "erp"]
    for path in sorted((ROOT / app).rglob("*.py"))
    if "migrations" not in path.parts
]
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MACHINES = {
    "ORDER": ORDER,
    "FULFILLMENT_ORDER": FULFILLMENT_ORDER,
    "RETURN": RETURN,
    "REFUND": REFUND,
    "RESERVATION": RESERVATION,
}


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def is_action(path: Path) -> bool:
    """Actions, and the rooms of the ground floor whose rows are their own."""
    parts = path.relative_to(ROOT).parts
    own_rows = {
        "erp/events/relay.py",
        "erp/events/webhooks.py",
        "erp/messages/sending.py",
        "erp/messages/composing.py",
    }
    return path.name == "actions.py" or "actions" in parts or relative(path) in own_rows


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_only_actions_write_to_the_database(module):
    calls = [
        f"{relative(module)}:{node.lineno} .{node.func.attr}()"
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and not _is_file_save(node)
    ]
    assert is_action(module) or calls == []


def _is_file_save(node: ast.Call) -> bool:
    """`picture.save(stream, …)` writes a picture; a row is saved without positional arguments."""
    return ast.unparse(node.func).endswith(".save") and bool(node.args)


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_modules_stay_readable(module):
    assert len(module.read_text().splitlines()) <= 600  # aim at 200; see docs/architecture.md


@pytest.mark.parametrize(
    "module", [m for m in MODULES if is_action(m) and m.parent.name != "events"], ids=relative
)
def test_every_public_action_is_documented_and_takes_keywords_only(module):
    for function in ast.parse(module.read_text()).body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
            continue
        assert ast.get_docstring(function), function.name
        decorators = " ".join(ast.unparse(d) for d in function.decorator_list)
        if "transaction.atomic" in decorators:
            assert function.args.args == [], function.name


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if m.name in {"api.py", "views.py", "tasks.py"} and m.parent.name in APPS],
    ids=relative,
)
def test_edges_call_actions_only_through_perform(module):
    tree = ast.parse(module.read_text())
    direct = [
        ast.unparse(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "actions"
        and node.func.attr != "lock_order"
    ]
    subscribers = module.name == "tasks.py"  # the relay has opened their transaction
    assert subscribers or direct == []


@pytest.mark.parametrize("module", MODULES, ids=relative)
def test_every_module_opens_with_a_sentence(module):
    text = module.read_text().strip()
    assert not text or ast.get_docstring(ast.parse(text)), "say in one sentence what is in it"


def test_every_name_on_the_wiring_page_is_real():
    names = [name for names in wiring.SUBSCRIPTIONS.values() for name in names]
    names += [*wiring.FINDERS, *wiring.LISTS.values()]
    names += [source for _label, source in wiring.TEMPLATES.values()]
    names += [name for names in wiring.TIMELINES.values() for name in names]
    names += [*wiring.LAWS, *wiring.QUEUES, *wiring.SEARCHES, wiring.TODAY]
    names += [name for names in wiring.PANELS.values() for name in names]
    names += list(wiring.EXPANDS.values())

    for name in names:
        assert wiring.resolve(name) is not None


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_state_of_a_life_can_be_reached(machine: StateMachine):
    named = {target for _sources, target in machine.transitions.values() if target}
    named |= {state for sources, _target in machine.transitions.values() for state in sources}

    assert named <= machine.reachable_states() | {machine.initial}


def test_every_role_names_rights_that_exist():
    known = {f"{noun}.{verb}" for noun, verbs in NOUNS.items() for verb in verbs}
    for role, names in ROLES.items():
        assert rights_of(role) <= known
        for name in names:
            _noun, _, verb = name.partition(".")
            assert verb == "*" or name in known, name


def test_rights_that_actions_require_exist():
    known = {f"{noun}.{verb}" for noun, verbs in NOUNS.items() for verb in verbs}
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "require":
                right = node.args[1]
                if isinstance(right, ast.Constant):
                    assert right.value in known, f"{relative(module)}: {right.value}"


def test_no_drawers():
    drawers = {
        "utils",
        "helpers",
        "common",
        "mixins",
        "managers",
        "signals",
        "services",
        "exceptions",
    }
    assert not [relative(m) for m in MODULES if m.stem in drawers]


def test_decisions_import_no_framework():
    for path in [
        *sorted((ROOT / "orders/decisions").glob("*.py")),
        ROOT / "returns/decisions.py",
        ROOT / "fulfillment/decisions.py",
    ]:
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(path.read_text()))
            for name in (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
        }
        assert not imported & {"django", "celery", "psycopg2"}, path
    assert importlib.import_module("orders.pricing.decisions.prices")
