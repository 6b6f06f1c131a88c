"""Lists customers, and reveals of personal data."""

from django.db.models import Count, Max, QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.ids import public_id
from erp.lists.page import Column, ListPage, Tab
from erp.shapes import Words
from erp.templatetags.show import label_of
from erp.web.columns import lines_column, state_column, text_column, time_column
from orders.customers.models import Customer, PersonalDataLook
from orders.customers.readers import CLEAR, MASKED
from orders.customers.search import customers_found
from orders.desk.filters import CustomerFilter, RevealFilter
from orders.order.models.order import Order
from orders.order.queries import customers_visible_to
from orders.order.search import corrected


def _identities(customer: Customer) -> list[tuple[Words, str]]:
    """What somebody is known by: the kind in words, and what it is."""
    return [(label_of(i, "kind"), i.value) for i in customer.identities.all()]


def _masked_identities(customer: Customer) -> list[tuple[Words, str]]:
    return [
        (label_of(i, "kind"), MASKED.identity(i.kind, i.value)) for i in customer.identities.all()
    ]


def _called(customer: Customer, name: str) -> str:
    return name or (_("Erased customer") if customer.erased_at else "–")


KNOWN_BY = ((gettext_lazy("Kind"), False), (gettext_lazy("Contact details"), False))


def _customers(actor: Actor) -> QuerySet[Customer]:
    return customers_visible_to(actor).prefetch_related("identities")


def _count_orders(rows: list[Customer]) -> None:
    """Each customer's number of orders and the last one, in one statement."""
    totals = {
        row["customer"]: row
        for row in Order.objects.filter(customer__in=rows)
        .values("customer")
        .annotate(orders=Count("pk"), last=Max("placed_at"))
        .order_by()
    }
    for row in rows:
        total = totals.get(row.pk)
        row.shown_orders = total["orders"] if total else 0
        row.shown_last = total["last"] if total else None


def _kind_and_key(look: PersonalDataLook) -> tuple[str, int]:
    kind, _colon, pk = look.subject.partition(":")
    return kind, int(pk)


def _subject_words(look: PersonalDataLook) -> str:
    """What was looked at: an order's number, or what it is and its own."""
    kind, key = _kind_and_key(look)
    if kind == "order":
        return str(getattr(look, "shown", {}).get(key, key))
    return f"{SUBJECTS.get(kind, kind)} #{key}"


def _subject(look: PersonalDataLook) -> SafeString:
    """What was looked at, as a link."""
    kind, key = _kind_and_key(look)
    if kind == "order":
        number = _subject_words(look)
        return format_html("<a href='/orders/{}/'>{}</a>", number, number)
    path = {
        "customer": f"/customers/{public_id('cus', key)}/",
        "message": f"/orders/inbox/{key}/",
        "draft": f"/orders/drafts/{key}/",
        "parcel": f"/shipments/{key}/packing-slip.pdf",
        "job": f"/jobs/{key}/",
    }.get(kind, "")
    return format_html("<a href='{}'>{}</a>", path, _subject_words(look))


SUBJECTS = {
    "customer": gettext_lazy("Customer"),
    "message": gettext_lazy("Message"),
    "draft": gettext_lazy("Draft"),
    "parcel": gettext_lazy("Parcel"),
    "job": gettext_lazy("Job"),
}
# What it was looked at for; anything else is the number of a paper.
WHY = {
    "edit": gettext_lazy("Edit the address"),
    "invoice": gettext_lazy("Invoice"),
    "confirmation": gettext_lazy("Order confirmation"),
    "label": gettext_lazy("Label"),
    "packing-slip": gettext_lazy("Packing slip"),
    "file": gettext_lazy("Order file"),
}


def _why(look: PersonalDataLook) -> str:
    """For what, in words; of an export the list and how many rows of it."""
    what, _space, rest = look.why.partition(" ")
    if what == "export":
        name, _space, rows = rest.partition(" ")
        return _("Export: %(list)s, %(rows)s rows") % {"list": name, "rows": rows}
    return str(WHY.get(look.why, look.why))


def _name_orders(rows: list[PersonalDataLook]) -> None:
    """The numbers of the orders looked at, in one statement."""
    ids = [int(r.subject.partition(":")[2]) for r in rows if r.subject.startswith("order:")]
    numbers = dict(Order.objects.filter(pk__in=ids).values_list("pk", "number"))
    for row in rows:
        row.shown = numbers


REVEALS: ListPage[PersonalDataLook] = ListPage(
    name="looks",
    path="/settings/looks/",
    title=gettext_lazy("Personal data access log"),
    right="audit.view",
    rows=lambda actor: PersonalDataLook.objects.select_related("by"),
    columns=(
        Column("subject", gettext_lazy("What"), _subject, value=_subject_words, main=True),
        text_column("why", gettext_lazy("For"), _why),
        Column("by", gettext_lazy("By"), lambda x: x.by.name),
        time_column("at", gettext_lazy("When"), lambda x: x.at),
    ),
    order=("-id",),
    names="subject",
    filters=RevealFilter,
    prepare=_name_orders,
    empty=gettext_lazy("Nobody has revealed masked data yet."),
)


CUSTOMERS: ListPage[Customer] = ListPage(
    name="customers",
    path="/customers/",
    title=gettext_lazy("Customers"),
    right="customers.view",
    rows=_customers,
    columns=(
        Column(
            "name",
            gettext_lazy("Name"),
            lambda c: _called(c, c.name),
            main=True,
            value=lambda c: c.name,
            masked=(CLEAR, lambda c: _called(c, MASKED.name(c.name))),
            masked_value=lambda c: MASKED.name(c.name),
        ),
        lines_column(
            "known_by",
            gettext_lazy("Contact details"),
            KNOWN_BY,
            _identities,
            form="{1}",
            masked=(CLEAR, _masked_identities),
        ),
        Column("orders", gettext_lazy("Orders"), lambda c: c.shown_orders, numeric=True),
        time_column("last_order", gettext_lazy("Last order"), lambda c: c.shown_last),
        time_column("since", gettext_lazy("Customer since"), lambda c: c.created_at, extra=True),
        state_column(
            "blocked",
            gettext_lazy("Blocked"),
            lambda c: ("hold", _("Blocked")) if c.is_blocked else None,
            extra=True,
        ),
    ),
    order=("-id",),
    sorts={"since": ("id",)},
    names="id",
    filters=CustomerFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Blocked"), "blocked=1"),
        Tab(gettext_lazy("Terms to approve"), "proposed=1"),
    ),
    search=gettext_lazy("Name, e-mail or phone"),
    find=customers_found,
    correct=corrected,
    prepare=_count_orders,
    empty=gettext_lazy("Customers appear here with their first order."),
    link=lambda c: f"/customers/{public_id('cus', c.pk)}/",
)
