"""Edits contact, address and note of an order; concurrent edits are never overwritten unseen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import Conflict, FieldError, Invalid
from erp.events.record import record_event
from orders.customers.contacts import contact_findings
from orders.customers.postal_codes import normal_postal_code
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order, OrderAddress
from orders.order.search_words import words_of_order
from orders.order.states import ORDER

# Country and region stay: they decide tax and warehouse, so they change by a new quote.
ADDRESS_FIELDS = ("name", "phone", "email", "line1", "line2", "postal_code", "city")


FIELDS = (*ADDRESS_FIELDS, "note")


@dataclass(frozen=True)
class Clash:
    """A field that somebody else changed meanwhile: what it was, what each made of it."""

    field: str
    was: str
    mine: str
    theirs: str


class EditConflict(Conflict):
    """Somebody changed the same field since the page was shown. Nothing was changed now."""

    code = "edited-meanwhile"

    def __init__(self, clashes: Sequence[Clash]) -> None:
        self.clashes = list(clashes)
        super().__init__(
            _("Someone else changed this in the meantime. Compare both versions and choose one.")
        )


@transaction.atomic(savepoint=False)
def edit_order(
    *,
    order_id: int,
    was: Mapping[str, str],
    wanted: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> Order:
    """Change the contact, the address or the note of an order that is open and not shipped.

    was     the fields as the person saw them
    wanted  the same fields as they should be; those that are equal in both are left alone
    Raises EditedMeanwhile where a field is neither as it was nor as wanted; Invalid naming the
    fields that cannot be; Conflict when the parcel has left.
    """
    require(by, "orders.edit")
    order = lock_order(order_id, by)
    ORDER.next_state(order.status, "edit")
    typed, wanted = wanted, with_normal_code(wanted, order.country)
    changed = {f for f in FIELDS if f in wanted and wanted[f].strip() != was.get(f, "").strip()}
    address = OrderAddress.objects.select_for_update().filter(order=order, kind="shipping").first()
    if changed & set(ADDRESS_FIELDS):
        if order.fulfillment_status not in {"unfulfilled", "in_progress"}:
            raise Conflict(_("The parcel has shipped: its address can no longer change."))
        if address is None:
            raise Conflict(_("The personal data of this order has been erased."))
    current = {"note": order.note} | {f: getattr(address, f, "") for f in ADDRESS_FIELDS}
    clashes = [
        Clash(f, was.get(f, ""), wanted[f].strip(), current[f])
        for f in FIELDS
        if f in changed and current[f] not in {was.get(f, "").strip(), wanted[f].strip()}
    ]
    if clashes:
        raise EditConflict(clashes)
    values = {f: wanted[f].strip() for f in changed if wanted[f].strip() != current[f]}
    if not values:
        return order
    _check(values, current, address)
    _write(order, address, values, by, now, typed=typed)
    return order


def with_normal_code(values: Mapping[str, str], country: str) -> dict[str, str]:
    """A contact and address with the postal code as its country writes it, as an order's is when it comes in."""
    code = values.get("postal_code", "")
    return {**values, **({"postal_code": normal_postal_code(code, country)} if code else {})}


@transaction.atomic(savepoint=False)
def rewrite_contact(
    *,
    order: Order,
    was: Mapping[str, str],
    wanted: Mapping[str, str],
    by: Actor,
    now: datetime,
) -> list[str]:
    """Change contact, address and note of a locked order as its channel has changed them.

    was   what the channel said before: what differs from it here was changed by somebody else
    Returns the fields that stay because of that, or because the parcel has left; then none changes.
    """
    typed = wanted
    was, wanted = (
        with_normal_code(said, said.get("country") or order.country) for said in (was, wanted)
    )
    changed = [f for f in wanted if wanted[f] != was.get(f, "")]
    address = OrderAddress.objects.select_for_update().filter(order=order, kind="shipping").first()
    if address is None or order.fulfillment_status in {"partial", "fulfilled"}:
        return changed
    current = {"note": order.note} | {f: getattr(address, f) for f in wanted if f != "note"}
    clashes = [f for f in changed if current[f] not in {was.get(f, ""), wanted[f]}]
    if not clashes:
        _write(order, address, {f: wanted[f] for f in changed}, by, now, typed=typed)
    return clashes


def _write(
    order: Order,
    address: OrderAddress | None,
    values: Mapping[str, str],
    by: Actor,
    now: datetime,
    *,
    typed: Mapping[str, str],
) -> None:
    """Write what is new of a locked order; a postal code that was typed in another way is kept beside."""
    if address is not None and (named := sorted(values.keys() - {"note"})):
        for name in named:
            setattr(address, name, values[name])
        if "postal_code" in named:
            said = typed.get("postal_code", "").strip()
            address.postal_code_typed = said[:60] if said != address.postal_code else ""
            named.append("postal_code_typed")
        address.save(update_fields=named)
        _find_anew(order)
    order.note = values.get("note", order.note)
    order.country = values.get("country", order.country)
    order.version += 1
    order.updated_at = now
    order.save(update_fields=["note", "country", "version", "updated_at"])
    append_event(order_id=order.pk, kind="edited", by=by, now=now, data={"fields": sorted(values)})
    record_event(
        "order.edited",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
    )


def _check(
    values: Mapping[str, str], current: Mapping[str, str], address: OrderAddress | None
) -> None:
    country = address.country if address else ""
    wrong = contact_findings({**current, **values}, country, set(values))
    if wrong:
        raise Invalid(errors=[FieldError(f"/{field}", code, text) for field, code, text in wrong])


def _find_anew(order: Order) -> None:
    """Rewrite what the order is found by."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE orders_ordersearch SET words = array_to_tsvector(%s) WHERE order_id = %s",
            [words_of_order(order), order.pk],
        )
