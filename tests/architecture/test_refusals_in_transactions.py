"""A refusal that is caught within a transaction is raised in one of its own: else nothing can be written after it.

An action that raises marks the transaction around it as broken (`atomic(savepoint=False)`). Every mail that could not
be read was tried five times and failed with "An error occurred in the current transaction", instead of being held with
its reason.
"""

import ast
from pathlib import Path

from tests.architecture import guards
from tests.architecture.each import of_each
from tests.architecture.guards import ROOT, relative

MODULES = guards.modules()


def is_action(function: ast.AST) -> bool:
    return isinstance(function, ast.FunctionDef) and any(
        "atomic(savepoint=False)" in ast.unparse(each) for each in function.decorator_list
    )


def actions_known_in(path: Path) -> set[str]:
    """The actions that a module has, or imports by their names."""
    tree = ast.parse(path.read_text())
    found = {node.name for node in tree.body if is_action(node)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module:
            continue
        source = ROOT / (node.module.replace(".", "/") + ".py")
        if source.exists():
            there = {f.name for f in ast.parse(source.read_text()).body if is_action(f)}
            found |= {alias.asname or alias.name for alias in node.names if alias.name in there}
    return found


def calls_outside_own(body: list[ast.stmt]) -> set[str]:
    """Names that are called in some statements, but for those within a `with transaction.atomic()` of theirs."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.With) and any("atomic(" in ast.unparse(i) for i in node.items):
            continue
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found.add(node.func.id)
        waiting += ast.iter_child_nodes(node)
    return found


def caught(path: Path) -> list[str]:
    """Actions that a module calls by themselves where it catches what they raise and goes on."""
    actions = actions_known_in(path)
    return [
        f"{relative(path)}:{node.lineno}: {name}"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Try) and node.handlers
        for name in sorted(calls_outside_own(node.body) & actions)
        if not all(isinstance(handler.body[-1], ast.Raise) for handler in node.handlers)
    ]


@of_each(MODULES)
def test_what_an_action_raises_is_caught_outside_of_its_transaction(module):
    assert caught(module) == []


def test_one_that_is_caught_within_is_found(tmp_path, monkeypatch):
    action = "@transaction.atomic(savepoint=False)\ndef pay():\n    pass\n"
    guarded = "    try:\n        with transaction.atomic():\n            pay()\n    except Refused:\n        return\n"
    bare = "    try:\n        pay()\n    except Refused:\n        return\n"
    again = "    try:\n        pay()\n    except Refused as why:\n        raise Other from why\n"
    path = tmp_path / "a.py"
    monkeypatch.setattr(f"{__name__}.relative", lambda path: path.name)
    for text, found in ((guarded, []), (again, []), (bare, ["a.py:5: pay"])):
        path.write_text(f"{action}def work():\n{text}")
        assert caught(path) == found
