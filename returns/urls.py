"""Routes of the returns pages."""

from django.urls import path

from returns import import_views, views

app_name = "returns"
urlpatterns = [
    path("imports/new/", import_views.new_import, name="import"),
    path("returns/", views.return_list, name="list"),
    path("returns/refunds/", views.refund_list, name="refunds"),
    path("returns/refunds/<str:number>/<str:verb>/", views.take_refund_verb, name="refund_verb"),
    path("returns/for/<str:number>/", views.request_return, name="request"),
    path("returns/<str:number>/", views.return_page, name="return"),
    path("returns/<str:number>/<str:verb>/", views.take_verb, name="take_verb"),
]
