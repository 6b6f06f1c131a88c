"""Words decisions for a clerk: coded reasons become sentences when they are read."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Required, TypedDict

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason
from erp.shapes import Words
from erp.verbs import sentences_of
from orders.customers.models import Proof
from orders.order.findings import FINDINGS

KINDS = {
    "pricing": _("Price"),
    "routing": _("Warehouse"),
    "promise": _("Promise"),
    "review": _("Review"),
    "risk": _("Risk"),
    "rules": _("Rules"),
    "backorder": _("Back-order"),
    "change": _("Change"),
    "matching": _("Carrier"),
}


_SENTENCES = {
    "list_price": _("%(sku)s at its list price of %(amount)s."),
    "quantity_break": _("%(sku)s at %(amount)s, the price from %(quantity)s units."),
    "group_price": _("%(sku)s at %(amount)s, the price for the group %(group)s."),
    "tax_exempt": _("The customer is tax-exempt in this country."),
    "terms_proven": _("The customer's terms count: %(proof)s."),
    "terms_not_proven": _(
        "It states the contact of a customer with terms (%(terms)s); they were not applied, since nothing proves"
        " that the customer ordered it."
    ),
    "ruled_as_a_stranger": _(
        "Nothing proves who ordered it: rules give it what a new customer is given."
    ),
    "price_given": _("%(sku)s at %(amount)s, the channel's price."),
    "price_differs": _("%(sku)s was sold at %(amount)s net; our price is %(ours)s."),
    "line_more": _("%(sku)s: %(now)s instead of %(was)s, at the original price."),
    "line_fewer": _("%(sku)s: %(now)s instead of %(was)s, at the original price."),
    "line_gone": _("%(sku)s removed."),
    "line_added": _("%(sku)s × %(now)s added at today's price."),
    "gift_given": _("%(sku)s × %(now)s added as a gift."),
    "service_changed": _("Shipping by %(service)s for %(amount)s."),
    "has_ended": _("%(order)s is no longer open."),
    "warehouse_began": _("The warehouse has started %(order)s."),
    "is_sealed": _("%(order)s is locked against merging and splitting."),
    "is_invoiced": _("%(order)s has been invoiced."),
    "money_is_held": _("Money for %(order)s is authorised and not captured yet."),
    "is_paid_back": _("Money of %(order)s was refunded, or a refund is under way."),
    "other_channel": _("%(order)s belongs to another channel."),
    "other_customer": _("%(order)s belongs to another customer."),
    "other_currency": _("%(order)s is in another currency."),
    "other_prices": _("%(order)s uses the other kind of prices (with or without tax)."),
    "other_method": _("%(order)s has a different payment method."),
    "other_address": _("%(order)s ships to a different address."),
    "other_contact": _("%(order)s states another e-mail address or phone number."),
    "no_address": _("%(order)s has no address."),
    "other_service": _("%(order)s was set to ship by %(service)s; it will ship by %(kept)s."),
    "other_day": _("%(order)s has a different ship date."),
    "has_note": _("%(order)s has its own note."),
    "other_status": _("%(order)s has a different status."),
    "is_held": _("%(order)s is on hold; its holds move with it."),
    "over": _("The channel had cancelled it before it arrived."),
    "no_tax": _("No tax rate applies to %(sku)s at the destination."),
    "promotion_took_off": _("%(promotion)s: %(amount)s off."),
    "promotion_free_shipping": _("%(promotion)s: free shipping."),
    "promotion_not_reached": _(
        "%(promotion)s does not apply: conditions not met, or nothing left to discount."
    ),
    "promotion_after_exclusive": _(
        "%(promotion)s does not apply: it cannot be combined with the promotion applied."
    ),
    "promotion_applies_alone": _(
        "%(promotion)s cannot be combined, and another promotion came first."
    ),
    "promotion_of_same_group": _(
        "%(promotion)s does not apply: another promotion of its group came first."
    ),
    "gift_added": _("%(promotion)s adds %(quantity)s of %(sku)s as a gift."),
    "gift_not_there": _("%(promotion)s would add %(sku)s, but it is out of stock."),
    "shipping_free_from": _("Shipping is free from %(amount)s."),
    "shipping_fee": _("Shipping by %(service)s costs %(amount)s."),
    "one_parcel_same_country": _(
        "%(warehouse)s has everything in stock and is in the customer's country."
    ),
    "one_parcel": _("%(warehouse)s can ship everything in one parcel."),
    "split_over": _("No warehouse has everything, so the order ships from %(warehouses)s."),
    "cheapest": _("Cheapest parcel from %(warehouse)s: %(cost)s."),
    "nearest": _("%(warehouse)s is the nearest warehouse with stock: %(km)s km."),
    "is_full": _("%(warehouse)s has reached its daily capacity."),
    "parcels_limited": _("Parcel limit reached: the rest waits."),
    "out_of_reach": _("%(warehouse)s does not ship to the destination."),
    "by_rule": _("A rule assigns %(warehouse)s, which has everything in stock."),
    "by_hand": _("%(by)s chose %(warehouse)s: %(why)s"),
    "short_of": _("%(quantity)s of %(sku)s are out of stock in every warehouse."),
    "other_warehouse": _("%(warehouse)s is %(units_more)s units short."),
    "before_cut_off": _("Placed before the %(cut_off)s cut-off of %(warehouse)s."),
    "after_cut_off": _(
        "Placed after the %(cut_off)s cut-off of %(warehouse)s, so it ships the next working day."
    ),
    "a_day_earlier_before": _("Before %(cut_off)s it would have shipped a day earlier."),
    "goods_expected": _("Out of stock; expected on %(day)s."),
    "backorder_estimate": _("Out of stock; we allow %(days)s working days for restocking."),
    "transit_days": _("The service usually takes %(usual)s working days, at most %(most)s."),
    "goods_came": _("%(quantity)s of %(sku)s became available in %(warehouse)s."),
    "carrier_cheapest": _("%(carrier)s is the cheapest: %(fee)s for %(weight)s g."),
    "carrier_next": _("%(carrier)s would have cost %(fee)s."),
    "no_carrier": _(
        "No tariff matches (%(weight)s g): the default carrier of the shipping service is used."
    ),
    "has_priority": _("Priority: %(priority)s."),
    "given_up_by": _("%(order)s gave up %(quantity)s of %(sku)s for this order."),
    "first_in_line": _("No backordered order was promised earlier."),
    "turn_after": _("Orders promised earlier needed %(units)s units and were allocated first."),
    "finding": _("Finding: %(finding)s."),
    "awaits_payment": _("%(amount)s %(currency)s is still due."),
    "rule_matched": _("The rule “%(rule)s” applies (version %(version)s)."),
    "rule_stopped": _("“%(rule)s” stops the evaluation of later rules."),
    "no_rule_matched": _("No rule applies."),
    "held": _("On hold until someone decides."),
    "held_for_a_while": _("The order waits and resumes automatically."),
    "nothing_in_the_way": _("Confirmed automatically: no findings."),
    "risk_passes": _("Fraud score %(score)s is below the limit of %(limit)s."),
    "risk_holds": _("Fraud score %(score)s: from %(limit)s a person decides."),
    "risk_declines": _("Fraud score %(score)s: from %(limit)s orders are declined."),
    "risk_advised": _("The fraud provider advises: %(advice)s."),
    "risk_passes_below": _("With a score below %(limit)s it would have been approved."),
    "confirmed_if_paid": _("The order is confirmed once %(amount)s %(currency)s is paid."),
    "confirmed_without": _("Otherwise it would have been confirmed automatically."),
}


_EVENTS = {  # those of verbs stand with the verbs
    "placed": _("Order placed"),
    "imported": _("Imported from %(file)s"),
    "payment.capture_due": _("%(amount)s %(currency)s to capture for shipped goods"),
    "confirmed": _("Confirmed"),
    "contact.confirmed": _("Whoever reads its e-mail address says that the order is theirs"),
    "backorder.filled": _("%(quantity)s of %(sku)s arrived and were reserved in %(warehouse)s"),
    "stock.short": _("%(quantity)s of %(sku)s were reserved but not found; now backordered"),
    "promise.at_risk": _(
        "Goods delayed: purchase order %(purchase)s is now expected on %(expected_on)s"
    ),
    "completed": _("Completed"),
    "reopened": _("Open again: delivered goods are on their way back to us"),
    "hold.stays": _("A hold expired but could not be released: %(why)s"),
    "presale.short": _("Pre-sale date reached, but out of stock: %(skus)s"),
    "promise.revised": _("New promise: by %(deliver_by)s instead of %(was)s – %(reason)s"),
    "invoice.credited": _("Credit note %(number)s for %(amount)s %(currency)s issued"),
    "gift.given": _("The rule “%(rule)s” adds %(quantity)s of %(sku)s"),
    "service.set": _("Now ships by %(service)s instead of %(was)s, as set by a rule"),
    "rule.not_done": _("Rule action failed: %(what)s – %(why)s"),
    "choice.made": _("Customer's choice received"),
    "mail.received": _("The customer replied by e-mail"),
    "payment.reminded": _("Payment reminder sent"),
    "expired": _("Expired unpaid"),
    "channel.address_changed": _("Changed on the channel, kept unchanged here: %(fields)s"),
    "picked": _("Picked"),
    "packed": _("Packed in parcel %(tracking_number)s"),
    "shipment.shipped": _("Parcel %(tracking_number)s shipped"),
    "shipment.pending": _("Parcel %(tracking_number)s announced to the carrier"),
    "shipment.picked_up": _("Parcel %(tracking_number)s picked up by the carrier"),
    "shipment.on_hold": _("Parcel %(tracking_number)s held by the carrier"),
    "shipment.delivery_delayed": _("Parcel %(tracking_number)s delayed"),
    "shipment.ready_for_pickup": _("Parcel %(tracking_number)s ready for pick-up"),
    "shipment.returned": _("Parcel %(tracking_number)s returned to sender"),
    "shipment.cancelled": _("Parcel %(tracking_number)s cancelled by the carrier"),
    "shipment.unknown": _("Message from the carrier about parcel %(tracking_number)s"),
    "shipment.in_transit": _("Parcel %(tracking_number)s is in transit"),
    "shipment.out_for_delivery": _("Parcel %(tracking_number)s is out for delivery"),
    "shipment.delivered": _("Parcel %(tracking_number)s delivered"),
    "shipment.delivery_failed": _("Delivery of parcel %(tracking_number)s failed"),
    "shipment.return_to_sender": _("Parcel %(tracking_number)s is being returned"),
    "return.requested": _("Return %(return)s requested"),
    "return.approved": _("Return %(return)s approved"),
    "return.declined": _("Return %(return)s declined"),
    "return.received": _("Return %(return)s: goods received"),
    "return.inspected": _("Return %(return)s: goods inspected"),
    "return.closed": _("Return %(return)s closed"),
    "return.cancelled": _("Return %(return)s cancelled"),
    "refund.proposed": _("Refund %(refund)s of %(amount)s %(currency)s proposed"),
    "refund.approved": _("Refund %(refund)s approved"),
    "refund.rejected": _("Refund %(refund)s rejected"),
    "refund.completed": _("Refund %(refund)s of %(amount)s %(currency)s paid back"),
}


ADVICE = {
    "accept": _("accept it"),
    "review": _("review it"),
    "decline": _("decline it"),
}


WANTED = {  # by rules, beyond holds and marks
    "warehouse": _("another warehouse"),
    "service": _("another shipping service"),
    "carrier": _("another carrier"),
    "gifts": _("a gift"),
    "split": _("a split"),
    "merge": _("merging with another order"),
    "notices": _("alerting staff"),
}


FIELD_NAMES = {
    "flag": _("Flag"),
    "remark": _("Staff remark"),
    "print_remark": _("Print remark"),
    "tags": _("Tags"),
    "metadata": _("Custom fields"),
    "name": _("Name"),
    "phone": _("Phone"),
    "email": _("E-mail"),
    "line1": _("Street"),
    "line2": _("Street, second line"),
    "postal_code": _("Postal code"),
    "city": _("City"),
    "lines": _("Lines"),
    "region": _("Region"),
    "country": _("Country"),
    "note": _("Note"),
}


class Step(TypedDict, total=False):
    """A step of an order's timeline. `order` parts steps of one instant; `day` is told when it is shown."""

    at: Required[datetime]
    text: Required[str]
    by: Required[str]
    icon: Required[str]
    order: Required[tuple[int, int]]
    group: Required[str]
    kind: str
    day: str


