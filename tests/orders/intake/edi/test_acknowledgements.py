"""Purchase orders are acknowledged in the notation they came in: accepted, later, fewer or not at all."""

from xml.etree import ElementTree

import pytest
from django.utils import timezone

from inventory.models import Sku
from orders.intake.edi import edifact, x12
from orders.intake.edi.actions import write_acknowledgement
from orders.intake.edi.notation import decoded
from orders.intake.edi.tasks import answer_partners
from orders.intake.inbox.tasks import read_some
from orders.models import ChannelPolicy, Order, OutgoingDocument, SkuMapping
from tests.conftest import NOON
from tests.orders.samples import DATA, real
from tests.relay import relay_all

pytestmark = pytest.mark.django_db(transaction=True)


INTERCHANGE = (
    "ISA*00*          *00*          *ZZ*BUYER          *01*SELLER         *260301*0936*U*00401*000000055*0*P*>~"
    "GS*PO*BUYAPP*SELLAPP*20260301*1041*2*X*004010~ST*850*0001~BEG*00*SA*PO-17**20260301~CUR*BY*CNY~"
    "N1*BY*Tea House*92*C-9~PER*BD*Ann*EM*ann@tea.example*TE*+4930123456~"
    "N1*ST*Tea House Berlin~N3*Hauptstr. 1*Hof~N4*Berlin**10115*DE~"
    "PO1*10*{tea}*EA*39.9**VP*TEA-001~PO1*20*{pot}*EA*129**VP*POT-001~CTT*2~SE*12*0001~GE*1*2~IEA*1*000000055~"
)


@pytest.fixture
def handed(api, shop):
    ChannelPolicy.objects.update(review="record", accepts_backorders=True, price_tolerance=100)

    def hand(body):
        data = body if isinstance(body, bytes) else body.encode()
        answer = api.client.post(
            "/api/v1/channels/web/messages", data, content_type="application/octet-stream"
        )
        assert answer.status_code in {200, 201, 202}, answer.content
        read_some()
        return Order.objects.order_by("-pk").first()

    return hand


def fetched(api):
    """Every document that is there to fetch, as (id, bytes)."""
    rows = api.get("outgoing-documents", fetched="false").json()["data"]
    return [(row, api.get(f"outgoing-documents/{row['id']}").content) for row in rows]


def segments(body):
    return list(x12.segments_of(decoded(body)[0]))


class TestX12:
    def test_accepted_whole(self, api, handed):
        order = handed(INTERCHANGE.format(tea=2, pot=1))
        assert order.status == "confirmed"
        answer_partners()

        ((row, body),) = fetched(api)

        assert (row["notation"], row["order"]) == ("x12", order.number)
        found = segments(body)
        assert [s[0] for s in found] == [
            "ISA",
            "GS",
            "ST",
            "BAK",
            "REF",
            "PO1",
            "ACK",
            "PO1",
            "ACK",
            "CTT",
            "SE",
            "GE",
            "IEA",
        ]
        isa, gs, st, bak = found[:4]
        assert [x.strip() for x in isa[5:9]] == ["01", "SELLER", "ZZ", "BUYER"]
        assert (gs[1], gs[2], gs[3], gs[8]) == ("PR", "SELLAPP", "BUYAPP", "004010")
        assert (st[1], bak[2], bak[3], bak[4]) == ("855", "AD", "PO-17", "20260301")
        assert found[4][1:] == ["VN", order.number]
        assert found[5][1:] == ["10", "2", "EA", "39.9", "", "VP", "TEA-001"]
        assert found[6][1:5] == ["IA", "2", "EA", "068"]
        assert found[-3][1] == str(len(found) - 4)  # SE counts from ST to itself
        assert found[-1][2] == isa[13]
        assert len(body.split(b"~")[0]) == 105  # ISA has a length of its own

        assert api.get("outgoing-documents", fetched="false").json()["data"] == []
        answer_partners()
        assert OutgoingDocument.objects.count() == 1

    def test_a_line_that_is_mapped_to_a_service_is_answered_and_a_charge_is_not(
        self, api, handed, shop
    ):
        Sku.objects.filter(code="POT-001").update(is_service=True)
        body = INTERCHANGE.format(tea=2, pot=1)
        charged = body.replace("N1*BY", "SAC*C*D500***300~N1*BY").replace(
            "PO1*20", "SAC*C*H090***100~PO1*20"
        )
        order = handed(charged)
        kinds = dict(order.lines.values_list("key", "is_service"))
        assert kinds == {"10": False, "20": True, "10-charge1": True, "charge1": True}
        answer_partners()

        ((_row, body),) = fetched(api)

        assert [s[1] for s in segments(body) if s[0] == "PO1"] == ["10", "20"]
        assert [s[1:3] for s in segments(body) if s[0] == "ACK"] == [["IA", "2"], ["IA", "1"]]

    def test_what_is_waited_for_is_told_apart(self, api, handed):
        order = handed(INTERCHANGE.format(tea=2, pot=8))  # five pots are there
        answer_partners()

        ((_row, body),) = fetched(api)

        acks = [s[1:3] for s in segments(body) if s[0] == "ACK"]
        line = order.lines.get(sku_code="POT-001")
        assert acks == [
            ["IA", "2"],
            ["IA", str(8 - line.quantity_backordered)],
            ["IB", str(line.quantity_backordered)],
        ]
        assert next(s for s in segments(body) if s[0] == "BAK")[2] == "AC"

    def test_held_it_is_not_answered_until_somebody_decides(self, api, handed):
        ChannelPolicy.objects.update(cooling_off_minutes=60)
        order = handed(INTERCHANGE.format(tea=2, pot=1))
        Order.objects.filter(pk=order.pk).update(placed_at=NOON)
        api.post(f"orders/{order.number}/hold", {"kind": "review", "reason": "who are they?"})
        Order.objects.filter(pk=order.pk).update(status="pending")
        answer_partners()
        assert fetched(api) == []
        document = OutgoingDocument.objects.get()
        assert write_acknowledgement(document_id=document.pk, now=timezone.now()).made_at is None

        api.post(f"orders/{order.number}/cancel", {"reason": "credit"})
        answer_partners()

        ((_row, body),) = fetched(api)
        assert next(s for s in segments(body) if s[0] == "BAK")[2] == "RD"
        assert [s[1:3] for s in segments(body) if s[0] == "ACK"] == [["IR", "2"], ["IR", "1"]]

    def test_cancelled_after_all_it_is_answered_once_more(self, api, handed):
        order = handed(INTERCHANGE.format(tea=2, pot=1))
        answer_partners()
        fetched(api)

        api.post(f"orders/{order.number}/cancel", {"reason": "no stock"})
        relay_all()
        answer_partners()

        ((row, body),) = fetched(api)
        assert row["is_cancellation"]
        assert next(s for s in segments(body) if s[0] == "BAK")[2] == "RD"

    def test_the_same_order_again_is_answered_once(self, api, handed):
        for _ in range(2):
            handed(INTERCHANGE.format(tea=2, pot=1))
        answer_partners()
        assert OutgoingDocument.objects.count() == 1

    def test_another_channel_fetches_none_of_it(self, api, handed, make_client, shop):
        handed(INTERCHANGE.format(tea=2, pot=1))
        answer_partners()
        ((row, _body),) = fetched(api)

        other = make_client(channel=shop.desk)

        assert other.get("outgoing-documents").json()["data"] == []
        assert other.get(f"outgoing-documents/{row['id']}").status_code == 404


