"""Several names of a line's goods: they are one article of ours, or a person looks."""

import pytest

from inventory.models import Barcode, Sku
from orders.models import Hold, Order
from tests.orders.intake.edi.test_notations import edifact_of, x12_of
from tests.orders.samples import INTERCHANGE

HEAD = INTERCHANGE.decode().partition("PO1*")[0]
EDI_HEAD = (
    "UNA:+.? 'UNB+UNOC:3+400:14+401:14+261120:1000+1'UNH+1+ORDERS:D:96A:UN'BGM+220+E-1+9'"
    "NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'CUX+2:EUR:9'"
)


def x12_body(pairs):
    return f"{HEAD}PO1*1*2*EA*5**{pairs}~CTT*1~SE*9*0001~GE*1*2~IEA*1*000000055~".encode()


def edifact_body(names):
    return f"{EDI_HEAD}LIN+1{names}'QTY+21:2'PRI+AAA:5'UNS+S'UNT+9+1'UNZ+1+1'".encode()


def ubl_body(names):
    ids = "".join(
        f"<{kind}ItemIdentification><ID>{name}</ID></{kind}ItemIdentification>"
        for kind, name in names
    )
    return (
        "<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>"
        "<DocumentCurrencyCode>CNY</DocumentCurrencyCode><OrderLine><LineItem><ID>1</ID><Quantity>2</Quantity>"
        f"<Price><PriceAmount>5</PriceAmount></Price><Item>{ids}</Item></LineItem></OrderLine></Order>"
    ).encode()


NAMED = [
    (x12_body("VP*TEA-001*VN*POT-9"), True),
    (x12_body("SK*POT-9*VP*TEA-001"), True),
    (x12_body("VP*TEA-001*UP*4006381333931"), True),
    (x12_body("VP*TEA-001*VN*TEA-001"), False),
    (x12_body("VP*POT-9*UP*4006381333931"), False),
    (x12_body("VP*TEA-001*BP*999"), False),
    (x12_body("VP*TEA-001*VN*unknown"), False),
    (edifact_body("'PIA+5+POT-9:SA'PIA+1+TEA-001:IN"), True),
    (edifact_body("++4006381333931:EN'PIA+5+TEA-001:SA"), True),
    (edifact_body("++4006381333931:EN'PIA+5+POT-9:SA+999:IN"), False),
    (ubl_body([("Sellers", "TEA-001"), ("Buyers", "POT-9")]), True),
    (ubl_body([("Sellers", "TEA-001"), ("Standard", "4006381333931")]), True),
    (ubl_body([("Sellers", "POT-9"), ("Standard", "4006381333931"), ("Buyers", "999")]), False),
]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("body", "is_held"), NAMED)
def test_names_of_two_articles_of_ours_hold(handed, laws_hold, body, is_held):
    pot = Sku.objects.create(code="POT-9", name="Pot")
    Barcode.objects.create(sku=pot, code="4006381333931", units=1)
    assert handed(body).status == "processed"
    order = Order.objects.get()
    assert order.holds.filter(reason="goods_unclear").exists() == is_held
    assert order.status == "pending" or not is_held
    assert not is_held or Hold.objects.filter(order=order, released_at=None).exists()
    laws_hold()


@pytest.mark.parametrize(
    ("names", "is_held"),
    [("VP*A*VP*B", True), ("VP*A*VP*A", False), ("VP*A*VN*B", False), ("UP*1*UP*2", False)],
)
def test_two_numbers_of_ours_of_one_kind_hold_in_x12(names, is_held):
    doubts = ["goods_unclear:PO1 1"] if is_held else []
    assert x12_of(f"PO1*1*2*EA*5**{names}").doubts == doubts


@pytest.mark.parametrize(
    ("segments", "is_held"),
    [
        (("LIN+1", "PIA+5+B:SA+A:SA"), True),
        (("LIN+1", "PIA+5+B:SA", "PIA+1+A:SA"), True),
        (("LIN+1", "PIA+5+A:SA", "PIA+1+A:SA"), False),
        (("LIN+1", "PIA+5+A:SA+B:IN"), False),
    ],
)
def test_two_numbers_of_ours_of_one_kind_hold_in_edifact(segments, is_held):
    doubts = ["goods_unclear:LIN 1"] if is_held else []
    assert edifact_of(*segments, "QTY+21:2", "PRI+AAA:5").doubts == doubts
