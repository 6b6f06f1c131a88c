"""Writes, activates and deactivates review rules; every version is kept."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.access.roles import STAFF
from erp.errors import Conflict, FieldError, Invalid
from erp.queries import find_one
from erp.visible import is_blank
from inventory.models import Sku, Warehouse
from orders.order.states import Flag, HoldKind
from orders.review.decisions.conditions import BadCondition, parse
from orders.review.models import ReviewRule, RuleBook, RuleRevision, SplitBy
from orders.routing.models.carriers import CarrierOption, ShippingService

MOST_RULES = 200


MOST_TAGS = 20


@transaction.atomic(savepoint=False)
def write_rule(
    *,
    code: str,
    name: str,
    condition: Any,
    priority: int = 100,
    stop: bool = False,
    approve: bool = False,
    hold: str = "",
    hold_minutes: int = 0,
    second_review: bool = False,
    tags: Sequence[str] = (),
    flag: str = "",
    service: str = "",
    warehouse: str = "",
    split: str = "",
    merge: bool = False,
    gift: str = "",
    gift_units: int = 1,
    carrier: str = "",
    notify: str = "",
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> RuleRevision:
    """Write a rule, or a new version of it. It is a draft until it is put in force.

    The same again is the version that it was. Raises Invalid naming what is wrong, for the condition by
    where in the tree.
    """
    require(by, "settings.edit")
    sign_history(by)
    said = {
        "condition": condition,
        "priority": priority,
        "stop": stop,
        "approve": approve,
        "hold": hold,
        "hold_minutes": hold_minutes,
        "second_review": second_review,
        "tags": list(dict.fromkeys(tag.strip() for tag in tags if tag.strip())),
        "flag": flag,
        "service": service,
        "warehouse": warehouse,
        "split": split,
        "merge": merge,
        "gift": gift.strip(),
        "gift_units": gift_units,
        "carrier": carrier,
        "notify": notify,
        "starts_at": starts_at,
        "ends_at": ends_at,
    }
    _check(code, name, said)
    rule = ReviewRule.objects.select_for_update().filter(code=code).first()
    if rule is None:
        rule = ReviewRule.objects.create(code=code, name=name.strip())
    elif rule.name != name.strip():
        rule.name = name.strip()
        rule.save(update_fields=["name"])
    newest = rule.revisions.order_by("-version").first()
    if newest is not None and all(getattr(newest, field) == value for field, value in said.items()):
        return newest
    version = newest.version + 1 if newest else 1
    return RuleRevision.objects.create(rule=rule, version=version, by=by, at=now, **said)


def _check(code: str, name: str, said: dict[str, Any]) -> None:
    errors = []
    if (
        not code
        or len(code) > 40
        or not code.replace("-", "").replace("_", "").isalnum()
        or not code.isascii()
    ):
        errors.append(FieldError("/code", "malformed", _("Letters, digits, - and _, at most 40.")))
    if is_blank(name) or len(name) > 100:
        errors.append(FieldError("/name", "required", _("Give a name of at most 100 characters.")))
    try:
        parse(said["condition"])
    except BadCondition as bad:
        errors.append(
            FieldError(
                f"/condition/{bad.path}".rstrip("/"),
                bad.code,
                _("Invalid condition: %(value)s") % {"value": bad.value or bad.code},
            )
        )
    errors += _of_what_it_does(said)
    acts = (
        "approve",
        "hold",
        "second_review",
        "tags",
        "flag",
        "service",
        "warehouse",
        "split",
        "merge",
        "gift",
        "carrier",
        "notify",
    )
    if not any(said[name] for name in acts):
        errors.append(FieldError("/hold", "does-nothing", _("Choose what the rule does.")))
    if errors:
        raise Invalid(errors=errors)


def _of_what_it_does(said: dict[str, Any]) -> list[FieldError]:
    """What is wrong with what a rule does and when it counts."""
    errors = _unknown(said)
    if len(said["tags"]) > MOST_TAGS or any(len(tag) > 40 for tag in said["tags"]):
        errors.append(FieldError("/tags", "too-many", _("At most 20 tags of 40 characters.")))
    if not 0 <= said["priority"] <= 9999 or not 0 <= said["hold_minutes"] <= 525_600:
        errors.append(FieldError("/priority", "out-of-range", _("That is out of range.")))
    if not 1 <= said["gift_units"] <= 1000:
        errors.append(FieldError("/gift_units", "out-of-range", _("Between 1 and 1000 units.")))
    if said["starts_at"] and said["ends_at"] and said["starts_at"] >= said["ends_at"]:
        errors.append(
            FieldError("/ends_at", "out-of-range", _("A rule has to end after it starts."))
        )
    return errors


def _unknown(said: dict[str, Any]) -> list[FieldError]:
    """Everything that a rule names and that there is not."""
    kinds, flags = ", ".join(HoldKind.values), ", ".join(Flag.values)
    gifts = Sku.objects.filter(is_active=True, is_service=False)
    known: dict[str, tuple[Callable[[str], bool], str]] = {
        "hold": (
            HoldKind.values.__contains__,
            _("A hold's kind is one of: %(kinds)s.") % {"kinds": kinds},
        ),
        "flag": (Flag.values.__contains__, _("One of: %(flags)s.") % {"flags": flags}),
        "split": (SplitBy.values.__contains__, _("One of: short, warehouse.")),
        "notify": (STAFF.__contains__, _("There is no such role.")),
        "service": (
            lambda code: ShippingService.objects.filter(code=code).exists(),
            _("There is no such shipping service."),
        ),
        "warehouse": (
            lambda code: Warehouse.objects.filter(code=code).exists(),
            _("There is no such warehouse."),
        ),
        "gift": (
            lambda code: gifts.filter(code=code).exists(),
            _("There is no such SKU for a gift."),
        ),
        "carrier": (
            lambda code: CarrierOption.objects.filter(carrier=code, is_active=True).exists(),
            _("There is no such carrier."),
        ),
    }
    return [
        FieldError(f"/{name}", "unknown", text)
        for name, (is_known, text) in known.items()
        if said[name] and not is_known(said[name])
    ]


@transaction.atomic(savepoint=False)
def activate_rule(*, revision_id: int, by: Actor, now: datetime) -> RuleBook:
    """Activate a version of a rule, in place of any other version of it."""
    revision = find_one(RuleRevision.objects.filter(pk=revision_id))
    return _rewritten(revision.rule_id, revision.pk, by, now)


@transaction.atomic(savepoint=False)
def deactivate_rule(*, rule_id: int, by: Actor, now: datetime) -> RuleBook:
    """Deactivate a rule. Raises Conflict where it is not active."""
    return _rewritten(rule_id, None, by, now)


def _rewritten(rule_id: int, revision_id: int | None, by: Actor, now: datetime) -> RuleBook:
    require(by, "settings.edit")
    sign_history(by)
    list(ReviewRule.objects.select_for_update().order_by("pk"))  # one book after another
    book = RuleBook.objects.order_by("-pk").first()
    listed = list(book.revisions) if book else []
    others = set(
        RuleRevision.objects.filter(pk__in=listed)
        .exclude(rule_id=rule_id)
        .values_list("pk", flat=True)
    )
    wanted = sorted(others | ({revision_id} if revision_id is not None else set()))
    if wanted == sorted(listed):
        raise Conflict(_("Already so: nothing changes."))
    if len(wanted) > MOST_RULES:
        raise Invalid(_("At most 200 rules can be in force."))
    return RuleBook.objects.create(revisions=wanted, by=by, at=now)