def sentence(reason: Reason) -> str:
    """Word one coded reason in the reader's language; the code itself if unknown."""
    code, params = reason["code"], reason.get("params", {})
    text = _SENTENCES.get(code)
    if text is None:
        return f"{code} {params or ''}".strip()
    filled = {k: ", ".join(map(str, v)) if isinstance(v, list) else v for k, v in params.items()}
    if "advice" in filled:
        filled["advice"] = ADVICE.get(str(filled["advice"]), filled["advice"])
    if "finding" in filled:
        filled["finding"] = finding(str(filled["finding"]))
    if "proof" in filled:
        filled["proof"] = proof(str(filled["proof"]))
    if code == "terms_not_proven":
        filled["terms"] = ", ".join(str(TERMS.get(name, name)) for name in params["terms"])
    try:
        return str(text) % filled
    except KeyError:
        return str(text)


TERMS = {"group": _("group price"), "exemption": _("tax exemption"), "account": _("account")}


def proof(code: str) -> str:
    """How a customer was proven, in words."""
    return str(dict(Proof.choices).get(code, code))


LIKENESS = {
    "same_phone": _("same phone number"),
    "same_mailbox": _("same mailbox"),
    "same_address": _("same address"),
    "same_name": _("same name"),
}


def finding(code: str) -> str:
    """A finding in words, a rule by its code; what a person wrote as it stands."""
    if code.startswith("rule:"):
        return gettext("matched by the rule “%(rule)s”") % {"rule": code.removeprefix("rule:")}
    return str(FINDINGS[code].label if code in FINDINGS else code)


