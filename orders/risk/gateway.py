"""Requests fraud scores from providers. Network I/O happens here; every write is an action."""

import logging
from datetime import datetime

from erp.access.queries import job_actor
from erp.api.values import stamp
from erp.effects.door import rests_while_paused
from erp.once import perform
from erp.rounds import by_rows
from orders.order.models.order import OrderAddress, OrderLine
from orders.risk.actions import CHECKS, assess_risk, note_risk_failure
from orders.risk.minfraud import OrderFacts, Party, Unavailable, score_order
from orders.risk.models import RiskCheck, RiskProvider

logger = logging.getLogger(__name__)


@rests_while_paused
def ask_providers(*, now: datetime) -> int:
    """Request fraud scores of due orders, one at a time, while there is time; return how many were requested."""
    with by_rows("ask_about_risk") as turn:
        return turn.one_by_one(CHECKS, lambda pk: _ask_one(pk, now), now=now)


def _ask_one(pk: int, now: datetime) -> None:
    check = RiskCheck.objects.select_related("order").get(pk=pk)
    provider = RiskProvider.objects.get(channel_id=check.order.channel_id)
    try:
        answer = score_order(
            _said_of(check), url=provider.url, account=provider.account, secret=provider.secret
        )
    except Unavailable as refusal:
        logger.warning("Nobody scored order %s: %s", check.order.number, refusal)
        is_final = refusal.is_final
        perform(note_risk_failure, check_id=pk, error=str(refusal), is_final=is_final, now=now)
        return
    perform(
        assess_risk,
        order_id=check.order_id,
        source=check.source,
        reference=answer.reference,
        score=answer.score,
        recommendation=answer.recommendation,
        reasons=answer.reasons,
        by=job_actor("intake"),
        now=now,
    )


def _said_of(check: RiskCheck) -> OrderFacts:
    order = check.order
    addresses = {a.kind: a for a in OrderAddress.objects.filter(order=order)}
    shipping = addresses.get("shipping")
    return {
        "number": order.number,
        "placed_at": stamp(order.placed_at),
        "amount": order.total,
        "currency": order.currency,
        "email": shipping.email if shipping else "",
        "ip_address": str(order.metadata.get("ip_address") or ""),
        "shipping": _address(shipping),
        "billing": _address(addresses.get("billing")),
        "lines": [
            {
                "item_id": line.sku_code,
                "quantity": line.quantity_ordered,
                "price": float(line.unit_price),
            }
            for line in OrderLine.objects.filter(order=order).order_by("position")
        ],
    }


def _address(address: OrderAddress | None) -> Party:
    if address is None:
        return {}
    return {
        "first_name": address.name,
        "address": address.line1,
        "address_2": address.line2,
        "city": address.city,
        "region": address.region,
        "postal": address.postal_code,
        "country": address.country,
        "phone_number": address.phone,
    }
