"""What a scan means: GS1 element strings, cases, pieces, bins, and everything else."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inventory.floor.scans import counted_in, find_scanned, read_label
from inventory.models import Barcode, Sku

GTIN = "06901234567892"


@pytest.mark.parametrize(
    ("text", "code", "lot", "expires_on", "serial", "units"),
    [
        (f"(01){GTIN}(17)310228(10)B8", GTIN, "B8", date(2031, 2, 28), "", 0),
        (
            f"01{GTIN}1731020010B8\x1d21S1",
            GTIN,
            "B8",
            date(2031, 2, 28),
            "S1",
            0,
        ),  # day 00: the last
        (f"]C101{GTIN}10AB-1\x1d3012", GTIN, "AB-1", None, "", 12),
        (f"]d201{GTIN}21XYZ", GTIN, "", None, "XYZ", 0),
        ("6901234567892", "6901234567892", "", None, "", 0),
        ("TEA-001", "TEA-001", "", None, "", 0),
        ("0100", "0100", "", None, "", 0),
        ("(not) a label", "(not) a label", "", None, "", 0),
    ],
)
def test_labels(text, code, lot, expires_on, serial, units):
    label = read_label(text)

    assert (label.code, label.lot, label.expires_on) == (code, lot, expires_on)
    assert (label.serial, label.units) == (serial, units)


@example("]Y:")
@given(
    st.builds(
        str.__add__,
        st.sampled_from(["", "]", "]C1", "]d2", "(01)", "(17)", f"01{GTIN}17", "(30)"]),
        st.text(max_size=80) | st.text("0123456789()]\x1dCd", max_size=40),
    )
)
@example("]")
def test_nothing_scanned_breaks_the_reader(text):
    assert isinstance(read_label(text).code, str)


@pytest.mark.django_db(transaction=True)
def test_a_scan_in_a_warehouse(shop):
    pot = Sku.objects.get(code="POT-001")
    Sku.objects.filter(pk=pot.pk).update(barcode="6901234567892")
    Barcode.objects.create(sku=pot, code="16901234567899", units=6)

    by_gtin = find_scanned(f"(01){GTIN}(10)B8", shop.east)
    case = find_scanned("16901234567899", shop.east)

    assert (by_gtin.kind, by_gtin.sku, by_gtin.units, by_gtin.label.lot) == (
        "sku",
        pot,
        1,
        "B8",
    )
    assert (case.sku, case.units) == (pot, 6)
    assert find_scanned("MAIN", shop.east).kind == "bin"
    assert find_scanned("WRAPPED", shop.east).kind == "unknown"
    rows = counted_in(counted_in(counted_in([], by_gtin), case), case)
    assert [(row.lot, row.units) for row in rows] == [("", 12), ("B8", 1)]
    piece = find_scanned(f"(01){GTIN}(21)S1", shop.east)
    once = counted_in([], piece)
    assert counted_in(once, piece) == once