@real
class TestRealOrders:
    """Orders that others wrote, answered; what is written is read again by what reads theirs."""

    def test_edifact(self, api, handed, shop):
        path = DATA / "oca-orders/base_edifact__Retail_EDIFACT_ORDERS_sample1.txt"
        order = handed(path.read_bytes())
        for line in order.lines.all():
            SkuMapping.objects.create(channel=shop.web, code=line.sku_code, sku=shop.tea)
        Order.objects.filter(pk=order.pk).update(status="confirmed")
        answer_partners()

        ((row, body),) = fetched(api)

        assert row["notation"] == "edifact"
        theirs = list(edifact.segments_of(decoded(path.read_bytes())[0]))
        ours = list(edifact.segments_of(decoded(body)[0]))
        unb = next(s for s in theirs if s[0][0] == "UNB")
        assert ours[0][2:4] == [unb[3], unb[2]]  # who wrote and who is written to change places
        assert ours[1][2][:4] == ["ORDRSP", "D", "96A", "UN"]
        bgm = next(s for s in theirs if s[0][0] == "BGM")
        assert next(s for s in ours if s[0][0] == "RFF")[1] == ["ON", bgm[2][0]]
        count = sum(1 for s in theirs if s[0][0] == "LIN")
        assert sum(1 for s in ours if s[0][0] == "LIN") == count
        assert next(s for s in ours if s[0][0] == "CNT")[1] == ["2", str(count)]
        unt = next(s for s in ours if s[0][0] == "UNT")
        assert int(unt[1][0]) == len(ours) - 2  # without UNB and UNZ

    def test_ubl(self, api, handed):
        path = (
            DATA
            / "oca-orders/sale_order_import_ubl__UBL-Order-2.1-Example-CreateInvoicePartner.xml"
        )
        order = handed(path.read_bytes().replace(b"2010-01-31", b"2099-01-31"))  # still valid
        Order.objects.filter(pk=order.pk).update(status="confirmed")
        answer_partners()

        ((row, body),) = fetched(api)

        assert row["notation"] == "ubl"
        root = ElementTree.fromstring(body)
        assert root.tag.endswith("OrderResponse")
        names = {
            "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
            "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
        }
        assert root.findtext("cac:OrderReference/cbc:ID", None, names) == order.channel_order.number
        assert root.findtext("cbc:OrderResponseCode", None, names) in {"AP", "CA"}
        keys = [x.text for x in root.findall("cac:OrderLine/cac:LineItem/cbc:ID", names)]
        assert keys == list(
            order.lines.filter(is_service=False).order_by("position").values_list("key", flat=True)
        )
        assert root.find("cac:BuyerCustomerParty", names) is not None


def test_marks_of_edifact_are_released():
    from orders.intake.edi.acknowledgements import _released

    text = "it's 5+5: why?"
    (segment,) = edifact.segments_of(f"UNX+{_released(text)}'")
    assert segment[1] == [text]
