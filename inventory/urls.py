"""Routes of the stock pages."""

from django.urls import path

from inventory import views

app_name = "inventory"
urlpatterns = [
    path("inventory/", views.sku_list, name="list"),
    path("inventory/<str:code>/", views.sku_page, name="sku"),
    path("inventory/<str:code>/change/", views.change_stock, name="change"),
    path("settings/warehouses/", views.warehouses, name="warehouses"),
    path("settings/warehouses/<int:pk>/", views.change_warehouse),
]
