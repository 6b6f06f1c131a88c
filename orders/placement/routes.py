"""Routes and promises a prepared order: from which warehouses, by which service, by when."""

import msgspec
from django.utils.translation import gettext as _

from erp.errors import Conflict, FieldError
from erp.reasons import reason
from inventory.stock.actions.ledger import OutOfStock
from orders.placement.incoming import IncomingOrder
from orders.placement.prepared import PreparedOrder
from orders.review.decisions.rules import Ruled
from orders.routing.calendar import is_working_day
from orders.routing.decisions import promise, warehouse


def route_of(prepared: PreparedOrder) -> warehouse.Route:
    """Choose the warehouses of an order among those that its facts leave."""
    facts, to = prepared.facts, prepared.order.shipping_address
    wanted = [
        warehouse.Wanted(
            index,
            known.sku.id,
            known.line.sku,
            known.line.quantity,
            tuple(known.sku.made_of()),
            facts.homes.get(known.sku.id, ()),
        )
        for index, known in enumerate(prepared.lines)
        if known.sku is not None and not known.sku.is_service
    ]
    policy, senders = facts.policy, facts.senders_to(to.country, to.region)
    parts = dict.fromkeys(part for want in wanted for part, _each in want.parts)
    free = [
        (part, sender.id, facts.free[part, sender.id])
        for part in parts
        for sender in senders
        if (part, sender.id) in facts.free
    ]
    limits = policy.accepts_backorders  # what a limit leaves over has to be able to wait
    return warehouse.again(
        warehouse.Asked(
            wanted,
            senders,
            free,
            to.country,
            to.region,
            policy.route_by,
            policy.most_parcels if limits else 0,
            policy.least_units if limits else 0,
        )
    )


def as_ruled(
    prepared: PreparedOrder, route: warehouse.Route, ruled: Ruled | None
) -> tuple[PreparedOrder, warehouse.Route]:
    """The order with the service, and from the warehouse, that the merchant's rules want, as far as that can be."""
    if ruled is None:
        return prepared, route
    if service := prepared.facts.services.get(ruled.service):
        prepared = prepared.with_service(service)
    if ruled.warehouse and route.asked is not None:
        only = [w for w in route.asked.warehouses if w.code == ruled.warehouse]
        there = warehouse.again(msgspec.structs.replace(route.asked, warehouses=only))
        if only and not there.short:
            by_rule = reason("by_rule", warehouse=ruled.warehouse)
            route = msgspec.structs.replace(there, reasons=[by_rule, *there.reasons])
    return prepared, route


def promise_of(prepared: PreparedOrder, route: warehouse.Route) -> promise.Promise:
    """When an order leaves and comes; orders of a batch that go the same way are promised the same.

    Raises Conflict where no warehouse is active: nobody could ship it.
    """
    facts, service = prepared.facts, prepared.service
    begins = max(prepared.now, prepared.starts_at)
    if not facts.warehouses:
        raise Conflict(_("No warehouse is active. Add or activate one to take orders."))
    missing = facts.lacking(route.short)
    goods_on = promise.goods_on(missing, facts.coming or {}, facts.owed)
    same = (service.code, tuple(route.warehouses), bool(route.short), goods_on, begins)
    if same in facts.promises:
        return facts.promises[same]
    chosen = [w.sender() for w in facts.warehouses if w.code in route.warehouses]
    facts.promises[same] = promise.promise(
        promise.Asked(
            placed_at=begins,
            senders=chosen or [facts.warehouses[0].sender()],
            transit_p50=service.transit_p50,
            transit_p90=service.transit_p90,
            backordered=bool(route.short),
            goods_on=goods_on,
        ),
        is_working_day=is_working_day,
    )
    return facts.promises[same]


def shortage(order: IncomingOrder, route: warehouse.Route) -> OutOfStock:
    """The refusal of an order that is short: each line with what it lacks."""
    refusal = OutOfStock(route.short)
    refusal.errors = [
        FieldError(
            f"/lines/{index}/quantity",
            "insufficient-stock",
            _("%(sku)s: %(missing)s units not available.")
            % {"sku": line.sku, "missing": route.short[line.sku]},
        )
        for index, line in enumerate(order.lines)
        if line.sku in route.short
    ]
    return refusal
