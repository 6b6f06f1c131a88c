"""Serves the invoices of an order over the API."""

from django.http import HttpResponse
from rest_framework.request import Request

from erp.api.endpoint import answer_json
from erp.api.schema import operation
from erp.api.verbs import VerbEndpoint, post_of
from orders.invoicing.queries import invoices_of
from orders.invoicing.verbs import ISSUE
from orders.order.queries import find_order
from orders.order.verbs import NOUN


class OrderInvoices(VerbEndpoint):
    """What was invoiced and credited of an order; posting issues what is to be."""

    noun, verb = NOUN, ISSUE
    rights = {"get": "orders.view", "post": ISSUE.right}
    post = post_of(ISSUE)

    @operation("List an order's invoices and credit notes")
    def get(self, request: Request, number: str) -> HttpResponse:
        return answer_json({"data": invoices_of(find_order(self.actor, number).pk)})
