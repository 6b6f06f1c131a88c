"""Lists the findings: what is noticed about orders, which hold it opens, and who notices it.

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
    Finding("customer_blocked", "review", _("customer blocked"), "customer", True),
    Finding("contact_blocked", "review", _("contact is blocked"), "fraud", True),
    Finding(
        "possible_duplicate",
        "review",
        _("possible duplicate of a recent order by the same customer"),
        "duplicate",
    ),
    Finding("terms_not_proven", "review", _("terms not applied: customer not proven"), "customer"),
    Finding("contact_of_another", "review", _("another customer's contact, another name")),
    Finding("email_malformed", "placement", _("invalid e-mail address"), "customer"),
    Finding(
        "contact_missing",
        "placement",
        _("no e-mail address or phone number"),
        "customer",
    ),
    Finding("risk_unknown", "review", _("fraud score pending"), "fraud", True),
    Finding("risk_high", "risk", _("high fraud risk"), "fraud"),
    # Of where it goes:
    Finding("country_unknown", "customers", _("unknown country"), "address"),
    Finding(
        "postal_code_malformed",
        "customers",
        _("postal code does not match the country"),
        "address",
    ),
    Finding("postal_code_missing", "customers", _("postal code missing"), "address"),
    Finding("city_missing", "customers", _("city missing"), "address"),
    Finding("phone_doubtful", "review", _("invalid phone number"), "address"),
    Finding("address_missing", "placement", _("address missing"), "customer"),
    # Of its goods:
    Finding("large_order", "review", _("unusually large order"), "review"),
    Finding("unmapped_sku", "review", _("a line has no SKU mapping"), "sku", True),
    Finding("waits_for_all", "review", _("waiting for complete stock"), "stock", True),
    Finding(
        "choice_open",
        "review",
        _("waiting for the customer's choice about missing items"),
        "stock",
        True,
    ),
    Finding("promised_goods_not_found", "allocation", _("reserved goods not found"), "stock"),
    # Of its money:
    Finding("price_missing", "review", _("a line has no price"), "price", True),
    Finding("tax_unknown", "review", _("no tax rate for the destination"), "price", True),
    Finding("price_differs", "review", _("the price differs from ours"), "price"),
    Finding("amounts_differ", "review", _("amounts do not add up to the total"), "price", True),
    Finding("currency_differs", "placement", _("currency is not the channel's"), "price"),
    Finding("below_floor", "review", _("sold below price floor"), "price", True),
    Finding("margin_low", "review", _("margin below minimum"), "price"),
    Finding("account_not_agreed", "review", _("on account, not agreed"), "payment", True),
    Finding("credit_exceeded", "review", _("credit limit exceeded"), "payment", True),
    Finding(
        "goodwill_above_limit",
        "review",
        _("given away free of charge above the approval limit"),
        "finance",
        True,
    ),
    Finding("overpaid", "review", _("overpaid"), "payment"),
    Finding("balance_of_change", "payments", _("payment outstanding for a change"), "payment"),
    Finding(
        "balance_overdue",
        "payments",
        _("deposit paid, balance overdue"),
        "payment",
    ),
    Finding(
        "payment_mismatch",
        "payments",
        _("payment provider data does not match the order"),
        "payment",
    ),
    Finding("payment_disputed", "payments", _("payment disputed by the customer"), "payment"),
    Finding(
        "payment_not_taken",
        "payments",
        _("payment provider request failed"),
        "payment",
    ),
    Finding(
        "authorisation_ends",
        "payments",
        _("authorisation expires before shipment"),
        "payment",
    ),
    # Of its type, and when it is due:
    Finding("type_looked_at", "review", _("order type requires review"), "review", True),
    Finding("test_order", "review", _("marked as a test by the channel"), "review", True),
    Finding(
        "cooling_off",
        "placement",
        _("customer may still change their mind (cooling-off period)"),
        "wait",
        True,
    ),
    Finding("not_before", "placement", _("pre-sale: ship date not reached"), "wait", True),
    # Of the message or the file that it came in:
    Finding(
        "unit_of_measure",
        "intake",
        _("ordered in a unit whose number of pieces is unknown"),
        "review",
        True,
    ),
    Finding(
        "function_unclear",
        "intake",
        _("the message may not be meant as an order (copy, test, call-off, offer)"),
        "review",
        True,
    ),
    Finding(
        "date_requested",
        "intake",
        _("a requested date of shipping or delivery cannot be read or kept"),
        "review",
        True,
    ),
    Finding(
        "date_passed",
        "intake",
        _("the last date requested for shipping or delivery has passed"),
        "review",
        True,
    ),
    Finding(
        "versions_differ",
        "intake",
        _("two versions of the order differ; the first one counts"),
        "channel",
        True,
    ),
    Finding(
        "delivery_split",
        "intake",
        _("the message splits the order over several places or dates"),
        "review",
        True,
    ),
    Finding(
        "quantity_unclear",
        "intake",
        _("the message states another quantity for a line"),
        "review",
        True,
    ),
    Finding(
        "goods_unclear",
        "intake",
        _("a line of the message names several articles"),
        "review",
        True,
    ),
    Finding(
        "text_objects",
        "intake",
        _("a text of the message speaks of cancelling, holding or not shipping"),
        "review",
        True,
    ),
    Finding(
        "line_number_repeated",
        "intake",
        _("several lines of the message have the same number"),
        "review",
        True,
    ),
    Finding(
        "price_unclear",
        "intake",
        _("the message states several prices for a line"),
        "price",
        True,
    ),
    Finding(
        "line_not_wanted",
        "intake",
        _("the message states a line as cancelled or not accepted"),
        "review",
        True,
    ),
    Finding(
        "line_count_differs",
        "intake",
        _("the message states another number of lines"),
        "review",
        True,
    ),
    Finding(
        "allowance_unclear",
        "intake",
        _("the message states an allowance, charge or tax that may not be meant for this order"),
        "price",
        True,
    ),
    Finding(
        "totals_differ",
        "intake",
        _("sums stated in the message do not agree with its parts"),
        "price",
        True,
    ),
    Finding("too_long", "intake", _("a text was too long and has been cut"), "review", True),
    Finding("row_repeated", "intake", _("duplicate row in the file"), "review", True),
    Finding("said_twice", "intake", _("conflicting rows in the file"), "review", True),
    Finding(
        "line_differs", "intake", _("line amount is not quantity × unit price"), "review", True
    ),
    Finding("not_a_date", "intake", _("order date missing in the file"), "review", True),
    Finding(
        "other_notation",
        "intake",
        _("date format differs from the rest of the file"),
        "review",
        True,
    ),
    Finding(
        "date_ambiguous",
        "intake",
        _("order date in the file could be two dates"),
        "review",
        True,
    ),
    Finding(
        "columns_differ",
        "intake",
        _("two columns of the file say the same thing differently"),
        "review",
        True,
    ),
    Finding("digits_lost", "intake", _("digits dropped by a spreadsheet"), "review", True),
    Finding(
        "encoding_doubtful",
        "intake",
        _("encoding uncertain: texts may be garbled"),
        "review",
        True,
    ),
    Finding(
        "address_guessed",
        "intake",
        _("address guessed from a text: please check"),
        "address",
        True,
    ),
    Finding(
        "payment_state_unknown",
        "intake",
        _("unknown payment status in the file"),
        "review",
        True,
    ),
    # Of what its channel says of it:
    Finding("tax_differs", "intake", _("taxes do not add up to the channel's tax"), "price", True),
    Finding(
        "units_differ",
        "intake",
        _("quantity × unit price is not the line's amount"),
        "review",
        True,
    ),
    Finding("state_unknown", "intake", _("unknown status on the channel"), "review", True),
    Finding(
        "state_contradicts",
        "intake",
        _("the channel's status and amounts contradict each other"),
        "review",
        True,
    ),
    Finding(
        "refund_amount_missing",
        "intake",
        _("partly refunded, but the amount is not stated"),
        "review",
        True,
    ),
    Finding("nothing_left", "intake", _("the channel has taken off all lines"), "channel", True),
    Finding(
        "currency_changed", "intake", _("another currency than before on the channel"), "channel"
    ),
    Finding(
        "money_in_other_currency",
        "intake",
        _("the channel reports money in another currency"),
        "payment",
    ),
    # Of what its channel did since:
    Finding(
        "cancelled_on_channel",
        "intake",
        _("cancelled on the channel after part of it shipped"),
        "channel",
    ),
    Finding(
        "shipped_on_channel", "intake", _("already shipped according to the channel"), "channel"
    ),
    Finding("deleted_on_channel", "intake", _("deleted on the channel"), "channel"),
    Finding(
        "refunded_on_channel",
        "intake",
        _("refunded on the channel before it shipped"),
        "channel",
    ),
    Finding(
        "refunded_beyond_payment",
        "intake",
        _("the channel has given back more than was left to refund"),
        "payment",
    ),
    Finding(
        "change_requested",
        "intake",
        _("the customer has sent a change of the order, to be made by hand"),
        "channel",
    ),
    Finding(
        "date_changed",
        "intake",
        _("the customer has changed the date before which it must not ship"),
        "channel",
    ),
    Finding(
        "ordered_again",
        "intake",
        _("the channel has sent a new version of an order that it had cancelled"),
        "channel",
    ),
    Finding("items_changed", "intake", _("lines changed on the channel"), "channel"),
    Finding(
        "address_changed",
        "intake",
        _("address changed both on the channel and here"),
        "channel",
    ),
    Finding(
        "merged_source_changed",
        "intake",
        _("a merged order was changed on its channel"),
        "channel",
    ),
    # Reasons of what happened to it, which open no hold:
    Finding("customer_chose", "changes", _("chosen by the customer")),
    Finding("by_rule", "changes", _("required by a rule")),
    Finding("risk_declined", "risk", _("it was declined as likely to be fraud")),
    Finding("warehouse_out", "rehearsal", _("warehouse is inactive")),
    Finding("hold_ended", "routing", _("a hold has ended")),
    Finding("order_changed", "routing", _("the order was changed")),
    Finding("goods_came", "routing", _("goods were reserved")),
    Finding("goods_late", "allocation", _("goods are delayed")),
    Finding("goods_given_up", "allocation", _("stock reallocated to a higher-priority order")),
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
