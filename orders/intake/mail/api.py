"""Serves order drafts over the API."""

from erp.api.endpoint import Endpoint
from erp.api.resource import by_choice, document_of, list_of
from orders.intake.mail.document import draft_document
from orders.intake.mail.queries import drafts_visible_to
from orders.intake.mail.states import DraftStatus
from orders.intake.mail.verbs import find_draft


class Drafts(Endpoint):
    rights = {"get": "customers.view"}
    get = list_of(
        "List order drafts, newest first",
        drafts_visible_to,
        draft_document,
        filters=(by_choice("status", DraftStatus.values),),
    )


class OneDraft(Endpoint):
    rights = {"get": "customers.view"}
    get = document_of("Read an order draft", find_draft, draft_document)
