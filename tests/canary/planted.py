"""The person placed in every field that something comes in by, with all that follows of it."""

import csv
import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from erp.access.models import Channel
from erp.ids import public_id
from erp.jobs import actions, runner
from erp.lists.page import list_by_name
from erp.notices.actions import watch as tell_staff
from erp.once import perform
from orders.customers.states import TERMS
from orders.intake.files.headings import suggested
from orders.intake.inbox.tasks import read_some
from orders.models import (
    BlockedContact,
    ChannelPolicy,
    Customer,
    Order,
    PriceList,
    TaxExemption,
    TermsProposal,
)
from tests.canary.person import BILLED, FILE, LETTER, SHOP, WEB, WORDS, text_of
from tests.conftest import order_body
from tests.contract.world import CNY, World
from tests.orders.intake.mail.test_letters import mail
from tests.orders.shops import open_channel, paid, post
from tests.relay import run_relay

ORDER = {
    "customer": WEB.buyer,
    "shipping_address": WEB.address,
    "billing_address": BILLED.address,
    "note": WORDS["note"],
    "metadata": {"gift": WORDS["gift"]},
    "invoice": {
        "title": WORDS["company"],
        "tax_id": WORDS["tax_id"],
        "kind": "special",
        "email": WORDS["wish_mail"],
        "registered_address": WORDS["wish_address"],
        "registered_phone": WORDS["wish_phone"],
        "bank": WORDS["bank"],
        "bank_account": WORDS["account"],
    },
}
HEADINGS = [
    *("Order", "SKU", "Quantity", "Price", "Name", "Email", "Phone", "Address"),
    *("City", "Postal code", "Country", "Total"),
]


