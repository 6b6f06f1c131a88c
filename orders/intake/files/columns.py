"""Defines the fields of an order file, and the headings that mean them."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from erp.shapes import Words
from orders.intake.files.day_headings import DELIVER_BY, DELIVER_ON, SHIP_BY
from orders.intake.files.packs import MAYBE_UNITS, UNITS

MOVING = ("fulfillment", "fulfilment", "shipping", "shipment", "delivery", "item")


@dataclass(frozen=True)
class Field:
    """Something that a column may say.

    kind    "text", "count" (a whole number of units), "amount", "moment", "currency"
    needed  no order can be made without it
    whole   it is said of the whole order: its first row says it, further rows may leave it blank
    names   headings that mean it, as `plain` writes them; of several that fit, the first counts
    digits  it is a code: compared, never read, and often a number that a spreadsheet spoils
    """

    name: str
    title: Words
    names: tuple[str, ...]
    kind: str = "text"
    needed: bool = False
    whole: bool = True
    longest: int = 250
    digits: bool = False

    @property
    def is_code(self) -> bool:
        """Whether no mark that cannot be seen, and no guard, is ever a part of it."""
        return self.digits or self.kind != "text"


FIELDS = (
    Field(
        "order",
        _("Order number"),
        (
            "external id",
            "order id",
            "order number",
            "order no",
            "amazon order id",
            "marketplace order id",
            "订单号",
            "订单编号",
            "平台订单号",
            "交易编号",
            "原始单号",
            "name",
        ),
        needed=True,
        longest=60,
        digits=True,
    ),
    Field(
        "order_id",
        _("The channel's id of the order"),
        ("id", "order key"),
        longest=40,
        digits=True,
    ),
    Field(
        "placed_at",
        _("Placed at"),
        (
            "placed at",
            "created at",
            "order date",
            "purchase date",
            "date",
            "下单时间",
            "订单创建时间",
            "订单日期",
            "付款时间",
        ),
        "moment",
    ),
    Field("ship_by", _("Ship by"), (*SHIP_BY.split("|"),), "moment"),
    Field("deliver_by", _("Deliver by"), (*DELIVER_BY.split("|"),), "moment"),
    Field("deliver_on", _("Requested delivery date"), (*DELIVER_ON.split("|"),), "moment"),
    Field("currency", _("Currency"), ("currency", "currency code", "币种"), "currency"),
    Field(
        "email",
        _("E-mail"),
        ("email", "customer email", "buyer email", "e mail", "邮箱", "电子邮件"),
        longest=254,
    ),
    Field(
        "customer",
        _("Customer"),
        (
            "customer name",
            "buyer name",
            "customer",
            "billing name",
            "买家昵称",
            "买家姓名",
            "客户",
            "客户名称",
        ),
        longest=200,
    ),
    Field(
        "phone",
        _("Phone"),
        (
            "shipping phone",
            "phone",
            "buyer phone number",
            "ship phone number",
            "customer phone",
            "mobile",
            "手机",
            "手机号",
            "联系手机",
            "收货人手机",
            "联系电话",
            "电话",
        ),
        longest=40,
        digits=True,
    ),
    Field(
        "name",
        _("Recipient"),
        (
            "shipping name",
            "recipient name",
            "recipient",
            "ship to",
            "收货人",
            "收件人",
            "收货人姓名",
        ),
        longest=200,
    ),
    Field(
        "line1",
        _("Street"),
        (
            "shipping address1",
            "ship address 1",
            "address1",
            "address line 1",
            "address 1",
            "line1",
            "shipping street",
            "street",
            "详细地址",
            "街道",
        ),
        longest=250,
    ),
    Field(
        "line2",
        _("Street, second line"),
        ("shipping address2", "ship address 2", "address2", "address line 2", "address 2", "line2"),
        longest=250,
    ),
    Field("city", _("City"), ("shipping city", "ship city", "city", "市", "城市"), longest=120),
    Field(
        "region",
        _("Region"),
        (
            "shipping province",
            "ship state",
            "region",
            "state",
            "province",
            "shipping state",
            "省",
            "省份",
        ),
        longest=120,
    ),
    Field(
        "postal_code",
        _("Postal code"),
        ("shipping zip", "ship postal code", "postal code", "zip", "postcode", "邮编"),
        longest=20,
        digits=True,
    ),
    Field(
        "country",
        _("Country"),
        ("shipping country", "ship country", "country", "country code", "国家"),
        longest=60,
    ),
    Field(
        "address",
        _("Whole address in one cell"),
        ("shipping address", "address", "收货地址", "地址"),
        longest=500,
    ),
    Field(
        "sku",
        "SKU",
        (
            "sku",
            "lineitem sku",
            "item sku",
            "product code",
            "item code",
            "商品编码",
            "商家编码",
            "货号",
            "规格编码",
        ),
        whole=False,
        longest=60,
        digits=True,
    ),
    Field(
        "listing",
        _("The channel's id of the goods"),
        ("asin", "variant id", "product id", "listing id", "商品id"),
        whole=False,
        longest=60,
        digits=True,
    ),
    Field(
        "product",
        _("Product name"),
        (
            "lineitem name",
            "product name",
            "product title",
            "item name",
            "title",
            "商品名称",
            "商品标题",
            "宝贝标题",
            "品名",
        ),
        whole=False,
    ),
    Field(
        "quantity",
        _("Quantity"),
        (
            "quantity",
            "lineitem quantity",
            "quantity purchased",
            "qty",
            "units",
            "数量",
            "购买数量",
            "商品数量",
        ),
        "count",
        needed=True,
        whole=False,
    ),
    Field(
        "unit",
        _("Unit of the quantity"),
        (*UNITS.split("|"), *MAYBE_UNITS.split("|")),
        whole=False,
        longest=20,
    ),
    Field(
        "pack",
        _("Pieces in a unit"),
        (
            *("pack size", "units per case", "pieces per case", "case pack", "units per pack"),
            *("pieces per pack", "箱规", "装箱数", "每箱数量", "入数", "入り数"),
        ),
        "count",
        whole=False,
    ),
    Field(
        "unit_price",
        _("Unit price"),
        ("unit price", "lineitem price", "price", "单价", "商品单价", "价格"),
        "amount",
        whole=False,
    ),
    Field(
        "line_total",
        _("Amount of the line"),
        ("line total", "item price", "line amount", "小计", "商品金额"),
        "amount",
        whole=False,
    ),
    Field(
        "line_tax",
        _("Tax of the line"),
        ("tax", "item tax", "line tax", "税额"),
        "amount",
        whole=False,
    ),
    Field(
        "line_discount",
        _("Discount of the line"),
        ("discount", "item promotion discount", "lineitem discount", "line discount", "优惠"),
        "amount",
        whole=False,
    ),
    Field("line_shipping", _("Shipping of the line"), ("shipping price",), "amount", whole=False),
    Field(
        "line_shipping_tax",
        _("Tax on shipping of the line"),
        ("shipping tax",),
        "amount",
        whole=False,
    ),
    Field(
        "line_shipping_discount",
        _("Discount on shipping of the line"),
        ("ship promotion discount",),
        "amount",
        whole=False,
    ),
    Field("subtotal", _("Goods of the order"), ("subtotal", "商品总价"), "amount"),
    Field(
        "shipping",
        _("Shipping of the order"),
        ("shipping", "shipping fee", "shipping cost", "运费", "邮费"),
        "amount",
    ),
    Field("tax", _("Tax of the order"), ("taxes", "total tax", "order tax"), "amount"),
    Field(
        "discount",
        _("Discount of the order"),
        ("discount amount", "total discount", "order discount", "订单优惠"),
        "amount",
    ),
    Field(
        "total",
        _("Total of the order"),
        (
            "total",
            "order total",
            "total price",
            "grand total",
            "订单金额",
            "实付金额",
            "应付金额",
            "总金额",
        ),
        "amount",
    ),
    Field(
        "payment_status",
        _("State of payment"),
        ("financial status", "payment status", "payment state", "付款状态", "支付状态"),
        longest=40,
    ),
    Field(
        "shipping_status",
        _("State of shipping"),
        (*(f"{of} status" for of in MOVING), "发货状态", "物流状态"),
        longest=40,
    ),
    Field(
        "status",
        _("State of the order"),
        ("order status", "status", "订单状态", "交易状态"),
        longest=40,
    ),
    Field("cancelled_at", _("Cancelled at"), ("cancelled at", "canceled at"), "moment"),
    Field("refunded", _("Refunded amount"), ("refunded amount", "退款金额"), "amount"),
    Field(
        "payment_method",
        _("Payment method"),
        ("payment method", "支付方式", "付款方式"),
        longest=60,
    ),
    Field(
        "payment_reference",
        _("Payment reference"),
        ("payment reference", "payment references", "payment id", "支付流水号", "支付单号"),
        longest=100,
        digits=True,
    ),
    Field(
        "service",
        _("Shipping service"),
        ("shipping method", "ship service level", "shipping service", "快递公司", "物流方式"),
        longest=100,
    ),
    Field("note", _("Note"), ("notes", "note", "buyer note", "买家留言", "备注"), longest=2000),
)


BY_NAME: Mapping[str, Field] = {field.name: field for field in FIELDS}
