"""What is wrong with what came in, in words: rows of files, letters, messages that wait for a person."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason

CAUSES = {
    "not_json": _("It is not JSON: %(why)s"),
    "not_an_object": _("It is JSON, but not one object."),
    "no_id": _("It does not say which order it is about."),
    "no_currency": _("It names no currency that there is."),
    "no_lines": _("It has no line with at least one unit."),
    "not_edi": _("It is neither X12 nor EDIFACT."),
    "not_a_mail": _("It is no mail that can be read: %(why)s"),
    "spam": _("It looks like spam, or carries what may be dangerous."),
    "parcel_notice": _("A parcel notice: it orders nothing."),
    "automatic": _("A machine wrote it: it orders nothing."),
    "no_goods": _("It names none of our goods. A person should read it."),
    "reply_to_nothing": _("It answers a mail that we do not know of, and names none of our goods."),
    "not_xml": _("It is not XML that may be read: %(why)s"),
    "too_much": _("It holds more than anybody sends: %(what)s."),
    "no_purchase_order": _("There is no purchase order in it, but %(what)s."),
    "transaction_not_closed": _("Message %(control)s has no end: the file is cut off."),
    "control_numbers_differ": _("Message %(control)s ends with another number than it began with."),
    "quantity_not_whole": _("Line %(line)s: %(value)s is no whole number from 1 to 1,000,000."),
    "price_below_zero": _("Line %(line)s: its price is below zero."),
    "unknown_format": _("It is none of the formats that are read here."),
    "negative_total": _("Its total is below zero."),
    "order_unknown": _("It is about an order that has not come yet. It waits for it."),
    "error": _("Reading it failed: %(why)s"),
}


ISSUES = {
    "asks_for_a_quote": _("It asks for a quote: it is no order yet."),
    "no_goods_found": _("No goods were found in it."),
    "could_be_another": _("%(sku)s could be another: %(others)s."),
    "doubtful_line": _("%(sku)s is a guess: “%(words)s”."),
    "short": _("%(asked)s of %(sku)s are asked for, %(available)s are available."),
    "below_least": _("%(asked)s of %(sku)s are asked for, the least is %(least)s."),
    "address_missing": _("It does not say where to."),
    "postal_code_missing": _("The address has no postal code."),
}


DEFECTS = {
    "missing": _("%(column)s is missing."),
    "too_few_columns": _("It has %(n)s cells of %(of)s: the rest is missing."),
    "too_many_columns": _(
        "It has %(n)s cells, the headings are %(of)s: a comma without quotation marks?"
    ),
    "too_long": _("%(column)s is longer than %(n)s characters."),
    "too_many_lines": _("The order has more than 2,000 rows."),
    "row_repeated": _("The very same row stands above already."),
    "said_twice": _("%(column)s: “%(value)s”, but the order's first row says “%(first)s”."),
    "not_an_amount": _("%(column)s: “%(value)s” is no amount."),
    "below_zero": _("%(column)s: “%(value)s” is below zero."),
    "too_precise": _("%(column)s: “%(value)s” has more decimal places than %(currency)s has."),
    "not_a_quantity": _("%(column)s: “%(value)s” is no whole number from 1 to 1,000,000."),
    "goods_missing": _("It names no goods: neither a SKU nor a product."),
    "line_differs": _("%(column)s: “%(value)s” is not quantity × unit price."),
    "no_currency": _("%(column)s: “%(value)s” is no currency that there is."),
    "not_a_date": _("%(column)s: “%(value)s” is no date."),
    "other_notation": _("%(column)s: “%(value)s” is not written as the other dates are."),
    "total_differs": _("%(column)s: “%(value)s” is not what its parts come to (%(by)s apart)."),
    "not_an_email": _("%(column)s: “%(value)s” is no e-mail address."),
    "payment_state_unknown": _("%(column)s: “%(value)s” is a state that is not known here."),
    "kind_unknown": _("%(column)s: “%(value)s” is a kind of row that is not known here."),
    "nothing_paid": _("%(column)s: “%(value)s” pays nothing."),
    "order_unknown": _("There is no order %(value)s."),
    "refused": _("%(value)s"),
    "differs_from_due": _("%(value)s was paid, %(due)s was due."),
    # Of imports of the past:
    "not_a_price": _("“%(value)s” is no price."),
    "no_quantity": _("The quantity is zero."),
    "other_currency": _("It is in another currency: %(value)s."),
    "cancels_by_adding": _("It cancels, but adds units."),
}


def defect_text(code: str, params: Mapping[str, object]) -> str:
    """What is wrong with a row of a file, in words."""
    try:
        return str(DEFECTS.get(code, code)) % {"column": "", "value": "", "n": "", **params}
    except (KeyError, TypeError, ValueError):
        return str(DEFECTS.get(code, code))


def issue_text(issue: Reason) -> str:
    """What a person should look at in a draft, in words."""
    params = dict(issue.get("params", {}))
    if "others" in params:
        params["others"] = ", ".join(params["others"])
    try:
        return str(ISSUES.get(issue["code"], issue["code"])) % params
    except (KeyError, TypeError, ValueError):
        return str(issue["code"])


def cause_text(code: str, params: Mapping[str, object]) -> str:
    """Why a message is held or has failed, in words."""
    try:
        return str(CAUSES.get(code, code)) % params
    except (KeyError, TypeError, ValueError):
        return str(CAUSES.get(code, code))
