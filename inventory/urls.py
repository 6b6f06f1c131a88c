"""Routes the stock and purchasing pages."""

from django.urls import path

from erp.web.verbs import verb_view
from inventory.channels import views as channels_views
from inventory.counting import views as counting_views
from inventory.desk import entry_views
from inventory.desk import views as desk_views
from inventory.floor import views as floor_views
from inventory.purchasing import views as purchasing_views
from inventory.replenishment import views as replenishment_views
from inventory.stock import views as stock_views
from inventory.transfers import views as transfers_views

app_name = "inventory"
urlpatterns = [
    path("inventory/", desk_views.sku_list, name="list"),
    path("inventory/<str:code>/", desk_views.sku_page, name="sku"),
    path("inventory/<str:code>/change/", desk_views.change_stock, name="change"),
    path("inventory/<str:code>/policy/", desk_views.change_policy),
    path("inventory/<str:code>/split/", entry_views.split),
    path("inventory/<str:code>/label.pdf", stock_views.sku_label),
    path("stock/scan/", floor_views.scan),
    path("stock/receive/", floor_views.receive, name="receive"),
    path("stock/move/", floor_views.move, name="move"),
    path("stock/movements/<int:pk>/", desk_views.movement_source),
    path("stock/documents/", stock_views.document_list),
    path("stock/documents/new/", entry_views.new_document),
    path("stock/lots/", entry_views.lot_list),
    path("stock/documents/<int:pk>/", stock_views.document_page),
    path("stock/documents/<int:pk>/<str:verb>/", verb_view("stock_document")),
    path("stock/counts/", counting_views.count_list),
    path("stock/counts/new/", counting_views.new_count),
    path("stock/counts/<str:number>/", counting_views.count_page),
    path("stock/counts/<str:number>/scan/", floor_views.count),
    path("stock/counts/<str:number>/<str:verb>/", verb_view("count")),
    path("stock/transfers/", transfers_views.transfer_list),
    path("stock/transfers/new/", transfers_views.new_transfer),
    path("stock/transfers/<str:number>/", transfers_views.transfer_page),
    path("stock/transfers/<str:number>/<str:verb>/", verb_view("transfer")),
    path("stock/bins/", stock_views.bin_list),
    path("stock/bins/new/", stock_views.new_bins),
    path("stock/bins/labels.pdf", stock_views.bin_labels),
    path("stock/bins/<int:pk>/", stock_views.bin_page),
    path("stock/allotments/", channels_views.allotments),
    path("stock/listings/", channels_views.listing_list),
    path("stock/listings/add/", channels_views.list_on_channel),
    path("stock/feeds/", channels_views.feeds),
    path("stock/valuation/", desk_views.valuation),
    path("purchasing/", purchasing_views.purchase_list, name="purchases"),
    path("purchasing/new/", purchasing_views.new_purchase),
    path("purchasing/suggestions/", replenishment_views.suggestions),
    path("purchasing/suggestions/<str:verb>/", replenishment_views.take_suggestions),
    path("purchasing/suppliers/", purchasing_views.supplier_list),
    path("purchasing/suppliers/new/", purchasing_views.new_supplier),
    path("purchasing/suppliers/<str:code>/", purchasing_views.supplier_page),
    path("purchasing/suppliers/<str:code>/change/", purchasing_views.change_supplier),
    path("purchasing/<str:number>/", purchasing_views.purchase_page),
    path("purchasing/<str:number>/paper.pdf", purchasing_views.purchase_pdf),
    path("purchasing/<str:number>/<str:verb>/", verb_view("purchase_order")),
    path("settings/warehouses/", stock_views.warehouses, name="warehouses"),
    path("settings/warehouses/<int:pk>/", stock_views.change_warehouse),
]
