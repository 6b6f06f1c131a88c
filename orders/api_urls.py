"""Routes of the orders API, below /api/v1/."""

from django.urls import path

from orders.changes import api as changes_api
from orders.customers import api as customers_api
from orders.intake.edi import api as edi_api
from orders.intake.inbox import api as inbox_api
from orders.invoicing import api as invoicing_api
from orders.order import api as order_api
from orders.payments import api as payments_api
from orders.placement import api as placement_api
from orders.risk import api as risk_api

urlpatterns = [
    path("orders", placement_api.Orders.as_view()),
    path("orders/bulk", placement_api.OrdersInBulk.as_view()),
    path("orders/<str:number>", order_api.OneOrder.as_view()),
    path("orders/<str:number>/events", order_api.OrderEvents.as_view()),
    path("orders/<str:number>/decisions", order_api.OrderDecisions.as_view()),
    path("orders/<str:number>/cancel", order_api.CancelOrder.as_view()),
    path("orders/<str:number>/hold", order_api.HoldOrder.as_view()),
    path("orders/<str:number>/release", order_api.ReleaseOrder.as_view()),
    path("orders/<str:number>/payments", payments_api.PayOrder.as_view()),
    path("orders/<str:number>/authorisations", payments_api.AuthoriseOrder.as_view()),
    path(
        "orders/<str:number>/payments/<str:payment>/capture",
        payments_api.CapturePayment.as_view(),
    ),
    path("orders/<str:number>/payments/<str:payment>/void", payments_api.VoidPayment.as_view()),
    path("orders/<str:number>/payment-intents", payments_api.PaymentIntents.as_view()),
    path("channels/<slug:code>/payment-webhooks", payments_api.receive_payment_webhook),
    path("orders/<str:number>/risk-assessments", risk_api.AssessOrder.as_view()),
    path("orders/<str:number>/invoice-request", invoicing_api.RequestInvoice.as_view()),
    path("orders/<str:number>/invoice", invoicing_api.NoteInvoice.as_view()),
    path("orders/<str:number>/invoices", invoicing_api.OrderInvoices.as_view()),
    path("orders/<str:number>/merge", changes_api.MergeOrders.as_view()),
    path("orders/<str:number>/unmerge", changes_api.UnmergeOrder.as_view()),
    path("orders/<str:number>/split", changes_api.SplitOrder.as_view()),
    path("orders/<str:number>/unsplit", changes_api.UnsplitOrder.as_view()),
    path("orders/<str:number>/seal", changes_api.SealOrder.as_view()),
    path("orders/<str:number>/changes", changes_api.ChangeOrder.as_view()),
    path("orders/<str:number>/changes/preview", changes_api.PreviewChange.as_view()),
    path("orders/<str:number>/changes/undo", changes_api.UndoChange.as_view()),
    path("orders/<str:number>/marks", order_api.MarkOrder.as_view()),
    path("customers", order_api.Customers.as_view()),
    path("outgoing-documents", edi_api.OutgoingDocuments.as_view()),
    path("outgoing-documents/<str:document>", edi_api.OutgoingDocumentBody.as_view()),
    path("quotes", placement_api.Quotes.as_view()),
    path("addresses/parse", customers_api.ParsedAddresses.as_view()),
    path("addresses/divisions", customers_api.Divisions.as_view()),
    path("channels/<slug:code>/webhooks/<slug:source>", inbox_api.receive_webhook),
    path("channels/<slug:code>/messages", inbox_api.ChannelMessages.as_view()),
    path(
        "channels/<slug:code>/messages/<str:message>/replay",
        inbox_api.ReplayChannelMessage.as_view(),
    ),
]
