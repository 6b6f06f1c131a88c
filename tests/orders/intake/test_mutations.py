"""Messages with one field damaged: never cheaper, shorter, further along or somebody else's without a word.

`make mutations` (MUTATIONS=20000) tries as many of each; every run tries a few hundred.
"""

import copy
import itertools
import os
import random
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order
from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.mutations import (
    FIELDS,
    READERS,
    SWAPS,
    damages,
    is_held,
    numbers,
    read_cells,
    read_csv,
    read_xlsx,
    rows_of_file,
    texts,
    what,
    what_and_when,
    with_segment,
)

MUTATIONS = int(os.environ.get("MUTATIONS", "300"))


def tried(share: int = 1):
    """Settings for so many examples, or a share of them where one costs more."""
    return settings(
        max_examples=max(20, MUTATIONS // share),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )


many = tried()


def silently_other(read, base, what=what):
    """What a damaged message is taken for, where that is neither what was meant, nor held, nor refused."""
    try:
        found = read()
    except Unreadable:
        return None
    orders = [statement.order for statement in found]
    if any(map(is_held, orders)) or not orders:
        return None
    if [what(order) for order in orders] == [what(order) for order in base]:
        return None if [s.paid for s in found] == [0] * len(found) else "paid"
    return [what(order) for order in orders]


@pytest.mark.parametrize("notation", sorted(READERS))
@many
@given(data=st.data())
def test_one_damaged_field_is_held_refused_or_harmless(notation, data):
    fields = FIELDS | ({"status": "pending"} if notation == "file" else {})
    field = data.draw(st.sampled_from(sorted(fields)))
    spoilt = damages(field, fields[field], data.draw(st.integers(0, 9)))
    kind = data.draw(st.sampled_from(sorted(spoilt)))
    (base,) = READERS[notation](FIELDS)
    assert not is_held(base.order)

    other = silently_other(
        lambda: READERS[notation](fields | {field: spoilt[kind]}), [base.order], what_and_when
    )

    assert other is None, (field, kind, spoilt[kind], other)


@pytest.mark.parametrize("notation", sorted(READERS))
@pytest.mark.parametrize(("one", "other"), SWAPS)
def test_two_fields_that_changed_places_are_held_or_refused(notation, one, other):
    (base,) = READERS[notation](FIELDS)
    spoilt = FIELDS | {one: FIELDS[other], other: FIELDS[one]}

    found = silently_other(lambda: READERS[notation](spoilt), [base.order])

    assert found is None, (one, other, found)


@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("notation", ["x12", "edifact", "ubl"])
@many
@given(seed=st.integers(0, 10**6))
def test_a_segment_that_is_lost_or_there_twice_is_held_refused_or_harmless(notation, twice, seed):
    (base,) = READERS[notation](FIELDS)
    segment, read = with_segment(notation, random.Random(seed), twice=twice)

    found = silently_other(read, [base.order])

    assert found is None, (segment, found)


def three_orders():
    """The rows of three orders of two lines each, by order."""
    people = ("Tea House Berlin", "Kaffee Haus", "Ünal & Söhne")
    return [
        rows_of_file(FIELDS | {"number": f"PO-{n}", "name": name}) for n, name in enumerate(people)
    ]


COLUMNS = [
    "number",
    "currency",
    "name",
    "street",
    "city",
    "code",
    "country",
    "sku1",
    "quantity1",
    "unit1",
    "price1",
    "total",
    "status",
    "email",
]


@pytest.mark.parametrize(
    ("read", "share"),
    [(read_cells, 1), (read_csv, 2), (read_xlsx, 10)],
    ids=["rows", "csv", "xlsx"],
)
def test_one_damaged_cell_of_a_file_is_no_other_orders_loss(read, share):
    base = [statement.order for statement in read(list(itertools.chain(*three_orders())))]
    assert len(base) == 3
    assert not any(map(is_held, base))

    @tried(share)
    @given(data=st.data())
    def one_cell(data):
        rows = copy.deepcopy(list(itertools.chain(*three_orders())))
        row, column = data.draw(st.integers(0, 5)), data.draw(st.integers(0, 12))
        was = rows[row][column]
        spoilt = damages(COLUMNS[column], was, data.draw(st.integers(0, 9)))
        kind = data.draw(st.sampled_from(sorted(spoilt)))
        if COLUMNS[column] == "number" and kind not in {"blank", "blanks"}:
            return  # another order's number makes another order, and says so by its total
        rows[row][column] = spoilt[kind]
        other = silently_other(lambda: read(rows), base)
        assert other is None, (row, COLUMNS[column], kind, spoilt[kind], other)

    one_cell()


@pytest.mark.parametrize("read", [read_cells, read_csv, read_xlsx])
def test_a_row_that_is_lost_or_there_twice_is_held(read):
    for at in range(6):
        for twice in (False, True):
            rows = list(itertools.chain(*three_orders()))
            rows[at : at + 1] = [rows[at]] * 2 if twice else []
            found = read(rows)
            assert len(found) == 3
            assert sum(is_held(s.order) for s in found) == 1, (at, twice)


@pytest.mark.parametrize("status", ["pa1d", "paid?", "PAID\u200b!", "refund", "0"])
def test_a_state_that_nobody_knows_is_not_the_best_one(status):
    (found,) = READERS["file"](FIELDS | {"status": status})
    assert found.paid == 0
    assert is_held(found.order)


SHOP = Catalogue([Good("POT-009", "Teapot"), Good("MUG-007", "Mug"), Good("TEA-018", "Tea")])


ASKED = {"POT-009": 3, "MUG-007": 2, "TEA-018": 5}
LETTERS = {
    "one sentence": "Please send 3 x POT-009, 2 x MUG-007 and 5 x TEA-018 to us.",
    "lines": "Hello,\n\nwe need:\n3 x POT-009\n2 x MUG-007\n5 x TEA-018\n\nKind regards\nAnn Lee",
    "units": "- POT-009: 3 pcs\n- MUG-007: 2 pcs\n- TEA-018: 5 pcs",
    "table": "POT-009\tqty 3\nMUG-007\tqty 2\nTEA-018\tqty 5",
    "chinese": "您好，我要订：\nPOT-009 3个\nMUG-007 2个\nTEA-018 5个\n谢谢",
}
# Whole words of a letter that are quantities and codes.
WORDS = [(code, str(units)) for code, units in ASKED.items()]


def asked_of(letter):
    found = {}
    for line in letter.lines:
        found[line.sku] = found.get(line.sku, 0) + line.quantity
    return found


@pytest.mark.parametrize("style", sorted(LETTERS))
def test_a_letter_is_read(style):
    assert asked_of(read_email_order(LETTERS[style], SHOP, date(2026, 3, 1))) == ASKED


@pytest.mark.parametrize("style", sorted(LETTERS))
@many
@given(st.sampled_from([word for pair in WORDS for word in pair]), st.integers(0, 8), st.data())
def test_one_damaged_word_of_a_letter_is_named(style, word, at, data):
    text = LETTERS[style]
    spoilt = texts(word, min(at, len(word)))
    if word.isdecimal():
        spoilt |= numbers(word, min(at, len(word)))
    else:
        spoilt |= {"other": "NOPE-77", "small": word.lower(), "apart": word.replace("-", " ")}
        spoilt |= {"letter": word.replace("0", "O", 1), "shorter": word[:-1]}
    kind = data.draw(st.sampled_from(sorted(spoilt)))
    letter = read_email_order(text.replace(word, spoilt[kind], 1), SHOP, date(2026, 3, 1))

    if asked_of(letter) != ASKED:
        named = {issue.code for issue in letter.issues} - {"address_missing"}
        assert named, (word, kind, spoilt[kind], asked_of(letter))


@pytest.mark.parametrize("style", ["lines", "units", "table", "chinese"])
@pytest.mark.parametrize("line", ["POT-009", "MUG-007", "TEA-018"])
def test_a_line_of_a_letter_that_is_there_twice_is_no_fewer(style, line):
    rows = LETTERS[style].split("\n")
    at = next(n for n, row in enumerate(rows) if line in row)
    letter = read_email_order("\n".join([*rows[:at], rows[at], *rows[at:]]), SHOP, date(2026, 3, 1))

    asked = asked_of(letter)
    assert all(asked.get(sku, 0) >= units for sku, units in ASKED.items())
