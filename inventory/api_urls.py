"""Routes the stock and purchasing API below /api/v1/."""

from django.urls import path

from erp.api.verbs import verb_paths
from inventory.channels import api as channels_api
from inventory.counting import api as counting_api
from inventory.desk import api as desk_api
from inventory.purchasing import api as purchasing_api
from inventory.purchasing import supplier_api
from inventory.replenishment import api as replenishment_api
from inventory.stock import api as stock_api
from inventory.stock import document_api, level_api
from inventory.transfers import api as transfers_api

urlpatterns = [
    path("skus", stock_api.Skus.as_view()),
    path("skus/<str:code>", stock_api.OneSku.as_view()),
    path("products", stock_api.Skus.as_view()),
    path("availability", desk_api.Availability.as_view()),
    path("reservations", stock_api.Reservations.as_view()),
    path("reservations/<str:cart>", stock_api.OneReservation.as_view()),
    path("allotments", level_api.Allotments.as_view()),
    path("stock/adjustments", stock_api.Adjustments.as_view()),
    path("stock/movements", stock_api.Movements.as_view()),
    path("stock/levels", level_api.Levels.as_view()),
    path("stock/valuation", level_api.Valuation.as_view()),
    path("stock/listings", channels_api.Listings.as_view()),
    path("stock/feeds", channels_api.Feeds.as_view()),
    path("stock/lots", level_api.Lots.as_view()),
    path("stock/bins", level_api.Bins.as_view()),
    path("stock/policies", level_api.Policies.as_view()),
    path("stock/splits", level_api.Splits.as_view()),
    path("stock/receipts", document_api.Receipts.as_view()),
    path("stock/moves", document_api.Moves.as_view()),
    path("stock/write-offs", document_api.WriteOffs.as_view()),
    path("stock/vendor-returns", supplier_api.VendorReturns.as_view()),
    path("stock/documents", document_api.Documents.as_view()),
    path("stock/counts", counting_api.Counts.as_view()),
    path("stock/counts/<str:number>", counting_api.OneCount.as_view()),
    path("stock/transfers", transfers_api.Transfers.as_view()),
    path("stock/transfers/<str:number>", transfers_api.OneTransfer.as_view()),
    *verb_paths("stock_document"),
    *verb_paths("count"),
    *verb_paths("transfer"),
    *verb_paths("purchase_order"),
    path("suppliers", supplier_api.Suppliers.as_view()),
    path("suppliers/<str:code>/terms", supplier_api.Terms.as_view()),
    path("purchase-orders", purchasing_api.Purchases.as_view()),
    path("purchase-orders/<str:number>", purchasing_api.OnePurchase.as_view()),
    path("purchase-suggestions", replenishment_api.Suggestions.as_view()),
    path("purchase-suggestions/order", replenishment_api.OrderSuggestions.as_view()),
]
