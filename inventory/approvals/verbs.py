"""Declares the verbs of a stock document that waits: approve, reject."""

from django.utils.translation import gettext_lazy

from erp.access.models import Actor
from erp.ids import primary_key
from erp.queries import find_one
from erp.verbs import Bulk, NoBody, Noun, Verb
from inventory.approvals.actions import approve_document, reject_document
from inventory.stock.approvals import why_not_approved
from inventory.stock.document import stock_document
from inventory.stock.models.documents import StockDocument
from inventory.stock.queries import documents_visible_to
from inventory.stock.states import DOCUMENT


def find_document(actor: Actor, name: str | int) -> StockDocument:
    """A stock document by its public id, or on pages by its primary key; raises NotFound."""
    pk = name if isinstance(name, int) else primary_key("sdoc", name)
    rows = documents_visible_to(actor).select_related("warehouse", "by", "purchase", "supplier")
    return find_one(rows.filter(pk=pk or 0))


NOUN: Noun[StockDocument] = Noun(
    name="stock_document",
    path="stock/documents/<str:document>",
    argument="document_id",
    right="inventory.view",
    find=find_document,
    show=lambda pk, _by: stock_document(StockDocument.objects.get(pk=pk)),
    page=lambda document: f"/stock/documents/{document.pk}/",
    machine=DOCUMENT,
)
APPROVE: Verb[StockDocument, NoBody] = Verb(
    "approve",
    approve_document,
    "inventory.approve",
    "Approve a stock document that waits",
    gettext_lazy("Approve"),
    gettext_lazy("Approved and posted."),
    state="approve",
    why_not=why_not_approved,
    place="head",
    bulk=Bulk(),
)
REJECT: Verb[StockDocument, NoBody] = Verb(
    "reject",
    reject_document,
    "inventory.reject",
    "Reject a stock document that waits",
    gettext_lazy("Reject"),
    gettext_lazy("Rejected. Nothing was changed."),
    state="reject",
    place="head",
    bulk=Bulk(),
    is_grave=True,
)

VERBS = (APPROVE, REJECT)
