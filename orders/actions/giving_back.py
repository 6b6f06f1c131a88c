"""Giving back units that a line has reserved."""

from django.db import transaction

from inventory import actions as inventory
from inventory.models import Reservation
from orders.models import OrderLine
from orders.queries import made_of


@transaction.atomic(savepoint=False)
def give_back_units(*, line: OrderLine, units: int) -> set[int]:
    """Give back units of a line, the newest reservations first; of a bundle, as many of each part.

    `line` counts them off and is saved by the caller. Returns the SKUs of which something is free again.
    """
    if not units:
        return set()
    held = Reservation.objects.filter(
        holder_kind="order_line", holder_id=line.pk, status="committed"
    )
    inventory.lock_levels(held.values_list("sku_id", "warehouse_id"))
    parts = made_of({line.pk: line.sku_id})[line.pk]
    for sku_id, each in parts:
        left = units * each
        for row in held.filter(sku_id=sku_id).order_by("-pk").select_for_update():
            taken = min(left, row.quantity)
            if taken:
                inventory.release_units(reservation=row, quantity=taken)
            left -= taken
    line.quantity_reserved -= units
    return {sku_id for sku_id, _each in parts}
