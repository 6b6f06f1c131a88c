"""The catalogue of findings: what is noticed about orders, which hold it opens, and who notices it.

Their codes are kept with holds, decisions and steps of the timeline, and become words when they are read.
"""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words


class Finding(NamedTuple):
    """Something that is noticed about an order, or that happened to it and is said as a reason.

    owner        the room that says it
    hold         the kind of hold that it opens; "" where it opens none
    is_certain   when an order is placed, it holds it whatever its channel's policy says of doubts
    """

    code: str
    owner: str
    label: Words
    hold: str = ""
    is_certain: bool = False


_ALL = (
    # Of who ordered:
    Finding("customer_blocked", "review", _("the customer is blocked"), "customer", True),
    Finding("contact_blocked", "review", _("somebody has blocked its contact"), "fraud", True),
    Finding(
        "possible_duplicate",
        "review",
        _("the same customer has ordered the same a little while ago"),
        "duplicate",
    ),
    Finding("email_malformed", "placement", _("the e-mail address cannot be one"), "customer"),
    Finding(
        "contact_missing",
        "placement",
        _("there is neither an e-mail address nor a phone number"),
        "customer",
    ),
    Finding(
        "risk_unknown", "review", _("nobody has said yet how likely it is fraud"), "fraud", True
    ),
    Finding("risk_high", "risk", _("it is likely to be fraud"), "fraud"),
    # Of where it goes:
    Finding("country_unknown", "customers", _("the country is unknown"), "address"),
    Finding(
        "postal_code_malformed",
        "customers",
        _("the postal code does not fit the country"),
        "address",
    ),
    Finding("postal_code_missing", "customers", _("the postal code is missing"), "address"),
    Finding("city_missing", "customers", _("the city is missing"), "address"),
    Finding("phone_doubtful", "review", _("the phone number cannot be one"), "address"),
    Finding("address_missing", "placement", _("the address is missing"), "customer"),
    # Of its goods:
    Finding("large_order", "review", _("the order is unusually large"), "review"),
    Finding("unmapped_sku", "review", _("nobody has said yet which SKU a line is"), "sku", True),
    Finding("waits_for_all", "review", _("it waits until everything is there"), "stock", True),
    Finding(
        "choice_open",
        "review",
        _("its customer is asked what to do about what is short"),
        "stock",
        True,
    ),
    Finding(
        "promised_goods_not_found", "allocation", _("goods promised to it were not found"), "stock"
    ),
    # Of its money:
    Finding("price_missing", "review", _("a line states no price"), "price", True),
    Finding("price_differs", "review", _("the price differs from ours"), "price"),
    Finding("amounts_differ", "review", _("its parts do not come to its total"), "price"),
    Finding("below_floor", "review", _("it is sold below its price floor"), "price", True),
    Finding("margin_low", "review", _("its margin is lower than wanted"), "price"),
    Finding(
        "credit_exceeded",
        "review",
        _("more would be owed than its customer may owe"),
        "payment",
        True,
    ),
    Finding("overpaid", "review", _("more was paid than is due"), "payment"),
    Finding("balance_of_change", "payments", _("a change of it is still to be paid"), "payment"),
    Finding(
        "balance_overdue",
        "payments",
        _("its deposit is paid, but the balance is overdue"),
        "payment",
    ),
    Finding(
        "payment_mismatch",
        "payments",
        _("what its payment provider says does not match it"),
        "payment",
    ),
    Finding("payment_disputed", "payments", _("its customer disputes the payment"), "payment"),
    Finding(
        "payment_not_taken",
        "payments",
        _("its payment provider did not do what it was asked"),
        "payment",
    ),
    Finding(
        "authorisation_ends",
        "payments",
        _("its authorisation ends before it has left"),
        "payment",
    ),
    # Of its type, and when it is due:
    Finding(
        "type_looked_at", "review", _("a person looks at every order of its type"), "review", True
    ),
    Finding("test_order", "review", _("the channel calls it a test"), "review", True),
    Finding(
        "cooling_off", "placement", _("its customer may still change their mind"), "wait", True
    ),
    Finding(
        "not_before", "placement", _("it is a pre-sale that ships on a later day"), "wait", True
    ),
    # Of the file that it came in:
    Finding("row_repeated", "intake", _("its file has a row of it twice"), "review", True),
    Finding(
        "said_twice", "intake", _("rows of its file say different things of it"), "review", True
    ),
    Finding(
        "line_differs", "intake", _("a line's amount is not quantity × unit price"), "review", True
    ),
    Finding("not_a_date", "intake", _("its file does not say when it was placed"), "review", True),
    Finding(
        "other_notation",
        "intake",
        _("its date is not written as the others of its file are"),
        "review",
        True,
    ),
    Finding(
        "payment_state_unknown",
        "intake",
        _("its file says of payment what is not known here"),
        "review",
        True,
    ),
    # Of what its channel did since:
    Finding(
        "cancelled_on_channel",
        "intake",
        _("the channel has cancelled it, and part of it has left"),
        "channel",
    ),
    Finding(
        "shipped_on_channel", "intake", _("the channel says it was shipped already"), "channel"
    ),
    Finding("deleted_on_channel", "intake", _("the channel has deleted it"), "channel"),
    Finding(
        "refunded_on_channel",
        "intake",
        _("the channel has given money back before it was shipped"),
        "channel",
    ),
    Finding("items_changed", "intake", _("its lines were changed on the channel"), "channel"),
    Finding(
        "address_changed",
        "intake",
        _("its address was changed on the channel, and here as well"),
        "channel",
    ),
    Finding(
        "merged_source_changed",
        "intake",
        _("an order that was merged into it was changed on its channel"),
        "channel",
    ),
    # Reasons of what happened to it, which open no hold:
    Finding("customer_chose", "changes", _("its customer chose so")),
    Finding("by_rule", "changes", _("a rule wants it so")),
    Finding("risk_declined", "risk", _("it was declined as likely to be fraud")),
    Finding("warehouse_out", "rehearsal", _("its warehouse is out of action")),
    Finding("hold_ended", "routing", _("a hold of it has ended")),
    Finding("order_changed", "routing", _("it was changed")),
    Finding("goods_came", "routing", _("goods were reserved for it")),
    Finding("goods_late", "allocation", _("its goods come later")),
    Finding("goods_given_up", "allocation", _("its goods were given to an order that comes first")),
)
FINDINGS = {finding.code: finding for finding in _ALL}


class UnknownFinding(LookupError):
    """A finding that is not in the catalogue: nobody could read it."""


def known(code: str) -> Finding:
    """The finding of a code. Raises UnknownFinding."""
    found = FINDINGS.get(code)
    if found is None:
        raise UnknownFinding(code)
    return found
