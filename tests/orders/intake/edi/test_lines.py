"""Lines of purchase orders: how many pieces they are of, and which of them is which."""

from decimal import Decimal

import pytest

from orders.intake.messages.foreign_json import Unreadable
from tests.orders.intake.edi.test_notations import edifact_of, ubl_line, ubl_of, x12_of

# (what is ordered, what else QTY says) → pieces, whether a person has to look.
QUANTITIES = [
    (("21:3:CT", "59:12"), 36, False),
    (("21:3:CT", "52:12:PCE"), 36, False),
    (("21:3:CT", "52:12:PCE", "59:12"), 36, False),
    (("59:12", "21:3:CT"), 36, False),  # whichever comes first
    (("21:12:PCE", "52:6"), 12, False),  # pieces stay pieces, however they are packed
    (("21:12", "52:6"), 12, False),
    (("21:12:PCE", "59:1"), 12, False),
    (("21:2:DZN", "59:12"), 24, False),
    (("21:12:PCE", "59:6"), 12, True),  # twelve pieces, or twelve traded units of six?
    (("21:12", "59:6"), 12, True),
    (("21:2:DZN", "59:6"), 24, True),
    (("21:3:CT", "52:12", "59:6"), 3, True),  # they disagree
    (("21:3:CT", "59:12", "59:6"), 3, True),
    (("21:3:PX", "52:4:CT"), 3, True),  # four cartons: of how many?
    (("21:3:CT",), 3, True),
    (("21:12:BOU", "59:6:PCE"), 12, True),  # no package that anybody knows: never 72
    (("21:12:KGM", "52:6"), 12, True),
    (("21:3:CT", "52:0"), 3, True),
    (("21:3:CT", "192:1"), 3, True),
]


@pytest.mark.parametrize(("said", "pieces", "is_held"), QUANTITIES)
def test_what_is_ordered_in_which_unit_is_decided_by_code_or_asked(said, pieces, is_held):
    order = edifact_of("LIN+1++A", *(f"QTY+{each}" for each in said), "PRI+AAA:60.00")

    assert sum(line.quantity for line in order.lines) == pieces
    assert bool(order.doubts) == is_held


@pytest.mark.parametrize("unit", ["LB", "KGM", "SET", "BOU", "?"])
def test_a_pack_makes_pieces_of_packages_alone(unit):
    doubt = [f"unit_of_measure:{unit}"]
    assert x12_of(f"PO1*1*10*{unit}*6**VP*A", "PO4*12").doubts == doubt
    packed = ubl_line(f"<Quantity unitCode='{unit}'>10</Quantity>")
    packed = packed.replace("<Item>", "<Item><PackSizeNumeric>12</PackSizeNumeric>")
    assert ubl_of(packed).doubts == doubt


def test_a_pack_that_is_said_twice_and_differently_is_asked_about():
    for again, doubts in (("PO4*12", []), ("PO4*6", ["quantity_unclear:PO4 1"])):
        assert x12_of("PO1*1*10*CA*6**VP*A", "PO4*12", again).doubts == doubts


def x12_lines(numbers):
    return x12_of(*(f"PO1*{key}*{n}*EA*5**VP*A{n}" for n, key in enumerate(numbers, 1)))


def edifact_lines(numbers):
    parts = ((f"LIN+{key}++A{n}", f"QTY+21:{n}", "PRI+AAA:5") for n, key in enumerate(numbers, 1))
    return edifact_of(*(segment for part in parts for segment in part))


def ubl_lines(numbers):
    lines = (
        ubl_line(f"<Quantity>{n}</Quantity>").replace("<ID>1</ID>", f"<ID>{key}</ID>", 1)
        for n, key in enumerate(numbers, 1)
    )
    return ubl_of("".join(lines))


@pytest.mark.parametrize("order_of", [x12_lines, edifact_lines, ubl_lines])
@pytest.mark.parametrize(
    ("numbers", "is_held"),
    [
        (("", ""), False),
        (("", "", ""), False),
        (("10", "", "20"), False),
        (("2", "", ""), False),  # the position of the second is the number of the first
        (("1", "1"), True),
        (("1", "1", "1"), True),
        (("", "1"), False),
        (("x" * 70 + "1", "x" * 70 + "2"), True),  # told from each other by what is cut
    ],
)
def test_every_line_has_a_key_of_its_own(order_of, numbers, is_held):
    order = order_of(numbers)

    keys = [line.key for line in order.lines]
    assert len(set(keys)) == len(numbers)
    assert all(0 < len(key) <= 60 for key in keys)
    assert [line.quantity for line in order.lines] == list(range(1, len(numbers) + 1))
    assert any(x.startswith("line_number_repeated") for x in order.doubts) == is_held
    again = [line.key for line in order_of(numbers).lines]
    assert keys == again


