"""A subquery that locks and counts stands in a WITH: in `id IN (SELECT … LIMIT 1 FOR UPDATE)` it may run once a row.

Run again after its row was written it skips that row and takes the next one, so that LIMIT 1 took two. Which plan
PostgreSQL chooses depends on its statistics. A query of a WITH that locks runs once (PostgreSQL's manual, 7.8.3).
"""

import re
from collections.abc import Iterator

from tests.architecture import guards
from tests.architecture.each import of_each

ASKED = re.compile(r"(?:\bIN|\bANY|\bEXISTS|=)\s*\(\s*SELECT\b", re.I)
COUNTS = re.compile(r"\bLIMIT\b", re.I)
LOCKS = re.compile(r"\bFOR (?:NO KEY )?UPDATE\b", re.I)


def subqueries(text: str) -> Iterator[str]:
    """Subqueries of conditions, each up to the bracket that closes it."""
    for found in ASKED.finditer(text):
        begin = text.index("(", found.start())
        depth = 0
        for place in range(begin, len(text)):
            depth += {"(": 1, ")": -1}.get(text[place], 0)
            if not depth:
                yield text[begin : place + 1]
                break


def repeated(text: str) -> list[str]:
    """Subqueries that lock another row each time they run."""
    return [one for one in subqueries(text) if COUNTS.search(one) and LOCKS.search(one)]


@of_each(
    [*guards.modules("demo", "bench", *guards.APPS, "erp"), *guards.ROOT.glob("*/**/sql/*.sql")]
)
def test_no_condition_locks_so_many_rows(file):
    assert repeated(file.read_text()) == []


def test_the_law_finds_what_it_is_for():
    assert repeated(
        "UPDATE t SET a = 1 WHERE id IN (\n SELECT id FROM t WHERE f(a) LIMIT 1 FOR UPDATE SKIP LOCKED)"
    )
    assert repeated("DELETE FROM t WHERE id = ANY(SELECT id FROM t LIMIT 5 FOR NO KEY UPDATE)")
    assert not repeated(
        "WITH due AS (SELECT id FROM t LIMIT 1 FOR UPDATE) UPDATE t SET a = 1 FROM due"
    )
    assert not repeated(
        "SELECT id FROM o WHERE id IN (SELECT id FROM h LIMIT 3) ORDER BY id LIMIT 1 FOR UPDATE"
    )
