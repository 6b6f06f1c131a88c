"""Declares the verbs of a refund: approve, reject, complete."""

from django.utils.translation import gettext_lazy, pgettext_lazy

from erp.verbs import Bulk, Noun, Verb
from returns.refunds.actions.settle import approve_refund, complete_refund, reject_refund
from returns.refunds.models import Refund
from returns.refunds.queries import find_refund, read_refund, why_not_approved
from returns.refunds.states import REFUND
from returns.rma.verbs import ReturnVerb, nothing


def _page_of(refund: Refund) -> str:
    if refund.order:
        return f"/orders/{refund.order.number}/"
    return f"/returns/{refund.authorization.number}/" if refund.authorization else "/returns/"


NOUN: Noun[Refund] = Noun(
    name="refund",
    path="refunds/<str:number>",
    argument="refund_id",
    right="refunds.view",
    find=find_refund,
    show=read_refund,
    page=_page_of,
    machine=REFUND,
)
APPROVE: Verb[Refund, ReturnVerb] = Verb(
    "approve",
    approve_refund,
    "refunds.approve",
    "Approve a refund",
    pgettext_lazy("return", "Approve"),
    gettext_lazy("Refund approved."),
    body=ReturnVerb,
    arguments=nothing,
    state="approve",
    why_not=why_not_approved,
    bulk=Bulk(),
)
REJECT: Verb[Refund, ReturnVerb] = Verb(
    "reject",
    reject_refund,
    "refunds.reject",
    "Reject a refund",
    gettext_lazy("Reject"),
    gettext_lazy("Refund rejected."),
    body=ReturnVerb,
    arguments=nothing,
    state="reject",
    is_grave=True,
)
COMPLETE: Verb[Refund, ReturnVerb] = Verb(
    "complete",
    complete_refund,
    "refunds.complete",
    "Note that the money went back",
    gettext_lazy("Note as paid back"),
    gettext_lazy("Refund completed; the customer has been notified."),
    body=ReturnVerb,
    arguments=nothing,
    state="complete",
    bulk=Bulk(gettext_lazy("Paid out")),
)

VERBS = (APPROVE, REJECT, COMPLETE)
