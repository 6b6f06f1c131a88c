"""Prices as files."""

from django.utils.translation import gettext_lazy as _

from erp.jobs.sheets import Column, Sheet
from orders.actions.pricelists import write_prices
from orders.models import Price

SHEETS = (
    Sheet(
        name="prices",
        title=_("Prices"),
        note=_("Prices by price list; a row for each quantity from which one holds."),
        right="inventory.edit",
        columns=(
            Column("price_list", needed=True, longest=50),
            Column("sku", needed=True, longest=60),
            Column("min_quantity", "count"),
            Column("amount", "decimal", needed=True),
            Column("valid_from", "day"),
            Column("valid_until", "day"),
        ),
        write=write_prices,
        read=lambda: (
            Price.objects.order_by("price_list_id", "sku_id", "min_quantity", "pk")
            .values_list(
                "price_list__code",
                "sku__code",
                "min_quantity",
                "amount",
                "valid_from",
                "valid_until",
            )
            .iterator()
        ),
    ),
)
