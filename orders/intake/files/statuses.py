"""Recognises words for paid, shipped and cancelled in order files."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

PAID = frozenset(
    {"paid", "captured", "settled", "completed", "complete", "已付款", "已支付", "付款成功"}
)


REFUNDED = frozenset({"refunded", "partially_refunded", "partially refunded", "已退款", "部分退款"})


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
NAMED = frozenset({"unit_of_measure", *UNKNOWN.values()})


# Held for another reason already, which review finds by itself.
ELSEWHERE = frozenset({"missing", "total_differs", "not_an_email", "country_unknown"})


class State(NamedTuple):
    """What a file says became of an order. `unknown`: by field the words that nobody knows."""

    method: str
    is_paid: bool
    is_refunded: bool
    is_cancelled: bool
    is_shipped: bool
    unknown: Mapping[str, str]


def state_of(head: Mapping[str, str], *, otherwise: str, cancelled: bool) -> State:
    """What the cells of an order say became of it; paid `otherwise` where they do not say how.

    A word that nobody knows is no payment and no dispatch.
    """
    paying, status, moving = (
        _word(head, name) for name in ("payment_status", "status", "shipping_status")
    )
    cancelled = cancelled or status in CANCELLED
    method = _method(paying, status, otherwise)
    is_paid = method == "prepaid"
    if _word(head, "payment_method") in ON_DELIVERY and not is_paid:
        method = "cod"
    return State(
        method,
        is_paid,
        paying in REFUNDED or status in REFUNDED,
        cancelled,
        moving in SHIPPED or (not moving and status in SHIPPED),
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
    )


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
