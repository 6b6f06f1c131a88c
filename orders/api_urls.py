"""Routes of the orders API, below /api/v1/."""

from django.urls import path

from orders import (
    address_api,
    answers_api,
    api,
    combining_api,
    inbox_api,
    invoices_api,
    payments_api,
    verbs_api,
)

urlpatterns = [
    path("orders", api.Orders.as_view()),
    path("orders/bulk", api.OrdersInBulk.as_view()),
    path("orders/<str:number>", api.OneOrder.as_view()),
    path("orders/<str:number>/events", api.OrderEvents.as_view()),
    path("orders/<str:number>/decisions", api.OrderDecisions.as_view()),
    path("orders/<str:number>/cancel", verbs_api.CancelOrder.as_view()),
    path("orders/<str:number>/hold", verbs_api.HoldOrder.as_view()),
    path("orders/<str:number>/release", verbs_api.ReleaseOrder.as_view()),
    path("orders/<str:number>/payments", verbs_api.PayOrder.as_view()),
    path("orders/<str:number>/authorisations", verbs_api.AuthoriseOrder.as_view()),
    path(
        "orders/<str:number>/payments/<str:payment>/capture",
        payments_api.CapturePayment.as_view(),
    ),
    path("orders/<str:number>/payments/<str:payment>/void", payments_api.VoidPayment.as_view()),
    path("orders/<str:number>/payment-intents", payments_api.PaymentIntents.as_view()),
    path("channels/<slug:code>/payment-webhooks", payments_api.receive_payment_webhook),
    path("orders/<str:number>/risk-assessments", verbs_api.AssessOrder.as_view()),
    path("orders/<str:number>/invoice-request", verbs_api.RequestInvoice.as_view()),
    path("orders/<str:number>/invoice", verbs_api.NoteInvoice.as_view()),
    path("orders/<str:number>/invoices", invoices_api.OrderInvoices.as_view()),
    path("orders/<str:number>/merge", combining_api.MergeOrders.as_view()),
    path("orders/<str:number>/unmerge", combining_api.UnmergeOrder.as_view()),
    path("orders/<str:number>/split", combining_api.SplitOrder.as_view()),
    path("orders/<str:number>/unsplit", combining_api.UnsplitOrder.as_view()),
    path("orders/<str:number>/seal", combining_api.SealOrder.as_view()),
    path("orders/<str:number>/changes", verbs_api.ChangeOrder.as_view()),
    path("orders/<str:number>/changes/preview", verbs_api.PreviewChange.as_view()),
    path("orders/<str:number>/changes/undo", verbs_api.UndoChange.as_view()),
    path("orders/<str:number>/marks", verbs_api.MarkOrder.as_view()),
    path("customers", api.Customers.as_view()),
    path("outgoing-documents", answers_api.OutgoingDocuments.as_view()),
    path("outgoing-documents/<str:document>", answers_api.OutgoingDocumentBody.as_view()),
    path("quotes", api.Quotes.as_view()),
    path("addresses/parse", address_api.ParsedAddresses.as_view()),
    path("addresses/divisions", address_api.Divisions.as_view()),
    path("channels/<slug:code>/webhooks/<slug:source>", inbox_api.receive_webhook),
    path("channels/<slug:code>/messages", inbox_api.ChannelMessages.as_view()),
    path(
        "channels/<slug:code>/messages/<str:message>/replay",
        inbox_api.ReplayChannelMessage.as_view(),
    ),
]
