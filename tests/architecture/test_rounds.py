"""Periodic work does each row for itself: no action stands in a bare loop, where one row stops all behind it."""

import ast
from collections.abc import Iterator

from tests.architecture.guards import ROOT, modules

LOOPS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Loops that may stop at a row, and why.
MAY_STOP = {
    "erp/jobs/runner.py": "a job stops with its place kept, is tried again and then fails, told",
    "erp/parked/jobs.py": "what one person asked for, a thousand at a time; the rest stays parked",
    "erp/jobs/sheets.py": "a job, likewise",
    "erp/privacy/jobs.py": "a job, likewise",
    "orders/intake/files/jobs.py": "a job, likewise",
    "returns/history/jobs.py": "a job, likewise",
    "erp/privacy/register.py": "of a restore, which fails where somebody cannot be erased again",
    "inventory/channels/gateway.py": "the pages of one channel's stock, in their order",
    "orders/intake/inbox/views.py": "what one person chose on a page",
    "orders/intake/mail/gateway.py": "the mails of one mailbox, in their order: the next turn goes on from there",
    "orders/intake/shops/gateway.py": "the orders of one shop, likewise",
    "orders/rehearsal/apply.py": "the tries of one page",
}


def bare(node: ast.AST, in_loop: bool = False) -> Iterator[int]:
    """Lines that perform an action in a loop, and that neither a function of its own nor a try holds."""
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        in_loop = False
    held: list[ast.stmt] = []
    if isinstance(node, ast.Try) and any(
        isinstance(h.type, ast.Name) and h.type.id == "Exception" for h in node.handlers
    ):
        held = node.body
    called = node.func if isinstance(node, ast.Call) else None
    if in_loop and isinstance(called, ast.Name) and called.id.startswith("perform"):
        yield called.lineno
    for child in ast.iter_child_nodes(node):
        repeated = isinstance(node, LOOPS) or (isinstance(node, ast.For) and child in node.body)
        yield from bare(child, False if child in held else in_loop or repeated)


def test_a_row_that_raises_stops_no_other():
    """`age_unpaid` said "each order for itself", and one that raised left all behind it unpaid and unreminded."""
    found = {
        str(path.relative_to(ROOT)) for path in modules() if [*bare(ast.parse(path.read_text()))]
    }
    assert found == set(MAY_STOP)


def test_the_law_finds_what_it_is_for():
    source = "def age():\n    for pk in due():\n        perform(end, order_id=pk)\n"
    assert [*bare(ast.parse(source))] == [3]
    assert [*bare(ast.parse("made = [perform(a, pk=pk) for pk in due()]"))] == [1]
    assert not [
        *bare(ast.parse("with by_rows('x') as t:\n    t.each(due(), lambda pk: perform(a, pk=pk))"))
    ]