def test_an_ordered_quantity_that_is_said_twice_is_refused():
    with pytest.raises(Unreadable, match="said_twice"):
        edifact_of("LIN+1++A", "QTY+21:3", "QTY+21:4")


# (pack, inner, size, unit of the size) → how many pieces are in a case; None: it may be two numbers.
CASES = [
    (("1", "", "12", "EA"), 12),
    (("1", "", "12", "PC"), 12),
    (("1", "", "12", "ea"), 12),
    (("", "", "12", "EA"), 12),
    (("12", "", "1", "EA"), 12),
    (("12", "", "", ""), 12),
    (("4", "6", "", ""), 24),
    (("4", "6", "1", "EA"), 24),
    (("12", "", "16.9", "FO"), 12),
    (("12", "", "1", "BO"), 12),
    (("1", "", "1", "DZ"), 12),
    (("12", "", "6", "EA"), None),
    (("12", "", "12", "EA"), None),
    (("2", "6", "6", "EA"), None),
    (("12", "", "6", ""), None),
    (("1", "", "12", ""), None),
    (("12", "", "1", "CA"), None),
    (("12", "", "6", "BO"), None),
    (("", "", "", ""), None),
]


@pytest.mark.parametrize("unit", ["CA", "CS", "CT", "BX", "PK"])
@pytest.mark.parametrize(("packed", "pieces"), CASES)
def test_a_case_of_x12_holds_what_it_says_or_a_person_is_asked(unit, packed, pieces):
    packs, inner, size, of = packed
    po4 = f"PO4*{packs}*{size}*{of}" + ("*" * 11 + inner if inner else "")
    order = x12_of(f"PO1*1*2*{unit}*17.70*PE*VP*A", po4)
    assert bool(order.doubts) == (pieces is None)
    assert order.lines[0].quantity == 2 * (pieces or 1)
    assert order.lines[0].unit_price == Decimal("17.7")
    in_pieces = x12_of("PO1*1*2*EA*17.70*PE*VP*A", po4)
    assert (in_pieces.doubts, in_pieces.lines[0].quantity) == ([], 2)


@pytest.mark.parametrize(
    ("packed", "pieces"),
    [
        ("<PackSizeNumeric>6</PackSizeNumeric>", 6),
        ("<PackQuantity unitCode='EA'>6</PackQuantity>", 6),
        ("<PackQuantity>6</PackQuantity>", 6),
        ("<PackQuantity unitCode='CT'>1</PackQuantity><PackSizeNumeric>6</PackSizeNumeric>", 6),
        ("<PackQuantity unitCode='EA'>6</PackQuantity><PackSizeNumeric>1</PackSizeNumeric>", 6),
        ("<PackQuantity unitCode='EA'>6</PackQuantity><PackSizeNumeric>4</PackSizeNumeric>", None),
        ("<PackQuantity unitCode='CT'>6</PackQuantity>", None),
        ("<PackQuantity unitCode='CT'>1</PackQuantity>", None),
        ("", None),
    ],
)
def test_a_carton_of_ubl_holds_what_it_says_or_a_person_is_asked(packed, pieces):
    line = ubl_line("<Quantity unitCode='CT'>2</Quantity>").replace("<Item>", f"<Item>{packed}")
    order = ubl_of(line)
    assert bool(order.doubts) == (pieces is None)
    assert order.lines[0].quantity == 2 * (pieces or 1)


LINES = ("PO1*1*2*EA*5**VP*A", "PO1*2*3*EA*5**VP*B")


@pytest.mark.parametrize(
    ("total", "is_right"), [("5", True), ("", True), ("999", False), ("2", False)]
)
def test_a_sum_of_quantities_that_is_stated_is_that_of_its_lines(total, is_right):
    doubts = [] if is_right else ["totals_differ:quantities"]
    assert x12_of(*LINES, f"CTT*2*{total}").doubts == doubts
    parts = ("LIN+1++A", "QTY+21:2", "PRI+AAA:5", "LIN+2++B", "QTY+21:3", "PRI+AAA:5", "UNS+S")
    control = (f"CNT+1:{total}",) if total else ()
    assert edifact_of(*parts, *control, "CNT+2:2").doubts == doubts


def test_a_hash_total_may_leave_out_decimal_points():
    line = "PO1*1*2.0*EA*5**VP*A"
    for total, doubts in (("2", []), ("20", []), ("3", ["totals_differ:quantities"])):
        assert x12_of(line, f"CTT*1*{total}").doubts == doubts


def test_an_amount_of_ubl_has_a_currency():
    with pytest.raises(Unreadable, match="no_currency"):
        ubl_of(ubl_line(), head="")
    assert ubl_of(ubl_line(price=""), head="").currency == "CNY"  # nothing that it could be of
