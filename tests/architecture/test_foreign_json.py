"""Whoever reads JSON that may be none foresees all that is raised over it."""

import ast
from collections.abc import Iterator

from tests.architecture import guards

# What each may be by the names that handlers give: bytes that are no UTF-8 raised what no handler named, and a
# provider's webhook failed over one.
FORESEEN = {"MsgspecError", "DecodeError"}, {"UnicodeDecodeError", "ValueError"}, {"RecursionError"}


def attempts(tree: ast.Module) -> Iterator[ast.Try]:
    """The attempts whose own body decodes JSON by msgspec."""
    has_own = "msgspec.json.Decoder(" in ast.unparse(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Try):
            said = "".join(ast.unparse(one) for one in node.body)
            if "msgspec.json.decode(" in said or (has_own and "decoder.decode(" in said):
                yield node


def is_foreseen(attempt: ast.Try) -> bool:
    names = {
        part.id if isinstance(part, ast.Name) else part.attr
        for handler in attempt.handlers
        for part in ast.walk(handler.type or ast.Name("Exception"))
        if isinstance(part, ast.Name | ast.Attribute)
    }
    return "NO_JSON" in names or all(names & one for one in FORESEEN)


def test_whoever_reads_json_foresees_what_is_raised_over_it():
    found = {
        guards.relative(module): [is_foreseen(one) for one in attempts(guards.tree_of(module))]
        for module in guards.modules()
    }
    assert sum(map(len, found.values())) >= 9
    assert [name for name, those in found.items() if not all(those)] == []


def test_a_handler_that_forgets_one_is_found():
    for handler, is_so in {
        "except (msgspec.MsgspecError, RecursionError): pass": False,
        "except (msgspec.DecodeError, UnicodeDecodeError, RecursionError): pass": True,
        "except NO_JSON: pass": True,
        "except (*NO_JSON, KeyError): pass": True,
    }.items():
        tree = ast.parse(f"try:\n    msgspec.json.decode(b)\n{handler}")
        assert [is_foreseen(one) for one in attempts(tree)] == [is_so]
