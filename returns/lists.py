"""The lists of returns and refunds."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import BulkField, BulkVerb, Column, ListPage, Tab
from erp.templatetags.show import ago, moment, money, status_of
from returns import actions, queries
from returns.models import Refund, ReturnAuthorization
from returns.states import RefundStatus, ReturnAuthorizationStatus


class ReturnFilter(ListFilter):
    status = AnyOf(choices=ReturnAuthorizationStatus.choices, label=gettext_lazy("State"))


class RefundFilter(ListFilter):
    status = AnyOf(choices=RefundStatus.choices, label=gettext_lazy("State"))


def _returns(actor: Actor) -> QuerySet[ReturnAuthorization]:
    return queries.returns_visible_to(actor).select_related("order").prefetch_related("lines")


def _refunds(actor: Actor) -> QuerySet[Refund]:
    return queries.refunds_visible_to(actor).select_related("order")


RETURNS = ListPage(
    name="returns",
    path="/returns/",
    title=gettext_lazy("Returns"),
    right="returns.view",
    rows=_returns,
    columns=(
        Column("number", gettext_lazy("Return"), lambda r: r.number, main=True),
        Column(
            "order",
            gettext_lazy("Order"),
            lambda r: r.order.number if r.order else (r.external_id or "–"),
        ),
        Column(
            "status",
            gettext_lazy("State"),
            lambda r: status_of(r, "status"),
            value=lambda r: r.get_status_display(),
        ),
        Column(
            "lines",
            gettext_lazy("Lines"),
            lambda r: ", ".join(f"{line.sku_code} × {line.quantity}" for line in r.lines.all()[:3]),
        ),
        Column(
            "requested",
            gettext_lazy("Requested"),
            lambda r: ago(r.requested_at),
            value=lambda r: moment(r.requested_at),
        ),
    ),
    order=("-requested_at", "-id"),
    sorts={"requested": ("requested_at", "id")},
    names="number",
    filters=ReturnFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To approve"), "status=requested"),
        Tab(gettext_lazy("On their way"), "status=approved"),
        Tab(gettext_lazy("To inspect"), "status=received,part_received"),
        Tab(gettext_lazy("Inspected"), "status=inspected"),
        Tab(gettext_lazy("Closed"), "status=closed"),
    ),
    bulk=(
        BulkVerb(
            "approve",
            gettext_lazy("Approve"),
            "returns.approve",
            actions.approve_return,
            "return_id",
        ),
        BulkVerb(
            "decline",
            gettext_lazy("Decline"),
            "returns.decline",
            actions.decline_return,
            "return_id",
            (BulkField("reason", gettext_lazy("Reason")),),
            is_grave=True,
        ),
    ),
    empty=gettext_lazy("No return here. They start on an order's page, or by the API."),
    link=lambda r: f"/returns/{r.number}/",
)

REFUNDS = ListPage(
    name="refunds",
    path="/returns/refunds/",
    title=gettext_lazy("Refunds"),
    right="refunds.view",
    rows=_refunds,
    columns=(
        Column("number", gettext_lazy("Refund"), lambda r: r.number, main=True),
        Column("order", gettext_lazy("Order"), lambda r: r.order.number if r.order else "–"),
        Column(
            "status",
            gettext_lazy("State"),
            lambda r: status_of(r, "status"),
            value=lambda r: r.get_status_display(),
        ),
        Column("reason", gettext_lazy("Reason"), lambda r: r.reason),
        Column(
            "proposed",
            gettext_lazy("Proposed"),
            lambda r: ago(r.proposed_at),
            value=lambda r: moment(r.proposed_at),
        ),
        Column(
            "amount",
            gettext_lazy("Amount"),
            lambda r: money(r.amount, r.currency),
            value=lambda r: r.amount,
            numeric=True,
        ),
        Column("currency", gettext_lazy("Currency"), lambda r: r.currency, extra=True),
    ),
    order=("-proposed_at", "-id"),
    sorts={"proposed": ("proposed_at", "id")},
    names="number",
    filters=RefundFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("To decide"), "status=proposed"),
        Tab(gettext_lazy("To pay back"), "status=approved"),
        Tab(gettext_lazy("Completed"), "status=completed"),
    ),
    bulk=(
        BulkVerb(
            "approve",
            gettext_lazy("Approve"),
            "refunds.approve",
            actions.approve_refund,
            "refund_id",
        ),
        BulkVerb(
            "complete",
            gettext_lazy("Paid back"),
            "refunds.complete",
            actions.complete_refund,
            "refund_id",
        ),
    ),
    empty=gettext_lazy("No refund here."),
    link=lambda r: f"/orders/{r.order.number}/" if r.order else "/returns/",
)
