"""Recognises words for paid, shipped and cancelled in order files."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

PAID = frozenset(
    {"paid", "captured", "settled", "completed", "complete", "已付款", "已支付", "付款成功"}
)


PARTLY_REFUNDED = frozenset(
    {"partially_refunded", "partially refunded", "partial refund", "partly refunded", "部分退款"}
)


REFUNDED = PARTLY_REFUNDED | {"refunded", "fully refunded", "已退款", "全额退款"}


UNPAID = frozenset(
    {
        "pending",
        "unpaid",
        "authorized",
        "authorised",
        "partially_paid",
        "partially paid",
        "overdue",
        "voided",
        "expired",
        "due",
        "待付款",
        "未付款",
        "等待买家付款",
        "部分付款",
    }
)


CANCELLED = frozenset({"cancelled", "canceled", "closed", "void", "交易关闭", "已取消", "已关闭"})


SHIPPED = frozenset(
    {
        "shipped",
        "fulfilled",
        "delivered",
        "已发货",
        "卖家已发货",
        "交易成功",
        "已签收",
        "已完成",
    }
)


PAID_BY_STATUS = frozenset(
    {
        "unshipped",
        "shipped",
        "processing",
        "paid",
        "待发货",
        "买家已付款",
        "等待卖家发货",
        "买家已付款,等待卖家发货",
        "已发货",
        "卖家已发货",
        "交易成功",
    }
)


# States of an order that say outright that its money came, however it goes on.
SAY_PAID = REFUNDED | {
    "paid",
    "captured",
    "settled",
    "已付款",
    "已支付",
    "付款成功",
    "买家已付款",
    "买家已付款,等待卖家发货",
}


# States of an order that say outright that nothing has left.
SAY_UNSHIPPED = frozenset({"unshipped", "待发货", "等待卖家发货", "买家已付款,等待卖家发货"})


# States of an order that say nothing of payment where another column does: an order that is paid may be pending.
OF_WORK = frozenset({"pending"})


# States of an order that tell nothing of its payment.
UNDER_WAY = frozenset(
    {"open", "new", "created", "placed", "confirmed", "accepted", "active", "已确认", "待处理"}
)


UNSHIPPED = frozenset(
    {
        "unfulfilled",
        "queued",
        "processing",
        "packed",
        "unshipped",
        "not shipped",
        "not_shipped",
        "awaiting shipment",
        "awaiting_shipment",
        "in progress",
        "in_progress",
        "open",
        "scheduled",
        "pending fulfillment",
        "pending_fulfillment",
        "pending",
        "未发货",
        "待发货",
        "等待卖家发货",
    }
)


ON_DELIVERY = frozenset({"cod", "cash on delivery", "cash_on_delivery", "货到付款"})


# What the state of an order may be.
OF_ORDERS = PAID | REFUNDED | UNPAID | CANCELLED | SHIPPED | PAID_BY_STATUS | UNDER_WAY


# What a word that nobody knows is called, by its column.
UNKNOWN: Mapping[str, str] = MappingProxyType(
    {
        "payment_status": "payment_state_unknown",
        "status": "state_unknown",
        "shipping_status": "state_unknown",
    }
)


# Doubts that are said with what they are about.
NAMED = frozenset({"unit_of_measure", "date_requested", "state_contradicts", *UNKNOWN.values()})


# Held for another reason already, which review finds by itself.
ELSEWHERE = frozenset({"missing", "total_differs", "not_an_email", "country_unknown"})


class State(NamedTuple):
    """What a file says became of an order.

    is_partly_refunded   some of its money went back, and its word does not say how much
    unknown              by field the words that nobody knows
    contradiction        two words that cannot both be so; "" where there are none
    """

    method: str
    is_paid: bool
    is_refunded: bool
    is_partly_refunded: bool
    is_cancelled: bool
    is_shipped: bool
    unknown: Mapping[str, str]
    contradiction: str = ""


def state_of(head: Mapping[str, str], *, otherwise: str, cancelled: bool) -> State:
    """What the cells of an order say became of it; paid `otherwise` where they do not say how.

    A word that nobody knows is no payment and no dispatch, and of two that contradict each other neither is.
    """
    paying, status, moving = (
        _word(head, name) for name in ("payment_status", "status", "shipping_status")
    )
    cancelled = cancelled or status in CANCELLED
    has_left = moving in SHIPPED or status in SHIPPED
    odd = _contradiction(paying, status, moving, cancelled=cancelled)
    method = "unpaid" if paying in odd else _method(paying, status, otherwise)
    is_paid = method == "prepaid"
    if _word(head, "payment_method") in ON_DELIVERY and not is_paid:
        method = "cod"
    return State(
        method,
        is_paid,
        paying in REFUNDED or status in REFUNDED,
        paying in PARTLY_REFUNDED or status in PARTLY_REFUNDED,
        cancelled and not has_left,  # else it would end, and no hold could ask which of them is so
        not cancelled
        and not set(odd) & {moving, ""}
        and (moving in SHIPPED or (not moving and status in SHIPPED)),
        {
            name: head[name]
            for name, word, known in (
                ("payment_status", paying, PAID | REFUNDED | UNPAID),
                ("status", status, OF_ORDERS),
                (
                    "shipping_status",
                    moving,
                    SHIPPED | UNSHIPPED | (CANCELLED if cancelled else set()),
                ),
            )
            if word and word not in known
        },
        " / ".join(odd),
    )


def _contradiction(paying: str, status: str, moving: str, *, cancelled: bool) -> tuple[str, ...]:
    """Two words of an order's columns that cannot both be so; none where they can."""
    came, never = PAID | REFUNDED, UNPAID
    if paying and (
        (paying in came and status in never - OF_WORK)
        or (paying in never and status in SAY_PAID)
        or (paying in REFUNDED and status in REFUNDED and _is_part(paying) != _is_part(status))
    ):
        return paying, status
    if moving and (
        (moving in UNSHIPPED and status in SHIPPED)
        or (moving in SHIPPED and status in SAY_UNSHIPPED)
        or (moving in SHIPPED and status in OF_WORK and paying in came)
    ):
        return status, moving
    if cancelled and (moving in SHIPPED or status in SHIPPED):
        return tuple(word for word in (status, moving) if word)
    return ()


def _is_part(word: str) -> bool:
    return word in PARTLY_REFUNDED


def _word(head: Mapping[str, str], name: str) -> str:
    return head.get(name, "").casefold().replace("\uff0c", ",")


def _method(paying: str, status: str, otherwise: str) -> str:
    """How an order is paid: by the word for its payment, else by the one for all of it."""
    if paying:
        return "prepaid" if paying in PAID | REFUNDED else "unpaid"
    if status in PAID | REFUNDED | PAID_BY_STATUS:
        return "prepaid"
    tells_nothing = not status or status in SHIPPED | CANCELLED | UNDER_WAY
    return otherwise if tells_nothing else "unpaid"
