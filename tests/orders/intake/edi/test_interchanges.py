"""Interchanges: every message in one ends as an order, a change, a cancellation, a hold or a named defect."""

import itertools
import re

import pytest
from django.utils import timezone

from orders.intake.edi import edifact, ubl, x12
from orders.intake.edi.versions import VERSIONS
from orders.intake.inbox.tasks import read_some
from orders.intake.messages.actions.receive import replay_message
from orders.intake.messages.foreign_json import Unreadable
from orders.models import ChannelOrder, Hold, IncomingMessage, Order
from orders.order.actions.holds import release_order
from tests.orders.samples import INTERCHANGE

HEAD, TAIL = INTERCHANGE.decode().split("ST*850*0001~")
SE = "~GE*1*2~IEA*1*000000055~"


def x12_message(kind: str, n: int) -> str:
    number = f"PO-{n}"
    bodies = {
        "850": TAIL.partition("SE*")[0].replace("PO-17", number),
        "850 taken back": f"BEG*01*SA*{number}**20260301~",
        "860": f"BCH*04*SA*{number}***20260301~POC*1*CA*5*5*EA*3**VP*TEA-001~",
        "860 taken back": f"BCH*01*SA*{number}***20260301~",
    }
    code = kind.split(" ")[0]
    return f"ST*{code}*{n:04}~{bodies.get(kind, 'B2*x~')}SE*9*{n:04}~"


def x12_interchange(*messages: str, control="000000055") -> bytes:
    return (HEAD + "".join(messages) + SE[1:]).replace("000000055", control).encode()


def edifact_message(kind: str, n: int) -> str:
    code, _blank, function = kind.partition(" ")
    lines = "NAD+BY+400::9++Shop+Street 1+Berlin++10115+DE'CUX+2:EUR:9'LIN+1++A'QTY+21:1'PRI+AAA:5'"
    bodies = {
        "ORDERS": f"BGM+220+PO-{n}+{'1' if function else '9'}'DTM+137:20260301:102'{lines}",
        "ORDCHG": f"BGM+230+CHG-{n}+{'1' if function else '4'}'RFF+ON:PO-{n}'LIN+1++A'QTY+21:2'",
    }
    body = bodies.get(code, "BGM+1+x+9'")
    return f"UNH+{n}+{code}:D:96A:UN'{body}UNT+9+{n}'"


def edifact_interchange(*messages: str, control="1") -> bytes:
    head = f"UNB+UNOC:3+400:14+401:14+261120:1000+{control}'"
    return (head + "".join(messages) + f"UNZ+1+{control}'").encode()


KINDS = {
    "x12": (
        x12,
        x12_message,
        x12_interchange,
        ["850", "850 taken back", "860", "860 taken back", "810", "855", "997", "ZZZ"],
    ),
    "edifact": (
        edifact,
        edifact_message,
        edifact_interchange,
        ["ORDERS", "ORDERS taken back", "ORDCHG", "ORDCHG taken back", "INVOIC", "CONTRL", "ZZZ"],
    ),
}
READ = {"850", "860", "ORDERS", "ORDCHG"}


@pytest.mark.parametrize("notation", sorted(KINDS))
def test_no_message_of_an_interchange_vanishes(notation):
    reader, message, interchange, kinds = KINDS[notation]
    for chosen in itertools.product(kinds, repeat=3):
        body = interchange(*(message(kind, n) for n, kind in enumerate(chosen, 1)))
        if not any(kind.split(" ")[0] in READ for kind in chosen):
            with pytest.raises(Unreadable, match="no_purchase_order") as refused:
                reader.read("", body, currency="EUR")
            assert all(kind in refused.value.params["what"] for kind in chosen)
            continue
        found = reader.read("", body, currency="EUR")
        unread = ", ".join(said.unread for said in found)
        for n, kind in enumerate(chosen, 1):
            code, _blank, is_back = kind.partition(" ")
            about = [said for said in found if said.external_id.endswith(f":PO-{n}")]
            if code not in READ:
                assert f"{code} " in unread
                assert not about
                continue
            (said,) = about
            ends = {
                "order": said.order is not None,
                "change": bool(said.changes),
                "cancelled": said.cancelled is not None,
            }
            is_change = code in {"860", "ORDCHG"} and (not is_back or code == "ORDCHG")
            expected = "change" if is_change else "cancelled" if is_back else "order"
            assert [name for name, is_so in ends.items() if is_so] == [expected], kind


