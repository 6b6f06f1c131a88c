"""What a form carries along to guard a change is no guard any more where it cannot be read: it is refused."""

from decimal import Decimal

import pytest

from erp.errors import Invalid
from inventory.desk.views import _instant
from orders.changes.change_views import _version, amount_of

UNREADABLE = ["x", "1,5", "NaN", "Infinity", "--", "1e", "2026-13-45", "२०.x"]


@pytest.mark.parametrize("read", [amount_of, _version, _instant])
def test_nothing_is_nothing_and_what_cannot_be_read_is_refused(read):
    assert read("") is None
    assert read("  ") is None
    for text in UNREADABLE:
        with pytest.raises(Invalid):
            read(text)


def test_what_can_be_read_is_kept():
    assert amount_of(" 12.50 ") == Decimal("12.50")
    assert _version("7") == 7
    assert str(_instant("2026-03-01")).startswith("2026-03-01 23:59:59")
    assert str(_instant("2026-03-01T10:00")).startswith("2026-03-01 10:00")