def reason_of_move(reason: str) -> str:
    """Why orders were merged or split: a code of ours in words, a person's words as they stand."""
    return gettext("merged automatically") if reason == "by_itself" else finding(reason)


@cache
def _said_of_verbs() -> Mapping[str, Words]:
    """What the steps of the verbs of an order and of its parts say."""
    return {
        k: said
        for noun in ("order", "order_line", "payment")
        for k, said in sentences_of(noun).items()
    }


def event_text(kind: str, data: dict[str, Any]) -> str:
    """Word one step of the timeline."""
    text = str(_EVENTS.get(kind) or _said_of_verbs().get(kind, kind))
    if "fields" in data:
        data = data | {"fields": ", ".join(str(FIELD_NAMES.get(f, f)) for f in data["fields"])}
    if "proof" in data:
        data = data | {"proof": proof(str(data["proof"]))}
    if kind == "rule.not_done":
        data = data | {"what": WANTED.get(data.get("what", ""), data.get("what", ""))}
    if "reason" in data:
        names = ", ".join(str(name) for name in data.get("names", ()))
        said = finding(str(data["reason"]))
        data = data | {"reason": f"{said}: {names}" if names else said}
    try:
        return text % data
    except (KeyError, TypeError, ValueError):
        return text


def event_group(kind: str, by_kind: str) -> str:
    """Which filter of the timeline a step belongs to: money, scans, people or rules."""
    head = kind.partition(".")[0]
    if head in {"payment", "refund"}:
        return "money"
    if head in {"shipment", "picked", "packed"}:
        return "scans"
    return "people" if by_kind == "person" else "rules"


def event_icon(kind: str) -> str:
    """The icon of a step: money, mail, a parcel, a person's doing."""
    head = kind.partition(".")[0]
    return {
        "payment": "money",
        "refund": "money",
        "shipment": "shipments",
        "return": "returns",
        "hold": "clock",
        "packed": "fulfillment",
        "picked": "fulfillment",
        "message": "mail",
    }.get(head, "check")
