"""The lists of orders and customers."""

from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.ids import public_id
from erp.lists.page import BulkField, BulkVerb, Column, ListPage, Tab
from erp.templatetags.show import ago, flagged, label_of, moment, money, pill, status_of
from orders.allocation.actions.priority import prioritise_order
from orders.changes.actions.undo import before_of, undo_hold, undo_mark, undo_priority, undo_release
from orders.customers.masking import CLEAR, masked_identity, masked_name
from orders.customers.models import Customer, PersonalDataLook
from orders.customers.search import customers_found
from orders.desk.filters import CustomerFilter, LookFilter
from orders.order.actions.holds import hold_order, release_hold, release_order
from orders.order.actions.life import cancel_order
from orders.order.actions.marks import mark_order
from orders.order.actions.timeline import add_note
from orders.order.filters import HoldFilter, OrderFilter
from orders.order.models.claim import OrderClaim
from orders.order.models.order import Hold, Order
from orders.order.queries import customers_visible_to, order_types, orders_visible_to
from orders.order.search import corrected, found
from orders.order.states import OPEN, Flag, HoldKind
from orders.order.wording import event_text
from orders.policies.custom_fields import text_of
from orders.policies.order_types import BUILT_IN
from orders.routing.actions.reroute import reroute_order


def _orders(actor: Actor) -> QuerySet[Order]:
    return orders_visible_to(actor).select_related("customer", "channel")


def _customer(order: Order) -> SafeString:
    return format_html(
        "{}<span class='two'>{}</span>", order.customer.name or "–", order.channel.name
    )


def _name_types(rows: list[Any]) -> None:
    """What types are called; the merchant's own are looked up where a row has one."""
    own = any(row.type not in BUILT_IN for row in rows)
    names = dict(order_types()) if own else BUILT_IN
    for row in rows:
        row.shown_type = names.get(row.type, row.type)


def _number(order: Order) -> SafeString:
    return format_html("{}{}", order.number, flagged(order.flag, order.get_flag_display()))


def _masked_customer(order: Order) -> SafeString:
    name = masked_name(order.customer.name) or "–"
    return format_html("{}<span class='two'>{}</span>", name, order.channel.name)


def _masked_identities(customer: Customer) -> str:
    return ", ".join(masked_identity(i.kind, i.value) for i in customer.identities.all()[:2])


