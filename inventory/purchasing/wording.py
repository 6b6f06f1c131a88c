"""Words replenishment reasons for a buyer: codes become sentences when they are read."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason

_SENTENCES = {
    "demand": _(
        "Average demand is %(daily)s a day (± %(sd)s), over %(days)s days of sales, recent "
        "weeks weighted most."
    ),
    "short_history": _(
        "Only %(days)s days of sales are known: before them, up to %(least)s days, none are assumed."
    ),
    "spikes_cut": _("%(days)s days with exceptional sales were capped."),
    "covers": _(
        "Stock must cover %(lead)s days of lead time and %(review)s days until the next "
        "review at a %(level)s %% service level."
    ),
    "set_by_hand": _("The limits are set by hand: reorder at %(point)s, up to %(top)s."),
    "order_up_to": _(
        "That needs %(top)s units (reorder point %(point)s, including %(safety)s safety stock)."
    ),
    "position": _(
        "%(available)s available, %(incoming)s on order, %(backordered)s backordered: "
        "position %(position)s."
    ),
    "enough": _("No purchase needed."),
    "rounded": _(
        "%(wanted)s needed; with packs of %(pack)s and a minimum of %(moq)s, buy %(quantity)s."
    ),
    "for_order": _(
        "Order %(order)s needs %(wanted)s; with packs of %(pack)s and a minimum of %(moq)s, "
        "buy %(quantity)s."
    ),
    "buy": _("%(quantity)s needed."),
    "no_supplier": _("Not ordered by itself: it has no supplier."),
    "no_terms_now": _("Not ordered by itself: no terms of %(supplier)s for it hold today."),
    "supplier_inactive": _("Not ordered by itself: its supplier %(supplier)s is inactive."),
    "supplier_currency_unknown": _(
        "Not ordered by itself: the currency of its supplier %(supplier)s is unknown: %(currency)s."
    ),
    "no_price_for_so_few": _(
        "Not ordered by itself: %(supplier)s asks a price from %(least)s units on, and none for fewer."
    ),
}


def sentences(reasons: Sequence[Reason]) -> list[str]:
    """Coded reasons as sentences in the reader's language; the code itself where unknown."""
    found = []
    for why in reasons:
        text = _SENTENCES.get(why["code"])
        found.append(str(text) % why["params"] if text else str(why["code"]))
    return found
