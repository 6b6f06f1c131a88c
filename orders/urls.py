"""Routes of the order and customer pages."""

from django.urls import path

from orders import (
    draft_views,
    entry_views,
    file_views,
    inbox_views,
    order_views,
    supply_views,
    views,
)

app_name = "orders"
urlpatterns = [
    path("orders/", views.order_list, name="list"),
    path("orders/review/", views.review_queue, name="review"),
    path("orders/inbox/", inbox_views.inbox, name="inbox"),
    path("orders/inbox/hand-over/", inbox_views.hand_over),
    path("orders/inbox/<int:pk>/", inbox_views.message_page),
    path("orders/inbox/<int:pk>/replay/", inbox_views.replay),
    path("orders/new/", entry_views.new_order, name="new"),
    path("orders/new/quote/", entry_views.quote),
    path("orders/new/customers/", entry_views.suggest_customers),
    path("orders/new/skus/", entry_views.suggest_skus),
    path("orders/new/address/", entry_views.read_pasted),
    path("orders/new/divisions/", entry_views.list_divisions),
    path("orders/channel-news/", inbox_views.news),
    path("orders/reconciliation/", inbox_views.reconciliation),
    path("orders/files/", file_views.files),
    path("orders/files/hand-over/", file_views.hand_over),
    path("orders/files/<int:pk>/", file_views.map_file),
    path("orders/drafts/", draft_views.draft_list),
    path("orders/drafts/<int:pk>/", draft_views.draft_page),
    path("orders/drafts/<int:pk>/dismiss/", draft_views.dismiss),
    path("orders/<str:number>/", order_views.order_page, name="order"),
    path("orders/<str:number>/timeline/", order_views.order_timeline),
    path("orders/<str:number>/comment/", order_views.comment),
    path("orders/<str:number>/look/", order_views.look),
    path("orders/<str:number>/edit/<str:part>/", order_views.edit_part),
    path("orders/<str:number>/buy/", supply_views.buy),
    path("orders/<str:number>/lines/<int:pk>/map/", inbox_views.map_line),
    path("orders/<str:number>/<str:verb>/", order_views.take_verb, name="take_verb"),
    path("customers/", views.customer_list, name="customers"),
    path("customers/<str:customer>/", views.customer_page, name="customer"),
    path("customers/<str:customer>/merge/", views.merge_customer),
    path("customers/<str:customer>/unmerge/<int:pk>/", views.unmerge_customer),
    path("customers/<str:customer>/change/", views.change_customer),
    path("settings/carriers/", views.carriers, name="carriers"),
    path("settings/carriers/<int:pk>/", views.change_carrier),
]
