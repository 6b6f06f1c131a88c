"""What the rules of the house look at, as functions of one module's path: each gives the breaches it finds.

A layer is told by a module's name in whatever room it stands: `orders/invoicing/api.py` and
`inventory/stock/document_api.py` are both edges. A guard that named files by hand went blind when
they were moved, and said nothing; so each function here is shown a planted breach by its test.
"""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from erp.states import StateMachine

ROOT = Path(__file__).resolve().parents[2]
APPS = ["inventory", "orders", "fulfillment", "returns", "analytics"]
EDGES = {"api", "views", "tasks", "gateway", "jobs", "panels", "admin", "sheets", "commands"}
MOST_LINES = 400  # aim at 200
DRAWERS = {"utils", "helpers", "common", "mixins", "managers", "signals", "services", "exceptions"}
WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
FRAMEWORKS = {"django", "celery", "psycopg2"}
# Rooms of the ground floor whose rows are their own.
OWN_ROWS = {
    "erp/access/account_mails.py",
    "erp/events/relay.py",
    "erp/events/webhooks.py",
    "erp/messages/send.py",
    "erp/messages/compose.py",
}


MOST_CHARACTERS = 120  # of a line; the formatter aims at 100
# Lines of SQL, drawings and data that stay whole, by file. No number here may grow.
WHOLE_LINES = {
    "analytics/metrics.py": 2,
    "analytics/queries.py": 2,
    "bench/placing.py": 2,
    "bench/processing.py": 4,
    "bench/rehearsing.py": 2,
    "bench/selling_out.py": 1,
    "bench/stock.py": 1,
    "erp/icons.py": 5,
    "erp/management/commands/topics.py": 1,
    "erp/web/charts.py": 1,
    "inventory/counting/actions/due.py": 1,
    "orders/intake/files/cells.py": 1,
    "orders/invoicing/laws.py": 1,
    "orders/order/actions/claims.py": 1,
    "orders/review/rule_facts.py": 1,
    "tests/orders/intake/edi/test_allowances.py": 1,
    "tests/orders/intake/edi/test_dates.py": 1,
    "tests/orders/intake/files/test_notations.py": 1,
    "tests/orders/intake/mail/test_mailboxes.py": 1,
    "tests/orders/intake/test_hostile_input.py": 11,
    "tests/orders/samples.py": 1,
}


def long_lines(module: Path) -> list[str]:
    """The lines of a module that are too long to be read beside another, each with its place."""
    lines = enumerate(module.read_text().split("\n"), 1)
    return [f"{module.name}:{n}: {len(x)} characters" for n, x in lines if len(x) > MOST_CHARACTERS]


def modules(*apps: str, root: Path = ROOT) -> list[Path]:
    """Every Python file of the apps, migrations left out."""
    found = [path for app in apps or (*APPS, "erp") for path in sorted((root / app).rglob("*.py"))]
    return [path for path in found if "migrations" not in path.parts]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name


def is_action(path: Path) -> bool:
    """Whether a module is of the layer that writes."""
    return path.stem == "actions" or path.parent.name == "actions" or relative(path) in OWN_ROWS


def is_edge(path: Path) -> bool:
    """Whether a module is where people, programs, the clock or the network come in."""
    layer = path.stem.rpartition("_")[2]
    return layer in EDGES or path.parent.name in EDGES


def is_decision(path: Path) -> bool:
    """Whether a module is pure judgement."""
    return path.stem == "decisions" or path.parent.name == "decisions"


# Gerunds that are nouns of the trade, or of this house's layers (`wording`).
NOUNS_IN_ING = {
    "counting",
    "following",
    "invoicing",
    "onboarding",
    "mapping",
    "masking",
    "packing",
    "picking",
    "planning",
    "pricing",
    "purchasing",
    "routing",
    "shipping",
    "sizing",
    "tracking",
    "wiring",
    "wording",
    "incoming",  # an adjective
}


def gerund(path: Path) -> str:
    """The last word of a module's name, where it says what somebody does and not what is there; "" otherwise."""
    word = (path.parent.name if path.stem == "__init__" else path.stem).rpartition("_")[2]
    return word if word.endswith("ing") and word not in NOUNS_IN_ING else ""


def is_drawer(path: Path) -> bool:
    """Whether a module is called after nothing that is in it."""
    return path.stem in DRAWERS


def unreachable(machine: StateMachine) -> set[str]:
    """States that verbs start from or lead to, and that no life comes to."""
    named = {target for _sources, target in machine.transitions.values() if target}
    named |= {state for sources, _target in machine.transitions.values() for state in sources}
    return named - machine.reachable_states() - {machine.initial}


def unknown_rights(names: Iterable[str], nouns: Mapping[str, Sequence[str]]) -> list[str]:
    """Rights that no noun has; `noun.*` is every verb of one."""
    known = {f"{noun}.{verb}" for noun, verbs in nouns.items() for verb in (*verbs, "*")}
    return [name for name in names if name not in known]


def required_rights(module: Path) -> list[str]:
    """The rights that a module's actions ask for by name."""
    return [
        node.args[1].value
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "require"
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    ]


RECORDS = {"record_event", "record_events", "event_row"}