class Planted:
    """What there is of the person: orders by where they stand, and the channels that told of them."""

    def __init__(self, api: Any, shop: Any, system: Any, owner: Any) -> None:
        self.api, self.owner, self.world = api, owner, World(api)
        self.shop = shop
        self.world.named("webhook-endpoints", "")
        self.shopify = open_channel("shopify", shop, system)
        self.packed = self._ordered()
        self.shipped = self._ordered()
        self.held = self._ordered()
        run_relay()
        self._packed()
        self._shipped()
        self._told_by_shop()
        self._written()
        self._handed_over()
        self._said_by_staff()
        run_relay()

    def _ordered(self) -> str:
        return str(self.world.post("orders", order_body(**ORDER))["number"])

    def _packed(self) -> None:
        work = self.api.get("fulfillment-orders", order=self.packed).json()["data"][0]
        self.world.post(f"fulfillment-orders/{work['id']}/pick", {})
        self.parcel = self.world.post(f"fulfillment-orders/{work['id']}/pack", {})["id"]

    def _shipped(self) -> None:
        number = self.shipped
        shipment = self.world.post("shipments", {"order": number, "tracking_number": "CANARY-1"})
        run_relay()
        tracked = {"state": "delivered", "at": timezone.now().isoformat(), "id": "e1"}
        self.world.post("tracking/CANARY-1", {"events": [tracked]})
        self.shipment = shipment["id"]
        self.world.post(f"orders/{number}/invoices", {})
        line = {"sku": "TEA-001", "quantity": 1}
        back = {"order": number, "lines": [line], "note": WORDS["return_note"]}
        self.returned = self.world.post("returns", back)["number"]
        refund = {"order": number, "amount": CNY, "reason": "goodwill"}
        self.refund = self.world.post("refunds", refund)["number"]

    def _told_by_shop(self) -> None:
        at = {
            "name": SHOP.name,
            "address1": SHOP.street,
            "address2": None,
            "city": SHOP.city,
            "province": None,
            "zip": SHOP.postcode,
            "country_code": "CN",
            "phone": SHOP.phone,
        }
        first, last = SHOP.name.split()
        who = {"id": 7, "first_name": first, "last_name": last, "email": SHOP.mail}
        post(
            self.shopify,
            "orders/create",
            paid(email=SHOP.mail, phone=SHOP.phone, customer=who, shipping_address=at),
        )
        while read_some():
            pass
        self.told = Order.objects.get(channel=self.shopify).number

    def _written(self) -> None:
        text = (
            f"Hi,\n- 2 x Green tea\n- 1 x Mug\nShip to: {LETTER.name}, {LETTER.street}, Springfield,"
            f" IL 62704\nThanks,\n{LETTER.name}"
        )
        letter = mail(text, From=f"{LETTER.name} <{LETTER.mail}>", Subject=WORDS["subject"])
        self.api.client.post("/api/v1/channels/web/messages", letter, content_type="message/rfc822")
        while read_some():
            pass

    def _handed_over(self) -> None:
        """A file of two orders: one is taken in, one is refused with what it said."""
        channel = Channel.objects.create(code="file", name="Files", kind="file", currency="CNY")
        ChannelPolicy.objects.create(
            channel=channel,
            price_list=PriceList.objects.get(code="retail"),
            review="record",
            accepts_backorders=True,
        )
        rows = [
            HEADINGS,
            *(self._row(f"F-{n}", "TEA-001", units) for n, units in ((1, "1"), (2, "x"))),
        ]
        text = io.StringIO()
        csv.writer(text).writerows(rows)
        file = SimpleUploadedFile("orders.csv", text.getvalue().encode())
        answer = self.owner.post("/orders/files/hand-over/", {"channel": "file", "file": file})
        columns = {f"column-{name}": heading for name, heading in suggested(HEADINGS).items()}
        columns |= {
            "column-order": "Order",
            "column-name": "Name",
        }  # both were one order, and refused
        self.file_page = answer["Location"]
        self.owner.post(
            self.file_page, {**columns, "payment": "unpaid", "country": "", "verb": "take"}
        )
        run_jobs()

    def _row(self, number: str, sku: str, units: str) -> list[str]:
        at = [FILE.name, FILE.mail, FILE.phone, FILE.street, FILE.city, FILE.postcode, "CN"]
        return [number, sku, units, "39.90", *at, "39.90"]

    def _said_by_staff(self) -> None:
        self.world.post(f"orders/{self.held}/hold", {"kind": "review", "reason": "look"})
        self.customer = next(
            row["id"]
            for row in self.api.get("customers").json()["data"]
            if WEB.mail in row["emails"]
        )
        self.world.post(f"customers/{self.customer}/change", {"note": WORDS["customer_note"]})
        told = Order.objects.get(number=self.told).customer_id
        if (other := public_id("cus", told)) != self.customer:
            self.owner.post(f"/customers/{self.customer}/merge/", {"other": other})
        assert (
            Order.objects.get(number=self.told).customer
            == Order.objects.get(number=self.held).customer
        )
        self.owner.post(f"/orders/{self.held}/comment/", {"text": WORDS["comment"]})
        BlockedContact.objects.create(kind="email", value=WORDS["blocked"])
        terms = {"country": "DE", "tax_id": WORDS["exempt_id"]}
        answer = self.owner.post(f"/customers/{self.customer}/exempt/", terms)
        assert answer.status_code == 302
        assert TaxExemption.objects.count() == 1
        self._agreed(told, "asked_id")
        file = Order.objects.get(channel__code="file")
        self.filed, self.file_customer = file.number, public_id("cus", file.customer_id)
        Customer.objects.filter(pk=file.customer_id).update(note=WORDS["file_note"])
        self._agreed(file.customer_id, "file_id")
        tell_staff(now=timezone.now())

    def _agreed(self, customer_id: int, word: str) -> None:
        """An exemption that waits for another person's approval."""
        merged = Customer.objects.get(pk=customer_id).merged_into_id
        TermsProposal.objects.create(
            customer_id=merged or customer_id,
            kind=TermsProposal.Kind.EXEMPTION,
            status=TERMS.initial,
            country=WORDS[word][:2],
            tax_id=WORDS[word],
            by=self.owner.actor,
            proposed_at=timezone.now(),
        )


def run_jobs() -> None:
    """What the worker does with jobs, until none is left."""
    while ids := perform(actions.lease_jobs, now=timezone.now() + timedelta(minutes=2)):
        for pk in ids:
            runner.work(pk)


def exported(browser: Any, name: str, kind: str = "csv") -> str:
    """All that an export of a list says, with every column that somebody may choose; "" where they may not."""
    columns = [column.name for column in list_by_name(name).columns]
    answer = browser.post(f"/lists/{name}/export/", {"format": kind, "column": columns})
    if answer.status_code != 302 or not answer["Location"].startswith("/jobs/"):
        return ""
    run_jobs()
    return text_of(browser.get(f"{answer['Location']}file/"))
