"""Decisions in words a clerk understands: coded reasons become sentences when they are read."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Required, TypedDict

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason
from erp.shapes import Words
from erp.verbs import sentences_of
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
    "quantity_break": _("%(sku)s at %(amount)s, because %(quantity)s are bought."),
    "group_price": _("%(sku)s at %(amount)s, the price of the group %(group)s."),
    "tax_exempt": _("The customer is exempt from tax there."),
    "price_given": _("%(sku)s at %(amount)s, as the channel sold it."),
    "price_differs": _("%(sku)s was sold at %(amount)s net; our price is %(ours)s."),
    "line_more": _("%(sku)s: %(now)s instead of %(was)s, at the price that it had."),
    "line_fewer": _("%(sku)s: %(now)s instead of %(was)s, at the price that it had."),
    "line_gone": _("%(sku)s is taken out."),
    "line_added": _("%(now)s of %(sku)s are added, at today's price."),
    "gift_given": _("%(now)s of %(sku)s are added as a gift."),
    "service_changed": _("Shipped by %(service)s for %(amount)s."),
    "has_ended": _("%(order)s is not open any more."),
    "warehouse_began": _("The warehouse has begun with %(order)s."),
    "is_sealed": _("%(order)s is sealed: it is neither merged nor split."),
    "is_invoiced": _("%(order)s has been invoiced."),
    "money_is_held": _("Money for %(order)s is authorised and not captured yet."),
    "other_channel": _("%(order)s is of another channel."),
    "other_customer": _("%(order)s is another customer's."),
    "other_currency": _("%(order)s is in another currency."),
    "other_prices": _("%(order)s has prices with tax where the other has them without."),
    "other_method": _("%(order)s is paid another way."),
    "other_address": _("%(order)s goes to another address."),
    "no_address": _("%(order)s has no address."),
    "other_service": _("%(order)s was to be shipped by %(service)s; it will be by %(kept)s."),
    "other_day": _("%(order)s is to ship on another day."),
    "has_note": _("%(order)s has a note of its own."),
    "other_status": _("%(order)s is not as far as the other."),
    "is_held": _("%(order)s is on hold; its holds go along."),
    "over": _("The channel had cancelled it before it came."),
    "no_tax": _("No tax rate applies to %(sku)s there."),
    "promotion_took_off": _("%(promotion)s takes off %(amount)s."),
    "promotion_free_shipping": _("%(promotion)s ships it free."),
    "promotion_not_reached": _(
        "%(promotion)s does not apply: its conditions are not met, or nothing is left to take off."
    ),
    "promotion_after_exclusive": _("%(promotion)s does not apply beside one that applies alone."),
    "promotion_applies_alone": _("%(promotion)s applies alone, and another came first."),
    "promotion_of_same_group": _("%(promotion)s does not apply: another of its group came first."),
    "gift_added": _("%(promotion)s gives %(quantity)s of %(sku)s."),
    "gift_not_there": _("%(promotion)s would give %(sku)s, but there is none left."),
    "shipping_free_from": _("Shipping is free from %(amount)s."),
    "shipping_fee": _("Shipping by %(service)s costs %(amount)s."),
    "one_parcel_same_country": _("%(warehouse)s has everything and is in the customer's country."),
    "one_parcel": _("%(warehouse)s has everything in one parcel."),
    "split_over": _("No warehouse has everything, so it is split over %(warehouses)s."),
    "cheapest": _("A parcel costs least from %(warehouse)s: %(cost)s."),
    "nearest": _("%(warehouse)s is the nearest that has it: %(km)s km."),
    "is_full": _("%(warehouse)s has as many orders as it can take today."),
    "parcels_limited": _("No more parcels than are allowed: the rest waits."),
    "out_of_reach": _("%(warehouse)s does not ship there."),
    "by_rule": _("A rule ships it from %(warehouse)s, which has all of it."),
    "by_hand": _("%(by)s chose %(warehouse)s: %(why)s"),
    "short_of": _("%(quantity)s of %(sku)s are nowhere in stock."),
    "other_warehouse": _("%(warehouse)s would have needed %(units_more)s more units."),
    "before_cut_off": _("Placed before %(warehouse)s closes for the day at %(cut_off)s."),
    "after_cut_off": _(
        "Placed after %(warehouse)s closed for the day at %(cut_off)s, so it ships the next working day."
    ),
    "a_day_earlier_before": _("Before %(cut_off)s it would have shipped a day earlier."),
    "goods_expected": _("Goods are missing; they are expected on %(day)s."),
    "backorder_estimate": _("Goods are missing; we allow %(days)s working days for them."),
    "transit_days": _("The service usually takes %(usual)s working days, at most %(most)s."),
    "goods_came": _("%(quantity)s of %(sku)s came free in %(warehouse)s."),
    "carrier_cheapest": _("%(carrier)s takes it for the least: %(fee)s for %(weight)s g."),
    "carrier_next": _("%(carrier)s would have cost %(fee)s."),
    "no_carrier": _("No carrier takes it (%(weight)s g): it goes with that of its service."),
    "has_priority": _("It has a priority of %(priority)s."),
    "given_up_by": _("%(order)s gave up %(quantity)s of %(sku)s for it."),
    "first_in_line": _("No order that waits for it was promised earlier."),
    "turn_after": _("Orders promised earlier wanted %(units)s units and were served first."),
    "finding": _("Noticed: %(finding)s."),
    "awaits_payment": _("%(amount)s %(currency)s has still to be paid."),
    "rule_matched": _("The rule “%(rule)s” applies (version %(version)s)."),
    "rule_stopped": _("After “%(rule)s” no rule is asked."),
    "no_rule_matched": _("None of the rules applies."),
    "held": _("Held until a person decides."),
    "held_for_a_while": _("It rests, and goes on by itself."),
    "nothing_in_the_way": _("Nothing is in the way, so it was confirmed by itself."),
    "risk_passes": _("Its score is %(score)s, below the limit of %(limit)s."),
    "risk_holds": _("Its score is %(score)s; from %(limit)s on a person decides."),
    "risk_declines": _("Its score is %(score)s; from %(limit)s on orders are declined."),
    "risk_advised": _("Its provider advises: %(advice)s."),
    "risk_passes_below": _("With a score below %(limit)s it would have gone on."),
    "confirmed_if_paid": _("It is confirmed as soon as %(amount)s %(currency)s is paid."),
    "confirmed_without": _("Without that it would have been confirmed by itself."),
}


_EVENTS = {  # those of verbs stand with the verbs
    "placed": _("Order placed"),
    "imported": _("Imported from %(file)s"),
    "payment.capture_due": _("%(amount)s %(currency)s are to be captured, for what has left"),
    "confirmed": _("Confirmed"),
    "backorder.filled": _("%(quantity)s of %(sku)s came and are reserved in %(warehouse)s"),
    "stock.short": _("%(quantity)s of %(sku)s were promised and not found; they are waited for"),
    "promise.at_risk": _(
        "Goods come late: purchase order %(purchase)s is now expected on %(expected_on)s"
    ),
    "completed": _("Completed"),
    "hold.stays": _("A hold has ended and stays: %(why)s"),
    "presale.short": _("Its day has come, and goods are missing: %(skus)s"),
    "promise.revised": _("Promised anew: by %(deliver_by)s instead of %(was)s – %(reason)s"),
    "invoice.credited": _("Credit note %(number)s over %(amount)s %(currency)s is issued"),
    "gift.given": _("The rule “%(rule)s” gives %(quantity)s of %(sku)s"),
    "service.set": _("Ships by %(service)s instead of %(was)s, as a rule wants it"),
    "rule.not_done": _("A rule wanted it, and it could not be done: %(what)s – %(why)s"),
    "choice.made": _("The customer has chosen"),
    "mail.received": _("The customer has answered by mail"),
    "payment.reminded": _("Reminded that it is not paid yet"),
    "expired": _("Expired: it was never paid"),
    "channel.address_changed": _("Changed on the channel, and kept as it is here: %(fields)s"),
    "picked": _("Picked"),
    "packed": _("Packed in parcel %(tracking_number)s"),
    "shipment.shipped": _("Parcel %(tracking_number)s shipped"),
    "shipment.in_transit": _("Parcel %(tracking_number)s is in transit"),
    "shipment.out_for_delivery": _("Parcel %(tracking_number)s is out for delivery"),
    "shipment.delivered": _("Parcel %(tracking_number)s delivered"),
    "shipment.delivery_failed": _("Parcel %(tracking_number)s could not be delivered"),
    "shipment.return_to_sender": _("Parcel %(tracking_number)s is coming back"),
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
    "review": _("have a person look at it"),
    "decline": _("decline it"),
}


WANTED = {  # by rules, beyond holds and marks
    "warehouse": _("another warehouse"),
    "service": _("another shipping service"),
    "carrier": _("another carrier"),
    "gifts": _("a gift"),
    "split": _("a split"),
    "merge": _("joining another order"),
    "notices": _("telling staff"),
}


FIELD_NAMES = {
    "flag": _("Flag"),
    "remark": _("Staff remark"),
    "print_remark": _("Print remark"),
    "tags": _("Tags"),
    "metadata": _("Own fields"),
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
    """One coded reason as a sentence in the reader's language; the code itself if unknown."""
    code, params = reason["code"], reason.get("params", {})
    text = _SENTENCES.get(code)
    if text is None:
        return f"{code} {params or ''}".strip()
    filled = {k: ", ".join(map(str, v)) if isinstance(v, list) else v for k, v in params.items()}
    if "advice" in filled:
        filled["advice"] = ADVICE.get(str(filled["advice"]), filled["advice"])
    if "finding" in filled:
        filled["finding"] = finding(str(filled["finding"]))
    try:
        return str(text) % filled
    except KeyError:
        return str(text)


LIKENESS = {
    "same_phone": _("the same phone number"),
    "same_mailbox": _("the same mailbox"),
    "same_address": _("the same address"),
    "same_name": _("the same name"),
}


def finding(code: str) -> str:
    """A finding in words, a rule by its code; what a person wrote as it stands."""
    if code.startswith("rule:"):
        return gettext("the rule “%(rule)s” says so") % {"rule": code.removeprefix("rule:")}
    return str(FINDINGS[code].label if code in FINDINGS else code)


@cache
def _said_of_verbs() -> Mapping[str, Words]:
    """What the steps of the verbs of an order and of its parts say."""
    return {
        k: said
        for noun in ("order", "order_line", "payment")
        for k, said in sentences_of(noun).items()
    }


def event_text(kind: str, data: dict[str, Any]) -> str:
    """One step of the timeline in words."""
    text = str(_EVENTS.get(kind) or _said_of_verbs().get(kind, kind))
    if "fields" in data:
        data = data | {"fields": ", ".join(str(FIELD_NAMES.get(f, f)) for f in data["fields"])}
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
