"""Declares the personal data of returns: notes on what came back and on money that went back."""

from django.utils.translation import gettext_lazy as _

from erp.privacy.declarations import Fate, Obstacle, Table

_OF_PERSON = "t.order_id = ANY(%(orders)s)"

SETS = (
    (
        "refs",
        "SELECT 'return:' || id FROM returns_returnauthorization"
        " WHERE order_id = ANY(%(orders)s) OR customer_id = ANY(%(customers)s)"
        " UNION SELECT 'refund:' || id FROM returns_refund WHERE order_id = ANY(%(orders)s)",
    ),
)

OBSTACLES = (
    Obstacle(
        _("Open return"),
        "SELECT number FROM returns_returnauthorization WHERE (order_id = ANY(%(orders)s)"
        " OR customer_id = ANY(%(customers)s)) AND status IN ('requested', 'approved', 'part_received', 'received',"
        " 'inspected') ORDER BY id",
    ),
    Obstacle(
        _("Open refund"),
        "SELECT number FROM returns_refund WHERE order_id = ANY(%(orders)s)"
        " AND status IN ('proposed', 'approved', 'submitted', 'failed') ORDER BY id",
    ),
)

TABLES = (
    Table(
        "returns.ReturnLine",
        _("what came back of an order"),
        personal="",
        plain="sku_code reason condition flag",
        whose="t.authorization_id IN (SELECT id FROM returns_returnauthorization WHERE order_id = ANY(%(orders)s)"
        " OR customer_id = ANY(%(customers)s))",
        fate=Fate.KEEP,
    ),
    Table(
        "returns.ReturnAuthorization",
        _("goods that came back"),
        personal="note",
        plain="number external_id currency country",
        whose=f"{_OF_PERSON} OR t.customer_id = ANY(%(customers)s)",
    ),
    Table(
        "returns.Refund",
        _("money that went back"),
        personal="note",
        plain="number reason currency channel_key",
        whose=_OF_PERSON,
    ),
)
