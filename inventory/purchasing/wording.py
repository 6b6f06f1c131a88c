"""Replenishment advice in words a buyer understands: its codes become sentences when they are read."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from erp.reasons import Reason

_SENTENCES = {
    "demand": _(
        "%(daily)s are sold a day (± %(sd)s), by %(days)s days of sales, the last weeks most."
    ),
    "spikes_cut": _(
        "%(days)s days with a single huge sale were cut down: that does not come every week."
    ),
    "covers": _(
        "Stock must last %(lead)s days until goods come and %(review)s until the next look, with %(level)s %% certainty."
    ),
    "set_by_hand": _("Somebody set the limits: buy at %(point)s, up to %(top)s."),
    "order_up_to": _(
        "That takes %(top)s units (reorder point %(point)s, of it %(safety)s safety stock)."
    ),
    "position": _(
        "There are %(available)s available and %(incoming)s on order; waiting orders lack %(backordered)s: %(position)s in all."
    ),
    "enough": _("That is enough."),
    "rounded": _(
        "%(wanted)s are missing; in packs of %(pack)s, at least %(moq)s, that is %(quantity)s."
    ),
    "for_order": _(
        "Order %(order)s lacks %(wanted)s; in packs of %(pack)s, at least %(moq)s, that is %(quantity)s."
    ),
    "buy": _("%(quantity)s are missing."),
}


def sentences(reasons: Sequence[Reason]) -> list[str]:
    """Coded reasons as sentences in the reader's language; the code itself where unknown."""
    found = []
    for why in reasons:
        text = _SENTENCES.get(why["code"])
        found.append(str(text) % why["params"] if text else str(why["code"]))
    return found