def recorded_topics(module: Path) -> tuple[set[str], set[str]]:
    """What a module that records events may call them: its strings, and the beginnings of those it composes.

    A module that records none tells nothing, whatever it names: a subscription is no event.
    """
    nodes = list(ast.walk(tree_of(module)))
    calls = {ast.unparse(n.func).rpartition(".")[2] for n in nodes if isinstance(n, ast.Call)}
    if not calls & RECORDS:
        return set(), set()
    said = {n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
    composed = [n.values[0] for n in nodes if isinstance(n, ast.JoinedStr) and n.values]
    return said, {str(part.value) for part in composed if isinstance(part, ast.Constant)}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def writes(path: Path) -> list[str]:
    """Calls that write to the database, outside the actions."""
    if is_action(path):
        return []
    return [
        f"{relative(path)}:{node.lineno} .{node.func.attr}()"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WRITES
        and not _is_file_save(node)
    ]


def _is_file_save(node: ast.Call) -> bool:
    """`picture.save(stream, …)` writes a picture; a row is saved without positional arguments."""
    return ast.unparse(node.func).endswith(".save") and bool(node.args)


def too_long(path: Path) -> list[str]:
    """A module of more lines than people read."""
    lines = len(path.read_text().splitlines())
    return [f"{relative(path)}: {lines} lines"] if lines > MOST_LINES else []


def undocumented(path: Path) -> list[str]:
    """Public actions without a docstring, or with positional arguments."""
    found = []
    for function in tree_of(path).body:
        if not isinstance(function, ast.FunctionDef) or function.name.startswith("_"):
            continue
        if not ast.get_docstring(function):
            found.append(f"{relative(path)}: {function.name} says nothing of itself")
        if is_transactional(function) and function.args.args:
            found.append(f"{relative(path)}: {function.name} takes more than keywords")
    return found


def is_transactional(node: ast.AST) -> bool:
    """Whether a definition is an action: it writes in a transaction that somebody else has opened."""
    decorators = getattr(node, "decorator_list", [])
    return any("transaction.atomic" in ast.unparse(d) for d in decorators)


def direct_calls(path: Path) -> list[str]:
    """Actions that an edge calls by itself, not through `perform`.

    Subscribers are left out: the relay has opened the transaction of whatever takes an `event`, or `events`.
    """
    tree = tree_of(path)
    actions, packages = _imported_actions(tree)
    found = []
    for function in _without_subscribers(tree):
        for node in ast.walk(function):
            if not isinstance(node, ast.Call):
                continue
            name = ast.unparse(node.func)
            owner, _, verb = name.rpartition(".")
            is_verb = name in actions or verb in actions_of(packages.get(owner, ""))
            if is_verb:
                found.append(f"{relative(path)}:{node.lineno} {name}()")
    return found


def _without_subscribers(tree: ast.Module) -> Iterator[ast.AST]:
    for node in tree.body:
        takes = (
            {a.arg for a in node.args.kwonlyargs} if isinstance(node, ast.FunctionDef) else set()
        )
        if not takes & {"event", "events"}:
            yield node


def _imported_actions(tree: ast.Module) -> tuple[set[str], dict[str, str]]:
    """Names of actions that a module imports, and the modules of actions it imports by name."""
    names: set[str] = set()
    packages: dict[str, str] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or node.level:
            continue
        for alias in node.names:
            known = alias.asname or alias.name
            if alias.name in actions_of(node.module or ""):
                names.add(known)
            packages[known] = f"{node.module}.{alias.name}"
    return names, packages


@cache
def actions_of(module: str) -> frozenset[str]:
    """The actions that a module of the layer `actions` defines, by its dotted name."""
    path = ROOT / (module.replace(".", "/") + ".py")
    if not module or not path.exists() or not is_action(path):
        return frozenset()
    body = tree_of(path).body
    return frozenset(
        node.name for node in body if isinstance(node, ast.FunctionDef) and is_transactional(node)
    )


def frameworks(path: Path) -> set[str]:
    """Frameworks that a module imports."""
    imported = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
    return {name.partition(".")[0] for name in imported} & FRAMEWORKS


def says_nothing(path: Path) -> bool:
    """Whether a module with something in it does not open with a sentence."""
    text = path.read_text().strip()
    return bool(text) and not ast.get_docstring(ast.parse(text))


def machines(root: Path = ROOT) -> dict[str, StateMachine]:
    """Every state machine of the house, by the name of its module and its own."""
    found: dict[str, StateMachine] = {}
    for path in modules(root=root):
        if path.stem != "states":
            continue
        name = ".".join(path.relative_to(root).with_suffix("").parts)
        members = vars(importlib.import_module(name))
        found |= {f"{name}.{n}": m for n, m in members.items() if isinstance(m, StateMachine)}
    return found


QUOTED = re.compile(
    r"^\s*from ((?:erp|inventory|orders|fulfillment|returns|analytics|demo)[\w.]*) import (\w+)",
    re.M,
)


def lost_imports(path: Path) -> list[str]:
    """Imports in Python that stands in strings, as benchmarks send it to a shell, of names that are not there."""
    found = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        for module, name in QUOTED.findall(node.value):
            if not _is_there(module):
                found.append(f"{relative(path)}: {module}")
            elif not hasattr(importlib.import_module(module), name):
                found += [f"{relative(path)}: {module}.{name}"] * (
                    not _is_there(f"{module}.{name}")
                )
    return found


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False
