"""Words why tracking events are refused, and what customers read of each state."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words

REFUSALS: Mapping[str, Words] = {
    "in-future": _("A tracking event cannot be in the future."),
    "before-parcel": _(
        "It happened before this parcel existed: the carrier used the number again."
    ),
    "too-long": _("The text is longer than can be kept."),
    "id-reused": _("Another event of this parcel has this id."),
    "malformed": _("The event could not be read."),
}