ORDERS = ListPage(
    name="orders",
    path="/orders/",
    title=gettext_lazy("Orders"),
    right="orders.view",
    rows=_orders,
    columns=(
        Column("number", gettext_lazy("Order"), _number, value=lambda o: o.number, main=True),
        Column(
            "customer",
            gettext_lazy("Customer"),
            _customer,
            value=lambda o: o.customer.name,
            right="customers.view",
            masked=(CLEAR, _masked_customer),
        ),
        Column("channel", gettext_lazy("Channel"), lambda o: o.channel.name, extra=True),
        Column("external_id", gettext_lazy("External number"), lambda o: o.external_id, extra=True),
        Column(
            "status",
            gettext_lazy("State"),
            lambda o: status_of(o, "status"),
            value=lambda o: o.get_status_display(),
        ),
        Column(
            "payment_status",
            gettext_lazy("Payment"),
            lambda o: status_of(o, "payment_status"),
            value=lambda o: o.get_payment_status_display(),
        ),
        Column(
            "fulfillment_status",
            gettext_lazy("Shipping"),
            lambda o: status_of(o, "fulfillment_status"),
            value=lambda o: o.get_fulfillment_status_display(),
        ),
        Column(
            "return_status",
            gettext_lazy("Return"),
            lambda o: status_of(o, "return_status") if o.return_status != "none" else "",
            value=lambda o: o.get_return_status_display(),
            extra=True,
        ),
        Column(
            "holds",
            gettext_lazy("Holds"),
            lambda o: pill("hold", _("On hold")) if o.open_holds else "",
            value=lambda o: o.open_holds,
        ),
        Column(
            "placed",
            gettext_lazy("Placed"),
            lambda o: ago(o.placed_at),
            value=lambda o: moment(o.placed_at),
        ),
        Column(
            "changed",
            gettext_lazy("Changed"),
            lambda o: ago(o.updated_at),
            value=lambda o: moment(o.updated_at),
            extra=True,
        ),
        Column(
            "ship_by",
            gettext_lazy("Ship by"),
            lambda o: ago(o.ship_by) if o.status in OPEN else "",
            value=lambda o: moment(o.ship_by),
        ),
        Column("service", gettext_lazy("Service"), lambda o: o.shipping_service, extra=True),
        Column(
            "type",
            gettext_lazy("Order type"),
            lambda o: getattr(o, "shown_type", o.type),
            extra=True,
        ),
        Column(
            "flag",
            gettext_lazy("Flag"),
            lambda o: flagged(o.flag, o.get_flag_display()),
            value=lambda o: o.get_flag_display(),
            extra=True,
        ),
        Column("tags", gettext_lazy("Tags"), lambda o: ", ".join(o.tags), extra=True),
        Column(
            "custom",
            gettext_lazy("Own fields"),
            lambda o: "; ".join(f"{k}: {text_of(v)}" for k, v in sorted(o.metadata.items()))[:120],
            value=lambda o: "; ".join(f"{k}: {text_of(v)}" for k, v in sorted(o.metadata.items())),
            extra=True,
        ),
        Column(
            "remark",
            gettext_lazy("Staff remark"),
            lambda o: o.remark[:80],
            value=lambda o: o.remark,
            extra=True,
        ),
        Column("currency", gettext_lazy("Currency"), lambda o: o.currency, extra=True),
        Column(
            "total",
            gettext_lazy("Total"),
            lambda o: money(o.total, o.currency),
            value=lambda o: o.total,
            numeric=True,
        ),
    ),
    order=("-placed_at", "-id"),
    sorts={
        "placed": ("placed_at", "id"),
        "changed": ("updated_at", "id"),
        "ship_by": ("ship_by", "id"),
    },
    names="number",
    filters=OrderFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To ship"), "status=confirmed&fulfillment_status=unfulfilled"),
        Tab(gettext_lazy("On hold"), "hold=1"),
        Tab(gettext_lazy("Waiting for payment"), "status=pending"),
        Tab(gettext_lazy("Short of stock"), "short=1"),
        Tab(gettext_lazy("Pre-sales"), "presale=1"),
        Tab(gettext_lazy("Late"), "late=1"),
        Tab(gettext_lazy("Cancelled"), "status=cancelled"),
    ),
    bulk=(
        BulkVerb(
            "hold",
            gettext_lazy("Hold"),
            "orders.hold",
            hold_order,
            "order_id",
            (
                BulkField("kind", gettext_lazy("Kind"), HoldKind.choices),
                BulkField("reason", gettext_lazy("Reason")),
            ),
            before=before_of,
            undo=undo_hold,
        ),
        BulkVerb(
            "release",
            gettext_lazy("Release"),
            "orders.release",
            release_order,
            "order_id",
            before=before_of,
            undo=undo_release,
        ),
        BulkVerb(
            "mark",
            gettext_lazy("Flag"),
            "orders.mark",
            mark_order,
            "order_id",
            (BulkField("flag", gettext_lazy("Flag"), (("", gettext_lazy("None")), *Flag.choices)),),
            before=before_of,
            undo=undo_mark,
        ),
        BulkVerb(
            "reroute",
            gettext_lazy("Route anew"),
            "orders.edit",
            reroute_order,
            "order_id",
            (
                BulkField(
                    "warehouse",
                    gettext_lazy("Warehouse (empty: as routing finds it)"),
                    is_optional=True,
                ),
                BulkField("reason_text", gettext_lazy("Reason")),
            ),
        ),
        BulkVerb(
            "prioritise",
            gettext_lazy("Priority"),
            "orders.allocate",
            prioritise_order,
            "order_id",
            (
                BulkField(
                    "priority",
                    gettext_lazy("Priority when goods are short"),
                    [(str(n), str(n)) for n in range(9, -10, -1)],
                    int,
                ),
            ),
            before=before_of,
            undo=undo_priority,
        ),
        BulkVerb(
            "note",
            gettext_lazy("Add a note"),
            "orders.note",
            add_note,
            "order_id",
            (BulkField("text", gettext_lazy("Note")),),
        ),
        BulkVerb(
            "cancel",
            gettext_lazy("Cancel orders"),
            "orders.cancel",
            cancel_order,
            "order_id",
            (BulkField("reason", gettext_lazy("Reason")),),
            is_grave=True,
        ),
    ),
    search=gettext_lazy("Number, name, e-mail, phone or SKU"),
    find=found,
    correct=corrected,
    prepare=_name_types,
    empty=gettext_lazy(
        "No order here. They arrive by the API, from shops, by phone and from files."
    ),
    link=lambda o: f"/orders/{o.number}/",
    create=("/orders/new/", gettext_lazy("New order"), "orders.place"),
    beside=(
        ("/orders/review/", gettext_lazy("Review")),
        ("/orders/inbox/", gettext_lazy("Inbox")),
        ("/orders/reconciliation/", gettext_lazy("Reconciliation")),
        ("/orders/drafts/?status=open", gettext_lazy("Drafts")),
        ("/orders/files/", gettext_lazy("Order files")),
        ("/orders/channel-news/", gettext_lazy("News for channels")),
    ),
)