@pytest.mark.parametrize("notation", sorted(KINDS))
def test_what_stands_outside_of_messages_is_named(notation):
    reader, message, interchange, _kinds = KINDS[notation]
    first = "850" if notation == "x12" else "ORDERS"
    begin = r"ST\*850\*0002~" if notation == "x12" else r"UNH\+2\+[^']*'"
    lost = re.sub(begin, "", message(first, 2))
    with pytest.raises(Unreadable, match="outside_a_message"):
        reader.read("", interchange(message(first, 1), lost), currency="EUR")
    two = interchange(message(first, 1))
    other = two.replace(b"BUYER ", b"OTHER ").replace(b"400:14", b"500:14")
    with pytest.raises(Unreadable, match="several_interchanges"):
        reader.read("", two + other, currency="EUR")


def revision(name: str) -> bytes:
    return (
        f"<{name} xmlns='urn:oasis:names:specification:ubl:schema:xsd:{name}-2'><ID>C-1</ID>"
        "<OrderReference><ID>U-1</ID></OrderReference></"
        f"{name}>"
    ).encode()


def test_changes_and_cancellations_of_ubl_are_of_their_orders():
    (changed,) = ubl.read("", revision("OrderChange"), currency="EUR")
    (name,) = changed.changes
    assert (changed.external_id, name.partition(" #")[0]) == ("U-1", "OrderChange C-1")
    (withdrawn,) = ubl.read("", revision("OrderCancellation"), currency="EUR")
    assert (withdrawn.external_id, withdrawn.cancelled) == ("U-1", "cancelled")
    with pytest.raises(Unreadable, match="no_id"):
        ubl.read("", revision("OrderChange").replace(b"U-1", b""), currency="EUR")
    with pytest.raises(Unreadable, match="no_purchase_order"):
        ubl.read("", revision("OrderResponse"), currency="EUR")


def test_equal_versions_of_one_interchange_that_differ_are_doubted():
    one, other = x12_message("850", 1), x12_message("850", 1).replace("*12*EA", "*13*EA")
    for both, doubts in (((one, one), []), ((one, other), [VERSIONS]), ((other, one), [VERSIONS])):
        (said,) = x12.read("", x12_interchange(*both), currency="EUR")
        assert said.order.doubts == doubts


@pytest.mark.parametrize("notation", sorted(KINDS))
def test_a_message_without_a_number_is_called_by_what_it_has(notation):
    """No name has a gap, or the sign of a number that is none."""
    reader, message, interchange, kinds = KINDS[notation]
    for kind in kinds:
        body = interchange(message(kinds[0], 1), message(kind, 2), control="")
        body = re.sub(rb"UNB[^']*'", b"", body.replace(b"+CHG-2+", b"++"))
        for said in reader.read("", body, currency="EUR"):
            for name in (*said.changes, *filter(None, said.unread.split(", "))):
                assert re.fullmatch(r"\w+( \w+)*( #[0-9a-f]{8})?", name), name


def reasons(order):
    rows = Hold.objects.filter(order=order, released_at=None)
    return {hold.reason: hold.params.get("names") for hold in rows}


