"""SQL that is given a list works with an empty one: PostgreSQL knows no type of `'{}'` by itself.

`unnest(%s)` without a cast failed every thirty seconds for ever where the next customers had no Latin name.
"""

import re

from tests.architecture import guards
from tests.architecture.each import of_each

LIST = r"%(?:\(\w+\))?s"
IN_LIST = re.compile(rf"\bIN\s*\(?\s*{LIST}")  # `IN ()` is no SQL
UNNESTED = re.compile(r"unnest\(((?:[^()]|\(\w*\))*)\)", re.I)
UNTYPED = re.compile(rf"{LIST}(?!::)")


def untyped(text: str) -> list[str]:
    """Places of SQL that fail for an empty list."""
    found = [m[0] for m in UNNESTED.finditer(text) if UNTYPED.search(m[1])]
    return [*found, *(m[0] for m in IN_LIST.finditer(text))]


@of_each(guards.modules("demo", "bench", *guards.APPS, "erp"))
def test_lists_have_a_type_in_sql(module):
    assert untyped(module.read_text()) == []


def test_a_list_without_a_type_is_found():
    assert untyped("SELECT unnest(%s)") == ["unnest(%s)"]
    assert untyped("FROM unnest(%(ids)s::bigint[], %(units)s) v")
    assert untyped("WHERE id IN %s")
    assert untyped("unnest(%s::text[]), = ANY (%s), unnest(names)") == []