def _holds(actor: Actor) -> QuerySet[Hold]:
    """Open holds of orders that still could move."""
    return Hold.objects.filter(
        released_at=None,
        order__status__in=["pending", "confirmed"],
        order__in=orders_visible_to(actor),
    ).select_related("order__customer", "order__channel", "by")


def _why(hold: Hold) -> SafeString:
    return format_html(
        "{} {}<span class='two'>{}</span>",
        pill("hold", label_of(hold, "kind")),
        event_text("hold.opened", {"reason": hold.reason} | hold.params),
        hold.by.name,
    )


def _fixes(hold: Hold) -> SafeString:
    """The ways on, beside what is wrong."""
    return format_html(
        "<button formaction='/orders/{}/release/' name='back' value='/orders/review/'>{}</button>"
        " <a class='button' href='/orders/{}/'>{}</a>",
        hold.order.number,
        _("Release"),
        hold.order.number,
        _("Look and mend"),
    )


def _name_takers(rows: list[Any]) -> None:
    """Who has each order, in one statement."""
    taken = OrderClaim.objects.filter(
        order__in=[hold.order_id for hold in rows], until__gt=timezone.now()
    )
    names = dict(taken.values_list("order_id", "by__name"))
    for hold in rows:
        hold.shown_taken = names.get(hold.order_id, "")


REVIEW = ListPage(
    name="review",
    path="/orders/review/",
    title=gettext_lazy("Review"),
    right="orders.view",
    rows=_holds,
    columns=(
        Column("order", gettext_lazy("Order"), lambda h: h.order.number, main=True),
        Column(
            "customer",
            gettext_lazy("Customer"),
            lambda h: _customer(h.order),
            value=lambda h: h.order.customer.name,
            right="customers.view",
            masked=(CLEAR, lambda h: _masked_customer(h.order)),
        ),
        Column(
            "why",
            gettext_lazy("Why it waits"),
            _why,
            value=lambda h: event_text("hold.opened", {"reason": h.reason} | h.params),
        ),
        Column("taken", gettext_lazy("Taken by"), lambda h: getattr(h, "shown_taken", "")),
        Column(
            "since",
            gettext_lazy("Since"),
            lambda h: ago(h.opened_at),
            value=lambda h: moment(h.opened_at),
        ),
        Column(
            "total",
            gettext_lazy("Total"),
            lambda h: money(h.order.total, h.order.currency),
            value=lambda h: h.order.total,
            numeric=True,
        ),
        Column("fix", gettext_lazy("Way on"), _fixes, value=lambda h: "", right="orders.release"),
    ),
    order=("opened_at", "id"),
    names="order__number",
    filters=HoldFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        *[Tab(label, f"kind={kind}") for kind, label in HoldKind.choices],
    ),
    bulk=(BulkVerb("release", gettext_lazy("Release"), "orders.release", release_hold, "hold_id"),),
    prepare=_name_takers,
    empty=gettext_lazy("Nothing waits for a person."),
    link=lambda h: f"/orders/{h.order.number}/",
)


