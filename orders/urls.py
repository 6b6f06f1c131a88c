"""Routes of the order and customer pages."""

from django.urls import path

from orders import views

app_name = "orders"
urlpatterns = [
    path("orders/", views.order_list, name="list"),
    path("orders/review/", views.review_queue, name="review"),
    path("orders/<str:number>/", views.order_page, name="order"),
    path("orders/<str:number>/<str:verb>/", views.take_verb, name="take_verb"),
    path("customers/", views.customer_list, name="customers"),
    path("customers/<str:customer>/", views.customer_page, name="customer"),
]
