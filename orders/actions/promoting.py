"""Giving back what orders used of promotions and coupons, when they come to nothing."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from orders.models import Coupon, OrderMove, Promotion, PromotionUse


@transaction.atomic(savepoint=False)
def release_uses(*, order_id: int, now: datetime) -> int:
    """Let others use what a locked order used: it is cancelled, or was never paid. Says how many that was.

    So are the uses of orders that became part of it.
    """
    merged = OrderMove.objects.filter(target_id=order_id, kind="merge", undone_at=None)
    for source in merged.order_by("pk").values_list("source_id", flat=True):
        release_uses(order_id=source, now=now)
    uses = PromotionUse.objects.filter(order_id=order_id, released_at=None)
    used = list(uses.order_by("pk").values_list("pk", "promotion_id", "coupon_id"))
    if not used:
        return 0
    promotions = sorted({promotion for _pk, promotion, _coupon in used})
    coupons = sorted(coupon for _pk, _promotion, coupon in used if coupon is not None)
    list(
        Promotion.objects.select_for_update()
        .filter(pk__in=promotions, max_uses__isnull=False)
        .order_by("pk")
    )
    list(Coupon.objects.select_for_update().filter(pk__in=coupons).order_by("pk"))
    Promotion.objects.filter(pk__in=promotions, max_uses__isnull=False, used__gt=0).update(
        used=F("used") - 1
    )
    Coupon.objects.filter(pk__in=coupons).update(used=F("used") - 1)
    PromotionUse.objects.filter(pk__in=[pk for pk, _p, _c in used]).update(
        released_at=now, nth=None
    )
    return len(used)
