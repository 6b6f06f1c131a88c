"""Words in order files for what was paid, shipped or cancelled."""

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
ELSEWHERE = frozenset({"missing", "total_differs", "not_an_email"})
