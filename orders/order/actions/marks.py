"""Sets flags, remarks and custom fields on an order."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.errors import FieldError, Invalid
from erp.events.record import record_event
from orders.order.actions.timeline import append_event, lock_order
from orders.order.models.order import Order
from orders.order.states import Flag
from orders.policies.custom_fields import value_of
from orders.policies.models import CustomField

LONGEST = 2000


MOST_TAGS = 20


@transaction.atomic(savepoint=False)
def mark_order(
    *,
    order_id: int,
    flag: str | None = None,
    remark: str | None = None,
    print_remark: str | None = None,
    tags: Sequence[str] | None = None,
    custom: Mapping[str, str] | None = None,
    by_channel: bool = False,
    by: Actor,
    now: datetime,
) -> Order:
    """Flag an order with a colour, or write remarks on it; None leaves what there is, "" takes it away.

    remark         for colleagues; the order's shop hears of it, as of the flag
    print_remark   is printed on the packing list
    tags           all of them; what is not among them is taken away
    custom         texts by the codes of the merchant's own fields; "" takes a value away
    by_channel     the shop has said so: it is not told
    Raises Invalid.
    """
    require(by, "orders.mark")
    order = lock_order(order_id)
    errors: list[FieldError] = []
    wanted = {"flag": flag, "remark": remark, "print_remark": print_remark}
    changed: dict[str, object] = {**_new_texts(order, wanted, errors)}
    if tags is not None and (new := _new_tags(order, tags, errors)) is not None:
        changed["tags"] = new
    if custom:
        metadata = _with_custom(order.metadata, custom, errors)
        if metadata != order.metadata:
            changed["metadata"] = metadata
    if errors:
        raise Invalid(errors=errors)
    if not changed:
        return order
    for name, value in changed.items():
        setattr(order, name, value)
    order.updated_at = now
    order.save(update_fields=[*changed, "updated_at"])
    append_event(order_id=order.pk, kind="marked", by=by, now=now, data={"fields": sorted(changed)})
    record_event(
        "order.marked",
        subject=f"order:{order.pk}",
        channel_id=order.channel_id,
        order_id=order.pk,
        fields=sorted(changed),
        by_channel=by_channel,
    )
    return order


def _new_texts(
    order: Order, wanted: Mapping[str, str | None], errors: list[FieldError]
) -> dict[str, str]:
    """Texts that are not as they are wanted, by field; what does not fit is an error that names the field."""
    texts = {
        name: text.strip()
        for name, text in wanted.items()
        if text is not None and text.strip() != getattr(order, name)
    }
    errors += [
        FieldError(f"/{name}", "too-long", _("At most %(limit)s characters.") % {"limit": LONGEST})
        for name, text in texts.items()
        if len(text) > LONGEST
    ]
    if texts.get("flag", "") not in {"", *Flag.values}:
        errors.append(
            FieldError(
                "/flag", "unknown", _("One of: %(flags)s.") % {"flags": ", ".join(Flag.values)}
            )
        )
    return texts


def _new_tags(order: Order, tags: Sequence[str], errors: list[FieldError]) -> list[str] | None:
    """An order's tags as they are wanted; None where it has these, or they do not fit."""
    wanted = sorted({tag.strip() for tag in tags if tag.strip()})
    if len(wanted) > MOST_TAGS or any(len(tag) > 40 for tag in wanted):
        errors.append(FieldError("/tags", "too-many", _("At most 20 tags of 40 characters.")))
        return None
    return wanted if wanted != sorted(order.tags) else None


def _with_custom(
    metadata: Mapping[str, object], wanted: Mapping[str, str], errors: list[FieldError]
) -> dict[str, object]:
    """An order's metadata with own fields as they are wanted; what does not fit is an error that names the field."""
    known = {field.code: field for field in CustomField.objects.filter(is_active=True)}
    found = dict(metadata)
    for code, text in wanted.items():
        field = known.get(code)
        if field is None:
            errors.append(FieldError(f"/custom/{code}", "unknown", _("There is no such field.")))
            continue
        try:
            value = value_of(field.kind, text, field.choices)
        except ValueError:
            detail = _("%(field)s: wrong type, expected %(kind)s.")
            filled = {"field": field.local_name, "kind": field.get_kind_display()}
            errors.append(FieldError(f"/custom/{code}", "malformed", detail % filled))
            continue
        if value is None:
            found.pop(code, None)
        else:
            found[code] = value
    return found
