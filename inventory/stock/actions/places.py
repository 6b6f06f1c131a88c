"""Adds and changes warehouses, zones and bins."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from erp.access.actions import save_checked
from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.approvals.actions import tell_limit
from erp.errors import Conflict, FieldError, Invalid, NotFound
from erp.queries import find_one
from inventory.stock.actions.ledger import INSIDE, WORLD
from inventory.stock.models.levels import BinLevel
from inventory.stock.models.places import Place, Warehouse, Zone

LIMITS = {
    "approval_over": Warehouse.approval_over.field.verbose_name,
    "purchase_approval_over": Warehouse.purchase_approval_over.field.verbose_name,
}


@transaction.atomic(savepoint=False)
def open_warehouse(*, by: Actor, now: datetime | None = None, **fields: object) -> Warehouse:
    """Add a warehouse together with the places goods can be in."""
    require(by, "settings.edit")
    sign_history(by)
    warehouse = save_checked(Warehouse(**fields))
    Place.objects.bulk_create(
        Place(kind=kind, warehouse=warehouse, code=code) for kind, code in INSIDE.items()
    )
    for kind, code in WORLD.items():
        Place.objects.get_or_create(kind=kind, warehouse=None, code=code)
    return warehouse


@transaction.atomic(savepoint=False)
def change_warehouse(*, warehouse_id: int, by: Actor, now: datetime, **fields: object) -> Warehouse:
    """Change a warehouse's name, address, cut-off or priority, or switch it off.

    Its code stays. Owners are mailed of its approval limits. Raises Invalid naming the fields that are wrong.
    """
    require(by, "settings.edit")
    sign_history(by)
    warehouse = find_one(Warehouse.objects.select_for_update().filter(pk=warehouse_id))
    before = {name: getattr(warehouse, name) for name in LIMITS}
    for name, value in fields.items():
        setattr(warehouse, name, value)
    save_checked(warehouse)
    for name, amount in before.items():
        after = getattr(warehouse, name)
        if after != amount:
            what = f"{warehouse.name}: {LIMITS[name]}"
            kind = f"{name}:{warehouse.pk}"
            tell_limit(kind=kind, what=what, before=amount, after=after, by=by)
    return warehouse


@transaction.atomic(savepoint=False)
def add_bins(
    *,
    warehouse_id: int,
    zone: str,
    codes: Sequence[str],
    use: str = Place.Use.PICK,
    by: Actor,
    now: datetime,
) -> list[Place]:
    """Add bins to a zone (made where it is new), in the order they are picked from.

    codes   "A-01-01"; pick sequence follows what the zone has already
    Raises Invalid naming the codes that are empty, too long or taken.
    """
    require(by, "inventory.layout")
    sign_history(by)
    if not Warehouse.objects.filter(pk=warehouse_id).exists():
        raise NotFound
    if use not in Place.Use.values:
        raise Invalid(_("A bin is used for: %(uses)s.") % {"uses": ", ".join(Place.Use.values)})
    codes = [code.strip() for code in codes if code.strip()]
    taken = set(
        Place.objects.filter(warehouse_id=warehouse_id, code__in=codes).values_list(
            "code", flat=True
        )
    )
    errors = [
        FieldError(f"/codes/{n}", "taken", _("%(code)s is taken.") % {"code": code})
        for n, code in enumerate(codes)
        if code in taken or len(code) > 30 or code in codes[:n]
    ]
    if errors or not codes:
        raise Invalid(_("Name at least one bin."), errors=errors)
    part, _made = Zone.objects.get_or_create(
        warehouse_id=warehouse_id,
        code=zone.strip()[:20] or "A",
        defaults={"pick_sequence": Zone.objects.filter(warehouse_id=warehouse_id).count()},
    )
    first = Place.objects.filter(zone=part).count()
    return Place.objects.bulk_create(
        Place(
            kind=Place.Kind.BIN,
            use=use,
            warehouse_id=warehouse_id,
            zone=part,
            code=code,
            pick_sequence=first + n,
        )
        for n, code in enumerate(codes)
    )


@transaction.atomic(savepoint=False)
def change_bin(
    *,
    place_id: int,
    use: str,
    pick_sequence: int,
    is_active: bool = True,
    by: Actor,
    now: datetime,
) -> Place:
    """Change what a bin is used for and when it comes in a pick walk, or switch it off.

    Raises Conflict when a bin that holds goods is switched off.
    """
    require(by, "inventory.layout")
    sign_history(by)
    holds = BinLevel.objects.filter(place=OuterRef("pk"), on_hand__gt=0)
    place = find_one(
        Place.objects.annotate(is_full=Exists(holds)).filter(pk=place_id, kind=Place.Kind.BIN)
    )
    if place.is_full and not is_active:
        raise Conflict(_("This bin holds stock: move it first."))
    place.use, place.pick_sequence, place.is_active = use, pick_sequence, is_active
    return save_checked(place)
