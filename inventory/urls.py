"""Routes of the stock and purchasing pages."""

from django.urls import path

from inventory import document_views, floor_views, purchase_views, views

app_name = "inventory"
urlpatterns = [
    path("inventory/", views.sku_list, name="list"),
    path("inventory/<str:code>/", views.sku_page, name="sku"),
    path("inventory/<str:code>/change/", views.change_stock, name="change"),
    path("inventory/<str:code>/policy/", views.change_policy),
    path("inventory/<str:code>/label.pdf", document_views.sku_label),
    path("stock/scan/", floor_views.scan),
    path("stock/receive/", floor_views.receive, name="receive"),
    path("stock/move/", floor_views.move, name="move"),
    path("stock/movements/<int:pk>/", document_views.movement_source),
    path("stock/documents/", document_views.document_list),
    path("stock/documents/<int:pk>/", document_views.document_page),
    path("stock/documents/<int:pk>/<str:verb>/", document_views.document_step),
    path("stock/counts/", document_views.count_list),
    path("stock/counts/new/", document_views.new_count),
    path("stock/counts/<str:number>/", document_views.count_page),
    path("stock/counts/<str:number>/scan/", floor_views.count),
    path("stock/counts/<str:number>/<str:verb>/", document_views.count_step),
    path("stock/transfers/", document_views.transfer_list),
    path("stock/transfers/new/", document_views.new_transfer),
    path("stock/transfers/<str:number>/", document_views.transfer_page),
    path("stock/transfers/<str:number>/<str:verb>/", document_views.transfer_step),
    path("stock/bins/", document_views.bin_list),
    path("stock/bins/new/", document_views.new_bins),
    path("stock/bins/labels.pdf", document_views.bin_labels),
    path("stock/bins/<int:pk>/", document_views.bin_page),
    path("stock/allotments/", views.allotments),
    path("stock/valuation/", views.valuation),
    path("purchasing/", purchase_views.purchase_list, name="purchases"),
    path("purchasing/new/", purchase_views.new_purchase),
    path("purchasing/suggestions/", purchase_views.suggestions),
    path("purchasing/suggestions/<str:verb>/", purchase_views.take_suggestions),
    path("purchasing/suppliers/", purchase_views.supplier_list),
    path("purchasing/suppliers/new/", purchase_views.new_supplier),
    path("purchasing/suppliers/<str:code>/", purchase_views.supplier_page),
    path("purchasing/suppliers/<str:code>/change/", purchase_views.change_supplier),
    path("purchasing/<str:number>/", purchase_views.purchase_page),
    path("purchasing/<str:number>/paper.pdf", purchase_views.purchase_pdf),
    path("purchasing/<str:number>/<str:verb>/", purchase_views.purchase_step),
    path("settings/warehouses/", views.warehouses, name="warehouses"),
    path("settings/warehouses/<int:pk>/", views.change_warehouse),
]
