"""Declares the personal data of fulfillment: what carriers said of parcels."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Obstacle, Table

SETS = (
    (
        "refs",
        "SELECT 'parcel:' || id FROM fulfillment_parcel WHERE order_id = ANY(%(orders)s)",
    ),
)

OBSTACLES = (
    Obstacle(
        _("Parcel on its way"),
        "SELECT tracking_number FROM fulfillment_parcel WHERE order_id = ANY(%(orders)s)"
        " AND status NOT IN ('delivered', 'returned', 'cancelled') ORDER BY id",
    ),
)

TABLES = (
    Table(
        "fulfillment.Parcel",
        _("what was sent, and when"),
        personal="",
        plain="carrier service tracking_number number_key packaging told",
        whose="t.order_id = ANY(%(orders)s)",
        fate=Fate.KEEP,
    ),
    Table(
        "fulfillment.TrackingEvent",
        _("where a parcel was"),
        personal="description place",
        plain="external_id code leg",
        whose="t.parcel_id IN (SELECT id FROM fulfillment_parcel WHERE order_id = ANY(%(orders)s))",
        fate=Fate.SCRUB,
    ),
)
