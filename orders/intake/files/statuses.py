"""Recognises words for paid, shipped and cancelled in order files."""

from collections.abc import Mapping
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


ON_DELIVERY = frozenset({"cod", "cash on delivery", "cash_on_delivery", "货到付款"})


# Held for another reason already, which review finds by itself.
ELSEWHERE = frozenset({"missing", "total_differs", "not_an_email", "country_unknown"})


class State(NamedTuple):
    """What a file says became of an order. `unknown`: its word for the payment, where nobody knows it."""

    method: str
    is_paid: bool
    is_refunded: bool
    is_cancelled: bool
    is_shipped: bool
    unknown: str


def state_of(head: Mapping[str, str], *, otherwise: str, cancelled: bool) -> State:
    """What the cells of an order say became of it; paid `otherwise` where they do not say how."""
    paying = head.get("payment_status", "").casefold()
    status = head.get("status", "").casefold()
    moving = head.get("shipping_status", "").casefold()
    method, unknown = otherwise, ""
    if paying in PAID | REFUNDED or (not paying and status in PAID_BY_STATUS):
        method = "prepaid"
    elif paying:
        method = "unpaid"
        unknown = "" if paying in UNPAID else paying
    is_paid = method == "prepaid"
    if head.get("payment_method", "").casefold() in ON_DELIVERY and not is_paid:
        method = "cod"
    return State(
        method,
        is_paid,
        paying in REFUNDED,
        cancelled or status in CANCELLED,
        moving in SHIPPED or (not moving and status in SHIPPED),
        unknown,
    )
