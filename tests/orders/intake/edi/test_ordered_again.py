"""A replacement that comes after the cancel waits for a person, in every notation that has one."""

import pytest

from orders.models import Order
from tests.orders.intake.edi.test_versions import edifact_version, x12_version

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("version", "codes"),
    [(x12_version, ("00", "01", "05")), (edifact_version, ("9", "1", "5"))],
)
def test_a_replacement_after_the_cancel_waits(handed, laws_hold, version, codes):
    original, cancel, replacement = codes
    handed(version(original, 2, control="101"))
    handed(version(cancel, 2, control="102"))
    assert Order.objects.get().status == "cancelled"
    message = handed(version(replacement, 3, control="103"))
    assert (message.status, message.cause) == ("held", "ordered_again")
    assert Order.objects.get().status == "cancelled"
    laws_hold()