def _customers(actor: Actor) -> QuerySet[Customer]:
    return customers_visible_to(actor).prefetch_related("identities")


def _count_orders(rows: list[Any]) -> None:
    """Each customer's number of orders and the last one, in one statement."""
    totals = {
        row["customer"]: row
        for row in Order.objects.filter(customer__in=rows)
        .values("customer")
        .annotate(orders=Count("pk"), last=Max("placed_at"))
        .order_by()
    }
    for row in rows:
        total = totals.get(row.pk, {"orders": 0, "last": None})
        row.shown_orders, row.shown_last = total["orders"], total["last"]


def _subject(look: PersonalDataLook) -> SafeString:
    """What was looked at, as a link."""
    kind, _colon, pk = look.subject.partition(":")
    key = int(pk)
    if kind == "order":
        number = getattr(look, "shown", {}).get(key, pk)
        return format_html("<a href='/orders/{}/'>{}</a>", number, number)
    path = {
        "customer": f"/customers/{public_id('cus', key)}/",
        "message": f"/orders/inbox/{key}/",
        "draft": f"/orders/drafts/{key}/",
    }.get(kind, "")
    return format_html("<a href='{}'>{} #{}</a>", path, SUBJECTS.get(kind, kind), key)


SUBJECTS = {
    "customer": gettext_lazy("Customer"),
    "message": gettext_lazy("Message"),
    "draft": gettext_lazy("Draft"),
}


def _name_orders(rows: list[Any]) -> None:
    """The numbers of the orders looked at, in one statement."""
    ids = [int(r.subject.partition(":")[2]) for r in rows if r.subject.startswith("order:")]
    numbers = dict(Order.objects.filter(pk__in=ids).values_list("pk", "number"))
    for row in rows:
        row.shown = numbers


LOOKS = ListPage(
    name="looks",
    path="/settings/looks/",
    title=gettext_lazy("Looks at personal data"),
    right="audit.view",
    rows=lambda actor: PersonalDataLook.objects.select_related("by"),
    columns=(
        Column("subject", gettext_lazy("What"), _subject, value=lambda x: x.subject, main=True),
        Column("by", gettext_lazy("By"), lambda x: x.by.name),
        Column("at", gettext_lazy("When"), lambda x: ago(x.at), value=lambda x: moment(x.at)),
    ),
    order=("-id",),
    names="subject",
    filters=LookFilter,
    prepare=_name_orders,
    empty=gettext_lazy("Nobody has asked to see what is masked for them."),
)


CUSTOMERS = ListPage(
    name="customers",
    path="/customers/",
    title=gettext_lazy("Customers"),
    right="customers.view",
    rows=_customers,
    columns=(
        Column(
            "name",
            gettext_lazy("Name"),
            lambda c: c.name or "–",
            main=True,
            masked=(CLEAR, lambda c: masked_name(c.name) or "–"),
        ),
        Column(
            "known_by",
            gettext_lazy("Known by"),
            lambda c: ", ".join(i.value for i in c.identities.all()[:2]),
            masked=(CLEAR, _masked_identities),
        ),
        Column("orders", gettext_lazy("Orders"), lambda c: c.shown_orders, numeric=True),
        Column(
            "last_order",
            gettext_lazy("Last order"),
            lambda c: ago(c.shown_last),
            value=lambda c: moment(c.shown_last),
        ),
        Column(
            "since",
            gettext_lazy("Customer since"),
            lambda c: ago(c.created_at),
            value=lambda c: moment(c.created_at),
            extra=True,
        ),
        Column(
            "blocked",
            gettext_lazy("Blocked"),
            lambda c: pill("hold", _("Blocked")) if c.is_blocked else "",
            extra=True,
        ),
    ),
    order=("-id",),
    sorts={"since": ("id",)},
    names="name",
    filters=CustomerFilter,
    tabs=(Tab(gettext_lazy("All")), Tab(gettext_lazy("Blocked"), "blocked=1")),
    search=gettext_lazy("Name, e-mail or phone"),
    find=customers_found,
    correct=corrected,
    prepare=_count_orders,
    empty=gettext_lazy("Customers appear with their first order."),
    link=lambda c: f"/customers/{public_id('cus', c.pk)}/",
)