@pytest.mark.django_db(transaction=True)
class TestHandedOver:
    @pytest.mark.parametrize("arrival", ["together", "before", "after"])
    @pytest.mark.parametrize("notation", sorted(KINDS))
    def test_a_change_holds_the_order_that_it_names(self, handed, notation, arrival):
        _reader, message, interchange, (order_kind, _back, change_kind, *_rest) = KINDS[notation]
        order, change = message(order_kind, 1), message(change_kind, 1)
        if arrival == "together":
            handed(interchange(order, change))
        else:
            bodies = [interchange(order), interchange(change, control="56")]
            for body in bodies if arrival == "after" else reversed(bodies):
                message_row = handed(body)
                if not Order.objects.exists():
                    assert (message_row.status, message_row.cause) == ("held", "order_unknown")
        assert set(IncomingMessage.objects.values_list("status", flat=True)) == {"processed"}
        (names,) = [reasons(Order.objects.get())["change_requested"]]
        assert names[0].startswith(change_kind)

    @pytest.mark.parametrize("control", ["000000056", "000000057"])
    @pytest.mark.parametrize("notation", sorted(KINDS))
    def test_another_change_is_asked_about_the_same_again_is_not(
        self, handed, system, notation, control
    ):
        """Whatever numbers either was sent under."""
        _reader, message, interchange, (order_kind, _back, change_kind, *_rest) = KINDS[notation]
        handed(interchange(message(order_kind, 1)))
        order = Order.objects.get()
        change = message(change_kind, 1)
        other = change.replace("POC*1*CA*5*5", "POC*1*CA*7*7").replace("QTY+21:2", "QTY+21:3")
        handed(interchange(change, control="000000056"))
        (first,) = reasons(order)["change_requested"]
        asked = Hold.objects.get(order=order, reason="change_requested")
        release_order(order_id=order.pk, hold_id=asked.pk, by=system, now=timezone.now())
        again = interchange(change, control=control).replace(b"1000", b"1001")
        handed(again.replace(b"*0936*", b"*0937*"))
        assert "change_requested" not in reasons(order)
        handed(interchange(other, control=control))
        names = reasons(order)["change_requested"]
        assert len(set(names)) == 2
        assert first in names

    def test_changes_of_one_interchange_are_told_apart_by_what_they_say(self, handed):
        changes = [
            x12_message("860", 1).replace("PO-1***", f"PO-1**{sequence}*") for sequence in (1, 2, 2)
        ]
        handed(x12_interchange(x12_message("850", 1), *changes))
        names = reasons(Order.objects.get())["change_requested"]
        assert [name.partition(" #")[0] for name in names] == ["860 1", "860 2"]

    def test_what_nobody_reads_is_named_and_hinders_no_order(self, handed, system):
        row = handed(x12_interchange(x12_message("850", 1), x12_message("810", 2)))
        assert (row.status, row.cause) == ("held", "not_all_read")
        assert row.params == {"what": "810 000000055-0002"}
        assert row.order == Order.objects.get()
        replay_message(message_id=row.pk, by=system, now=timezone.now())
        while read_some():
            pass
        row.refresh_from_db()
        assert (row.cause, Order.objects.count()) == ("not_all_read", 1)

    @pytest.mark.parametrize("unread", [(), ("810",), ("810", "855")])
    @pytest.mark.parametrize("about", list(itertools.permutations((1, 2, 3))))
    def test_a_message_waits_for_every_order_that_it_names(self, handed, unread, about):
        changes = [x12_message("860", n) for n in (1, 2)]
        others = [x12_message(kind, n) for n, kind in enumerate(unread, 8)]
        row = handed(x12_interchange(*changes, x12_message("850 taken back", 3), *others))
        assert (row.status, row.cause) == ("held", "order_unknown")
        for n, control in zip(about, (61, 62, 63), strict=True):
            assert (row.status, row.cause) == ("held", "order_unknown")
            handed(x12_interchange(x12_message("850", n), control=f"{control:09}"))
            row.refresh_from_db()
        assert {row.order, *row.also.all()} == set(Order.objects.all())
        assert Order.objects.count() == 3
        ends = ("held", "not_all_read") if unread else ("processed", "")
        assert (row.status, row.cause) == ends
        assert all(kind in row.params["what"] for kind in unread)

    def test_a_replacement_of_a_cancelled_order_waits_on_behind_an_unknown_one(self, handed):
        """When the unknown order came, the message was done, and nobody was told of the replacement."""
        handed(x12_interchange(x12_message("850", 1)))
        handed(x12_interchange(x12_message("850 taken back", 1), control="000000056"))
        again = x12_message("850", 1).replace("BEG*00", "BEG*05").replace("*12*EA", "*3*EA")
        row = handed(x12_interchange(again, x12_message("860", 2), control="000000057"))
        assert (row.cause, row.params["waiting"]) == (
            "order_unknown",
            [ChannelOrder.objects.last().external_id],
        )
        handed(x12_interchange(x12_message("850", 2), control="000000058"))
        row.refresh_from_db()
        assert (row.status, row.cause) == ("held", "ordered_again")

    def test_an_order_that_comes_behind_its_end_in_one_message_is_known(self, handed):
        row = handed(x12_interchange(x12_message("850 taken back", 1), x12_message("850", 1)))
        assert (row.status, row.cause, row.order) == ("processed", "", Order.objects.get())

    @pytest.mark.parametrize("arrival", [(0, 1), (1, 0)])
    def test_two_versions_of_one_date_hold_whichever_comes_first(self, handed, arrival):
        head = "<IssueDate>2026-03-01</IssueDate><DocumentCurrencyCode>CNY</DocumentCurrencyCode>"
        line = (
            "<OrderLine><LineItem><ID>1</ID><Quantity>{}</Quantity><Price><PriceAmount>5</PriceAmount></Price>"
            "<Item><SellersItemIdentification><ID>A</ID></SellersItemIdentification></Item></LineItem></OrderLine>"
        )
        bodies = [
            f"<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>{head}{line.format(n)}</Order>"
            for n in (2, 3)
        ]
        for n in arrival:
            handed(bodies[n].encode())
        order = Order.objects.get()
        assert "versions_differ" in reasons(order)
        assert ChannelOrder.objects.get().said["lines"][0]["quantity"] == 2 + arrival[0]
        assert order.lines.get().quantity_ordered == 2 + arrival[0]
        handed(bodies[arrival[0]].encode() + b" ")  # the first again says nothing new
        assert Hold.objects.filter(order=order, reason="versions_differ").count() == 1

    def test_another_day_of_a_replacement_holds(self, handed):
        first = x12_message("850", 1).replace("~CUR", "~DTM*010*20260401~CUR")
        handed(x12_interchange(first))
        order = Order.objects.get()
        for n, day in enumerate(("20260401", "20260501", "20260501"), 56):
            other = first.replace("BEG*00", "BEG*05").replace("20260401", day)
            handed(x12_interchange(other, control=f"{n:09}"))
            names = ["2026-04-01 → 2026-05-01"] if n > 56 else None
            assert reasons(order).get("date_changed") == names
        assert Hold.objects.filter(order=order, reason="date_changed").count() == 1

    def test_an_order_that_is_refused_is_not_placed_all_the_same(self, handed):
        validity = "<ValidityPeriod><EndDate>2020-03-05</EndDate></ValidityPeriod>"
        line = (
            "<OrderLine><LineItem><ID>1</ID><Quantity>2</Quantity><Price><PriceAmount>5</PriceAmount></Price>"
            "<Item><SellersItemIdentification><ID>A</ID></SellersItemIdentification></Item></LineItem></OrderLine>"
        )
        row = handed(
            "<Order xmlns='urn:oasis:names:specification:ubl:Order-2'><ID>U-1</ID>"
            f"<DocumentCurrencyCode>CNY</DocumentCurrencyCode>{validity}{line}</Order>".encode()
        )
        assert (row.status, row.cause) == ("held", "validity_ended")
        assert not Order.objects.exists()

    def test_another_article_under_a_lines_number_holds(self, handed):
        handed(x12_interchange(x12_message("850", 1)))
        other = x12_message("850", 1).replace("BEG*00", "BEG*05").replace("TEA-001", "POT-001")
        handed(x12_interchange(other, control="000000056"))
        order = Order.objects.get()
        assert "items_changed" in reasons(order)
        assert order.lines.get(key="1").sku_code == "TEA-001"
