"""Every verb on a channel asks whose channel it is, whoever calls it: an edge that forgets lets nobody through."""

import ast
from functools import cache

import pytest

from erp.access.key_purposes import OF_SCOPES, PURPOSES
from erp.access.roles import rights_of
from tests.architecture import guards

ASKS = {"require_channel"}
# Rights that no key has, so that who has them is of no channel.
OF_PEOPLE = {"settings.edit"}


@cache
def functions() -> tuple[tuple[str, ast.FunctionDef], ...]:
    """The functions of the house outside its edges, each with its module's path."""
    return tuple(
        (guards.relative(path), node)
        for path in guards.modules("erp", *guards.APPS)
        if not guards.is_edge(path)
        for node in guards.tree_of(path).body
        if isinstance(node, ast.FunctionDef)
    )


def takes_a_channel(node: ast.FunctionDef) -> bool:
    """Whether a verb is told a channel, by whatever name, and who acts."""
    given = [*node.args.args, *node.args.kwonlyargs]
    names = {one.arg for one in given}
    acts = any(one.arg == "by" and ast.unparse(one.annotation or one) == "Actor" for one in given)
    return acts and bool(names & {"channel", "channel_id"}) and not node.name.startswith("_")


def used(node: ast.FunctionDef) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def rights(node: ast.FunctionDef) -> set[str]:
    """The rights that a verb asks for in so many words."""
    calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    return {
        str(call.args[1].value)
        for call in calls
        if ast.unparse(call.func) == "require" and isinstance(call.args[1], ast.Constant)
    }


@cache
def asking() -> set[tuple[str, str]]:
    """Functions that ask whose channel it is, themselves or by one of their own module's or of their own kind."""
    found = {(path, node.name) for path, node in functions() if used(node) & ASKS}
    size = 0
    while len(found) > size:
        size = len(found)
        public = {name for _path, name in found if name.startswith("place_")}
        found |= {
            (path, node.name)
            for path, node in functions()
            if any((path, name) in found or name in public for name in used(node))
        }
    return found


def verbs() -> dict[tuple[str, str], ast.FunctionDef]:
    return {(path, node.name): node for path, node in functions() if takes_a_channel(node)}


def test_every_verb_on_a_channel_asks_whose_it_is():
    silent = {
        name
        for name, node in verbs().items()
        if name not in asking() and not rights(node) & OF_PEOPLE
    }
    assert silent == set()
    assert {
        ("inventory/channels/actions.py", "save_feed"),
        ("inventory/channels/actions.py", "list_skus"),
        ("inventory/stock/actions/policies.py", "set_allotment"),
        ("erp/events/webhooks.py", "create_endpoint"),
        ("orders/placement/actions/place.py", "place_order"),
    } <= verbs().keys()


def test_a_verb_that_forgets_it_is_found():
    planted = ast.parse("def tell(*, channel_id: int, by: Actor): Feed.objects.get(pk=channel_id)")
    assert isinstance(planted.body[0], ast.FunctionDef)
    assert takes_a_channel(planted.body[0])
    assert not used(planted.body[0]) & ASKS


@pytest.mark.parametrize("right", sorted(OF_PEOPLE))
def test_no_key_has_a_right_of_people(right):
    for purpose in (*PURPOSES.values(), OF_SCOPES):
        assert right not in rights_of(purpose.role), purpose.role
