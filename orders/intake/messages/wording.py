"""Words the defects of incoming rows, drafts and messages."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason

CAUSES = {
    "not_json": _("Not valid JSON, from line %(line)s, column %(column)s."),
    "not_utf8": _("The text is not in UTF-8."),
    "nested_too_deeply": _("It is nested too deeply."),
    "number_in_json": _("Not valid JSON: a number is none, or far too long."),
    "not_an_object": _("The JSON is not a single object."),
    "no_id": _("No order id found."),
    "no_currency": _("No valid currency."),
    "currency_unknown": _("“%(value)s” is not an ISO 4217 currency."),
    "currencies_differ": _("Stated in two currencies: %(one)s and %(other)s."),
    "amount_unreadable": _("%(field)s: “%(value)s” is not an amount."),
    "amount_missing": _("%(field)s: no amount is stated."),
    "amount_below_zero": _("%(field)s: %(value)s is negative."),
    "amount_too_large": _("The order comes to an amount that is too large: %(value)s."),
    "flag_unreadable": _("%(field)s: “%(value)s” is neither yes nor no."),
    "moment_unreadable": _("%(field)s: “%(value)s” is not a time with its time zone."),
    "moment_to_come": _("%(field)s: %(value)s is in the future."),
    "not_a_list": _("%(field)s: “%(value)s” is not a list of objects."),
    "not_an_object_in": _("%(field)s: “%(value)s” is not an object."),
    "id_too_long": _("%(field)s: “%(value)s” is too long for an id."),
    "id_damaged": _("%(field)s: “%(value)s” contains characters that were lost."),
    "ids_differ": _("Two different ids: %(one)s and %(other)s."),
    "state_unknown": _("%(field)s: “%(value)s” is an unknown status."),
    "more_than_ordered": _("Line %(line)s: more units are current than were ordered."),
    "no_lines": _("No line with at least one unit."),
    "not_edi": _("It is neither X12 nor EDIFACT."),
    "not_a_mail": _("Not a readable e-mail: %(why)s"),
    "spam": _("Looks like spam, or has a dangerous attachment."),
    "parcel_notice": _("Parcel notification, not an order."),
    "automatic": _("Automated message, not an order."),
    "no_goods": _("None of our products are mentioned; please read it."),
    "says_no": _("Cancels, returns or declines goods, and orders none; please read it."),
    "attachment_unreadable": _("An attachment cannot be read; please look at it: %(name)s"),
    "reply_to_nothing": _("Reply to an unknown e-mail, with no mention of our products."),
    "not_xml": _("It is not well-formed XML: see line %(line)s, column %(column)s."),
    "xml_declares": _(
        "It declares a DTD or entities, which are not read for safety. Leave them out."
    ),
    "xml_encoding": _(
        "It is not written in the encoding that it declares (UTF-8 where it declares none), or nobody"
        " knows that one. Use UTF-8."
    ),
    "too_much": _("Too large: %(what)s."),
    "no_purchase_order": _("No purchase order found, but %(what)s."),
    "ordered_again": _(
        "A new version of an order that was cancelled: place it as a new order if it is wanted."
    ),
    "reader_stopped": _(
        "Reading it was ended (%(why)s): it takes more than a message may, or is written as none is."
    ),
    "not_all_read": _("Also contains %(what)s, which is not processed automatically."),
    "test_and_real": _(
        "Of order %(what)s this message or an earlier one is a test and the other is none, or it tests an order"
        " that is unknown. Nothing of this message has been processed."
    ),
    "not_all_came": _(
        "Trailer %(trailer)s counts %(stated)s, but %(came)s came: part of the file was lost."
        " What came has been processed."
    ),
    "cut_off": _(
        "Trailer %(trailer)s is missing: the file is truncated. What came has been processed."
    ),
    "trailer_of_another": _(
        "Trailer %(trailer)s is not its header's and counts %(stated)s where %(came)s came: part of the file"
        " may be lost. What came has been processed."
    ),
    "outside_a_message": _("Segment %(what)s is outside of any message: the file is damaged."),
    "several_interchanges": _("Several senders' interchanges in one file; send them one by one."),
    "transaction_not_closed": _("Message %(control)s has no trailer: the file is truncated."),
    "control_numbers_differ": _("Message %(control)s: header and trailer control numbers differ."),
    "quantity_not_whole": _("Line %(line)s: %(value)s is not a whole number from 1 to 1,000,000."),
    "number_unreadable": _("%(what)s: “%(value)s” is not a number."),
    "number_ambiguous": _(
        "%(what)s: “%(value)s” could be two numbers: its comma or point may mean either."
    ),
    "said_twice": _("%(what)s is stated twice."),
    "text_between_elements": _("%(what)s: text and elements are mixed in “%(value)s”."),
    "withdrawn": _("Cancels order %(what)s; cancel it here if it was placed."),
    "validity_ended": _("Order %(field)s was valid until %(value)s only."),
    "validity_unreadable": _("The order's validity ends on “%(value)s”, which is not a date."),
    "two_currencies": _("Amounts in several currencies: %(what)s."),
    "price_below_zero": _("Line %(line)s: the price is negative."),
    "unknown_format": _("Unknown format."),
    "negative_total": _("The total is negative."),
    "order_unknown": _("The order it refers to has not arrived yet; waiting for it."),
    "error": _("Processing failed: %(why)s"),
    "erased": _("It was about a customer whose personal data has been erased."),
    "expired": _("It could not be processed, and has been kept long enough."),
}


ISSUES = {
    "asks_for_a_quote": _("Quote request, not an order yet."),
    "no_goods_found": _("No products found."),
    "could_be_another": _("%(sku)s is ambiguous: it could be %(others)s."),
    "doubtful_line": _("%(sku)s is a guess: “%(words)s”."),
    "unknown_goods": _("“%(words)s” is none of our products."),
    "not_understood": _("Not understood: “%(words)s”."),
    "several_quantities": _("%(sku)s: several quantities in “%(words)s”."),
    "encoding_doubtful": _("Its encoding is uncertain: texts may be garbled."),
    "attachment_unreadable": _("The attachment %(name)s cannot be read."),
    "attachment_cut": _("Of the attachment %(name)s only the first %(n)s rows were read."),
    "quantity_unclear": _("%(sku)s: the quantity is uncertain in “%(words)s”."),
    "says_no": _("Cancels, returns or declines something, so it was not read: “%(words)s”."),
    "conditional": _("Not a plain order, so please read it: “%(words)s”."),
    "unit_unknown": _("%(sku)s: how many pieces are in “%(unit)s”?"),
    "date_passed": _("The requested date has passed: “%(words)s”."),
    "dates_differ": _("Several dates are requested: “%(words)s”."),
    "date_unclear": _("The date is unclear: “%(words)s”."),
    "short": _("%(sku)s: %(asked)s requested, %(available)s available."),
    "below_least": _("%(sku)s: %(asked)s requested, minimum %(least)s."),
    "address_missing": _("No delivery address."),
    "postal_code_missing": _("The address has no postal code."),
}


DEFECTS = {
    "missing": _("%(column)s is missing."),
    "too_few_columns": _("%(n)s cells of %(of)s: the row is incomplete."),
    "too_many_columns": _("%(n)s cells for %(of)s headings: a comma without quotation marks?"),
    "too_long": _("%(column)s is longer than %(n)s characters."),
    "too_many_lines": _("The order has more than 2,000 rows."),
    "row_repeated": _("Identical to a row above."),
    "said_twice": _("%(column)s: “%(value)s”, but the order's first row says “%(first)s”."),
    "not_an_amount": _("%(column)s: “%(value)s” is not an amount."),
    "below_zero": _("%(column)s: “%(value)s” is negative."),
    "too_precise": _("%(column)s: “%(value)s” has more decimal places than %(currency)s has."),
    "not_a_quantity": _("%(column)s: “%(value)s” is not a whole number from 1 to 1,000,000."),
    "goods_missing": _("No SKU or product name."),
    "line_differs": _("%(column)s: “%(value)s” is not quantity × unit price."),
    "no_currency": _("%(column)s: “%(value)s” is not a valid currency."),
    "not_a_date": _("%(column)s: “%(value)s” is not a date."),
    "moment_to_come": _("%(column)s: “%(value)s” is in the future."),
    "date_ambiguous": _("%(column)s: “%(value)s” could be two dates: day or month first?"),
    "amount_ambiguous": _(
        "%(column)s: “%(value)s” could be two numbers: its comma or point may mean either."
    ),
    "other_sign": _("%(column)s: “%(value)s” is not in %(currency)s."),
    "unit_of_measure": _("%(column)s: “%(value)s” pieces in one unit are unknown."),
    "columns_differ": _(
        "%(column)s: “%(value)s”, but %(other)s: “%(second)s”. Only one of the two columns can be meant."
    ),
    "date_requested": _("%(column)s: “%(value)s” cannot be read, or not be kept."),
    "date_passed": _("%(column)s: “%(value)s” has passed."),
    "digits_lost": _(
        "%(column)s: “%(value)s”: a spreadsheet has dropped digits. Format the column as text."
    ),
    "encoding_doubtful": _(
        "The file's encoding is uncertain: choose it when you import, or save the file as UTF-8."
    ),
    "country_unknown": _("%(column)s: “%(value)s” is an unknown country."),
    "address_guessed": _("%(column)s: “%(value)s” could not be read with certainty."),
    "other_notation": _("%(column)s: “%(value)s” has another format than the other dates."),
    "total_differs": _(
        "%(column)s: “%(value)s” does not match the sum of its parts (difference %(by)s)."
    ),
    "not_an_email": _("%(column)s: “%(value)s” is not an e-mail address."),
    "state_unknown": _("%(column)s: “%(value)s” is an unknown status."),
    "payment_state_unknown": _("%(column)s: “%(value)s” is an unknown status."),
    "state_contradicts": _("%(column)s: “%(value)s” contradict each other."),
    "refund_amount_missing": _(
        "Partly refunded, but no refunded amount is stated: add it in a column of its own."
    ),
    "kind_unknown": _("%(column)s: “%(value)s” is an unknown kind of row."),
    "nothing_paid": _("%(column)s: “%(value)s” carries no payment."),
    "order_unknown": _("There is no order %(value)s."),
    "refused": _("%(value)s"),
    "differs_from_due": _("%(value)s paid, %(due)s due."),
    # Of imports of the past:
    "not_a_price": _("“%(value)s” is not a price."),
    "no_quantity": _("The quantity is zero."),
    "other_currency": _("Different currency: %(value)s."),
    "cancels_by_adding": _("A cancellation with a positive quantity."),
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
    if "words" in params:  # in marks within a sentence, which has a full stop of its own
        params["words"] = str(params["words"]).rstrip(" .。")
    try:
        return str(ISSUES.get(issue["code"], issue["code"])) % params
    except (KeyError, TypeError, ValueError):
        return str(issue["code"])


def cause_text(code: str, params: Mapping[str, object]) -> str:
    """Why a message is held or has failed, in words; of one that lost a part also what of the rest nobody reads."""
    try:
        # What was kept before the attachment was named has no name.
        found = str(CAUSES.get(code, code)) % {"name": "?", **params}
    except (KeyError, TypeError, ValueError):
        return str(CAUSES.get(code, code))
    if "lost" in params and "what" in params:
        found += " " + str(CAUSES["not_all_read"]) % params
    return found
