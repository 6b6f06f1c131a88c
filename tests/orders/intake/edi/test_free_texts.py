"""Free texts of purchase orders: none is lost, and what objects to sending holds."""

import pytest

from tests.orders.intake.edi.test_notations import edifact_of, ubl_line, ubl_of, x12_of

X12 = {
    "NTE": (("NTE*GEN*{}", "PO1*1*2*EA*5**VP*A"), ""),
    "MTX": (("MTX*GEN*{}", "PO1*1*2*EA*5**VP*A"), ""),
    "MSG": (("N9*L1*x", "MSG*{}", "PO1*1*2*EA*5**VP*A"), ""),
    "N9": (("N9*L1*x*{}", "PO1*1*2*EA*5**VP*A"), ""),
    "line NTE": (("PO1*7*2*EA*5**VP*A", "NTE*LIN*{}"), "7: "),
    "line MTX": (("PO1*7*2*EA*5**VP*A", "MTX*LIN*{}"), "7: "),
    "line MSG": (("PO1*7*2*EA*5**VP*A", "PID*F****Tea", "N9*L1*x", "MSG*{}"), "7: "),
    "behind": (("PO1*7*2*EA*5**VP*A", "CTT*1", "NTE*GEN*{}"), ""),
}
EDIFACT = {
    "head": (("FTX+AAI+++{}", "LIN+1++A", "QTY+21:2", "PRI+AAA:5"), ""),
    "line": (("LIN+7++A", "QTY+21:2", "FTX+LIN+++{}", "PRI+AAA:5"), "7: "),
    "code": (("FTX+PUR+1+{}", "LIN+1++A", "QTY+21:2", "PRI+AAA:5"), ""),
}
NOTE = "<Note>{}</Note>"
CURRENCY = "<DocumentCurrencyCode>EUR</DocumentCurrencyCode>"
UBL = {
    "head": (ubl_line(), CURRENCY + NOTE, ""),
    "line": (ubl_line().replace("<ID>1</ID>", f"<ID>1</ID>{NOTE}", 1), CURRENCY, "1: "),
    "outside": (ubl_line().replace("<LineItem>", f"{NOTE}<LineItem>"), CURRENCY, "1: "),
    "delivery": (
        ubl_line(),
        f"{CURRENCY}<Delivery><Shipment><SpecialInstructions>{{}}</SpecialInstructions></Shipment></Delivery>",
        "",
    ),
}


def orders_with(text):
    """Orders that say a text in every place for one, and what is said before it."""
    for segments, line in X12.values():
        yield x12_of(*(x.format(text) for x in segments)), line
    for segments, line in EDIFACT.values():
        yield edifact_of(*(x.format(text) for x in segments)), line
    for lines, head, line in UBL.values():
        yield ubl_of(lines.format(text), head.format(text)), line


@pytest.mark.parametrize(
    "text",
    ["Leave at gate 3", "Household goods", "A hold-all", "Do not bend", "Fill the gap", "不要打折"],
)
def test_a_text_is_kept_wherever_it_stands(text):
    for order, line in orders_with(text):
        assert f"{line}{text}" in order.note.splitlines()
        assert order.doubts == []


@pytest.mark.parametrize(
    "text",
    [
        "CANCELLED",
        "Please cancel this line",
        "DO NOT SHIP",
        "Don not ship before we call".replace("Don not", "Do not"),
        "not to be delivered",
        "Hold",
        "ON HOLD",
        "please put on hold",
        "void",
        "stop the order",
        "Bitte stornieren",
        "nicht ausliefern",
        "ne pas expédier",
        "no enviar",
        "取消",
        "暂停发货",
        "勿发",
        "キャンセル",
    ],
)
def test_a_text_that_objects_holds_wherever_it_stands(text):
    for order, line in orders_with(text):
        assert f"{line}{text}" in order.note.splitlines()
        assert order.doubts == [f"text_objects:{line}{text}"[:54]]


def test_what_goods_are_called_may_object_as_well():
    line = "PO1*1*2*EA*5**VP*A"
    assert x12_of(line, "PID*F****CANCELLED DO NOT SHIP").doubts != []
    for name in ("Hold-all", "Void filler", "Stop sign", "Pet hold"):
        assert x12_of(line, f"PID*F****{name}").doubts == []
