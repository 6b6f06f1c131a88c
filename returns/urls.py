"""Routes the returns pages."""

from django.urls import path

from erp.web.verbs import verb_view
from returns.desk import views as desk_views
from returns.history import views as history_views

app_name = "returns"
urlpatterns = [
    path("imports/new/", history_views.new_import, name="import"),
    path("returns/", desk_views.return_list, name="list"),
    path("returns/refunds/", desk_views.refund_list, name="refunds"),
    path("returns/refunds/<str:number>/<str:verb>/", verb_view("refund"), name="refund_verb"),
    path("returns/for/<str:number>/", desk_views.request_return, name="request"),
    path("returns/<str:number>/", desk_views.return_page, name="return"),
    path("returns/<str:number>/refund/", desk_views.propose, name="propose"),
    path("returns/<str:number>/<str:verb>/", verb_view("return"), name="take_verb"),
]
