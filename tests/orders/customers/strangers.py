"""A customer with terms whom strangers name: what they have, and what an order that states their contact gained."""

from decimal import Decimal

from django.test import Client
from django.utils import timezone

from erp.messages.models import Message
from orders.customers.contacts import Buyer, identities
from tests.conftest import HOME, order_body

NOW = timezone.now
STRANGER = {"name": "Mallory", "email": "mallory@evil.example", "phone": ""}
ACME = {
    "name": "Acme Ltd",
    "email": "buyer@victim.example",
    "phone": "+8613700001111",
    "external_id": "acme",
}
THERE = {**HOME, "name": "Acme Ltd", "line1": "一号路 1 号", "phone": ""}
TEA = [{"sku": "TEA-001", "quantity": 1}]
HELD = [("payment", "account_not_agreed")]


def tea(customer, **said):
    here = {**HOME, "name": customer["name"] or "Mallory", "phone": ""}
    return order_body(**{"customer": customer, "shipping_address": here, "lines": TEA} | said)


def holds(order):
    return [(h.kind, h.reason) for h in order.holds.filter(released_at=None)]


def codes(order):
    review = order.decision_set.get(kind="review")
    return {finding["code"] for finding in review.inputs["findings"]}


def gained(order, victim) -> list[str]:
    """What an order has of a customer whose contact it only states; nothing, that is."""
    order.refresh_from_db()
    line = order.lines.first()
    found = []
    if order.customer_id == victim.pk and order.customer_proof:
        found.append("proof")
    if line.unit_price in {Decimal("30.00"), round(Decimal("30.00") / Decimal("1.13"), 4)}:
        found.append("group price")
    if order.external_id[:4] in {"web-", "DESK"} and order.tax == 0:
        found.append("exemption")
    if order.payment_method == "on_account" and order.customer_id == victim.pk:
        found += [] if ("payment", "account_not_agreed") in holds(order) else ["account"]
    proven = victim.identities.exclude(proven_at=None).values_list("kind", "value")
    if list(proven) != [("external", "web:acme")]:
        found.append(f"identity {list(proven)}")
    return found


def tells(victim, stated) -> list[str]:
    """What public tracking and mail tell a stranger of the victim's order; nothing, that is."""
    found, page = [], Client()
    for contact in filter(None, (stated.get("email"), stated.get("phone"), HOME["postal_code"])):
        known = identities(Buyer(email=contact, phone=contact), "CN")
        own = bool({value for _kind, value in known} & {ACME["email"], ACME["phone"]})
        answer = page.post("/track/", {"number": victim.order.number, "contact": contact})
        if answer.status_code == 302 and not own:
            found.append(f"tracking by {contact}")
    messages = Message.objects.exclude(recipient=ACME["email"])
    if messages.filter(subject_ref=f"order:{victim.order.pk}").exists():
        found.append("a message about the victim's order")
    return found
