"""Routes the orders API below /api/v1/."""

from django.urls import path

from erp.api.verbs import verb_paths
from orders.changes import api as changes_api
from orders.customers import api as customers_api
from orders.intake.edi import api as edi_api
from orders.intake.inbox import api as inbox_api
from orders.intake.mail import api as mail_api
from orders.invoicing import api as invoicing_api
from orders.order import api as order_api
from orders.payments import api as payments_api
from orders.placement import api as placement_api

urlpatterns = [
    path("orders", placement_api.Orders.as_view()),
    path("orders/bulk", placement_api.OrdersInBulk.as_view()),
    path("orders/<str:number>", order_api.OneOrder.as_view()),
    path("orders/<str:number>/events", order_api.OrderEvents.as_view()),
    path("orders/<str:number>/decisions", order_api.OrderDecisions.as_view()),
    path("orders/<str:number>/payment-intents", payments_api.PaymentIntents.as_view()),
    path("channels/<slug:code>/payment-webhooks", payments_api.receive_payment_webhook),
    path("orders/<str:number>/changes/preview", changes_api.PreviewChange.as_view()),
    *verb_paths(
        "order",
        own={"pay": payments_api.OrderPayments, "issue_invoice": invoicing_api.OrderInvoices},
    ),
    *verb_paths("order_line"),
    *verb_paths("payment"),
    path("customers", order_api.Customers.as_view()),
    path("customers/<str:customer>", order_api.OneCustomer.as_view()),
    *verb_paths("customer"),
    *verb_paths("tax_exemption"),
    *verb_paths("customer_merge"),
    *verb_paths("terms_proposal"),
    *verb_paths("customer_identity"),
    path("drafts", mail_api.Drafts.as_view()),
    path("drafts/<str:draft>", mail_api.OneDraft.as_view()),
    *verb_paths("draft"),
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
