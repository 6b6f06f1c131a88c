"""Sets channel allotments and the stock policy of a SKU in a warehouse."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor, Channel
from erp.access.queries import require, require_channel, sign_history
from erp.errors import Invalid, NotFound
from inventory.catalogue.models import Sku, StockPolicy
from inventory.stock.actions.ledger import OutOfStock, lock_levels, record_change
from inventory.stock.actions.reserve import free_by_warehouse, reserve_rows
from inventory.stock.models.allotments import Allotment
from inventory.stock.models.levels import Reservation
from inventory.stock.models.places import Warehouse
from inventory.stock.states import ReservationStatus


@transaction.atomic(savepoint=False)
def set_allotment(
    *,
    channel_id: int,
    kind: str,
    value: int,
    sku_id: int | None = None,
    warehouse_id: int | None = None,
    by: Actor,
    now: datetime,
) -> Allotment | None:
    """Say what part of the stock a channel may sell; value 0 of a fixed one gives all back.

    A fixed allotment is a reservation: nobody else can sell it. What the channel has sold of it
    is not topped up. Raises OutOfStock when fewer units are free, Invalid.
    """
    require(by, "inventory.allot")
    require_channel(by, channel_id)
    sign_history(by)
    _check_allotment(kind, value, sku_id, warehouse_id)
    where = warehouse_id if kind == Allotment.Kind.FIXED else None
    # One at a time per channel: two who set the same would both find none and both make one.
    list(Channel.objects.select_for_update(no_key=True).filter(pk=channel_id))
    if kind == Allotment.Kind.FIXED:
        lock_levels([(sku_id or 0, where or 0)])
    same = Allotment.objects.select_for_update().filter(
        **({"sku_id": sku_id} if sku_id else {"sku__isnull": True}),
        **({"warehouse_id": where} if where else {"warehouse__isnull": True}),
        channel_id=channel_id,
        kind=kind,
        is_active=True,
    )
    for old in same:
        _give_back(old)
    if kind == Allotment.Kind.FIXED and value == 0:
        return None
    made = Allotment.objects.create(
        channel_id=channel_id,
        sku_id=sku_id,
        warehouse_id=where,
        kind=kind,
        value=value,
        created_at=now,
    )
    if kind == Allotment.Kind.FIXED:
        assert sku_id is not None
        assert where is not None
        _set_aside(made, sku_id, where)
    return made


def _check_allotment(kind: str, value: int, sku_id: int | None, warehouse_id: int | None) -> None:
    if kind not in Allotment.Kind.values or not 0 <= value <= 10_000_000:
        raise Invalid(_("An allotment is a share, a cap or a fixed quantity, and never negative."))
    if kind == Allotment.Kind.SHARE and value > 100:
        raise Invalid(_("A share is at most 100 %."))
    if kind == Allotment.Kind.FIXED and (sku_id is None or warehouse_id is None):
        raise Invalid(_("A fixed allotment needs a SKU and a warehouse."))


def _give_back(old: Allotment) -> None:
    old.is_active = False
    old.save(update_fields=["is_active"])
    Reservation.objects.filter(
        holder_kind="allotment", holder_id=old.pk, status=ReservationStatus.HELD
    ).update(status=ReservationStatus.RELEASED)


def _set_aside(made: Allotment, sku_id: int, warehouse_id: int) -> None:
    """Reserve the units of a fixed allotment; their level is locked."""
    free = dict(free_by_warehouse(sku_id)).get(warehouse_id, 0)
    if free < made.value:
        code = Sku.objects.values_list("code", flat=True).get(pk=sku_id)
        raise OutOfStock({code: made.value - free})
    row = {
        "holder_id": made.pk,
        "sku_id": sku_id,
        "warehouse_id": warehouse_id,
        "quantity": made.value,
    }
    reserve_rows([row], "allotment", ReservationStatus.HELD)
    record_change(f"allotment:{made.pk}", warehouse_id, [sku_id])


@transaction.atomic(savepoint=False)
def set_policy(
    *,
    sku_id: int,
    warehouse_id: int,
    safety: int,
    reorder_point: int | None = None,
    order_up_to: int | None = None,
    by: Actor,
    now: datetime,
) -> StockPolicy:
    """Set a SKU's safety stock and reorder limits in a warehouse. Raises Invalid, NotFound."""
    require(by, "inventory.allot")
    sign_history(by)
    if safety < 0 or (reorder_point or 0) < 0 or (order_up_to or 0) < 0:
        raise Invalid(_("Stock limits are not negative."))
    if order_up_to is not None and order_up_to < (reorder_point or 0):
        raise Invalid(_("Order up to at least the reorder point."))
    if not Warehouse.objects.filter(pk=warehouse_id).exists():
        raise NotFound
    policy, _made = StockPolicy.objects.update_or_create(
        sku_id=sku_id,
        warehouse_id=warehouse_id,
        defaults={"safety": safety, "reorder_point": reorder_point, "order_up_to": order_up_to},
    )
    record_change(f"stock_policy:{policy.pk}", warehouse_id, [sku_id])
    return policy
