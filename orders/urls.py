"""Routes the order and customer pages."""

from django.urls import path

from erp.web.verbs import verb_view
from orders.allocation import views as allocation_views
from orders.changes import change_views, choice_views, edit_views, merge_views
from orders.desk import customer_views, entry_views, list_views, order_views, suggest_views
from orders.intake.files import views as files_views
from orders.intake.inbox import views as inbox_views
from orders.intake.mail import views as mail_views
from orders.invoicing import views as invoicing_views
from orders.onboarding import views as onboarding_views
from orders.rehearsal import rule_views
from orders.rehearsal import views as rehearsal_views
from orders.routing import views as routing_views

app_name = "orders"
urlpatterns = [
    path("setup/", onboarding_views.guide, name="setup"),
    path("setup/card/", onboarding_views.card),
    path("setup/proposal/", onboarding_views.proposal),
    path("setup/company/", onboarding_views.found),
    path("setup/products/", onboarding_views.add_products),
    path("orders/", list_views.order_list, name="list"),
    path("orders/review/", list_views.review_queue, name="review"),
    path("orders/review/take/", list_views.claim_next_orders),
    path("orders/review/figures/", list_views.review_figures),
    path("orders/inbox/", inbox_views.inbox, name="inbox"),
    path("orders/inbox/hand-over/", inbox_views.hand_over),
    path("orders/inbox/<int:pk>/", inbox_views.message_page),
    path("orders/inbox/<int:pk>/replay/", inbox_views.replay),
    path("orders/new/", entry_views.new_order, name="new"),
    path("orders/new/quote/", entry_views.quote),
    path("orders/new/customers/", suggest_views.suggest_customers),
    path("orders/new/skus/", suggest_views.suggest_skus),
    path("orders/new/address/", suggest_views.read_pasted),
    path("orders/new/divisions/", suggest_views.list_divisions),
    path("orders/channel-news/", inbox_views.news),
    path("orders/reconciliation/", inbox_views.reconciliation),
    path("orders/files/", files_views.files),
    path("orders/files/hand-over/", files_views.hand_over),
    path("orders/files/<int:pk>/", files_views.map_file),
    path("orders/drafts/", mail_views.draft_list),
    path("orders/drafts/<int:pk>/", mail_views.draft_page),
    path("orders/drafts/<int:pk>/<str:verb>/", verb_view("draft")),
    path("orders/<str:number>/", order_views.order_page, name="order"),
    path("orders/<str:number>/timeline/", order_views.order_timeline),
    path("orders/<str:number>/comment/", order_views.comment),
    path("orders/<str:number>/look/", order_views.look),
    path("orders/<str:number>/edit/<str:part>/", edit_views.edit_part),
    path("orders/<str:number>/change/", change_views.change),
    path("orders/<str:number>/reveal/", edit_views.reveal),
    path("choose/", choice_views.choose, name="choose"),
    path("choose/<number>/", choice_views.choose_of_order),
    path("orders/<str:number>/confirmation/", invoicing_views.confirmation),
    path("orders/<str:number>/invoices/<str:invoice>.pdf", invoicing_views.invoice),
    path("orders/<str:number>/split/", merge_views.split),
    path("orders/<str:number>/buy/", allocation_views.buy),
    path("orders/<str:number>/lines/<str:line>/<str:verb>/", verb_view("order_line")),
    path("orders/<str:number>/<str:verb>/", verb_view("order"), name="take_verb"),
    path("customers/", customer_views.customer_list, name="customers"),
    path("customers/<str:customer>/", customer_views.customer_page, name="customer"),
    path("customers/<str:customer>/reveal/", customer_views.reveal_customer),
    path("customers/<str:customer>/personal-data/", customer_views.personal_data),
    path(
        "customers/<str:customer>/exemptions/<str:exemption>/<str:verb>/",
        verb_view("tax_exemption"),
    ),
    path("customers/<str:customer>/merges/<str:merge>/<str:verb>/", verb_view("customer_merge")),
    path(
        "customers/<str:customer>/identities/<str:identity>/<str:verb>/",
        verb_view("customer_identity"),
    ),
    path("customers/<str:customer>/terms/<str:proposal>/", customer_views.proposed),
    path("customers/<str:customer>/terms/<str:proposal>/<str:verb>/", verb_view("terms_proposal")),
    path("customers/<str:customer>/<str:verb>/", verb_view("customer")),
    path("settings/rules/", rule_views.rules, name="rules"),
    path("settings/rules/apply/", rule_views.apply_to_open),
    path("settings/rules/new/", rule_views.rule_page),
    path("settings/rules/<slug:code>/", rule_views.rule_page),
    path("settings/rules/<slug:code>/force/<int:version>/", rule_views.force),
    path("settings/rules/<slug:code>/retire/", rule_views.retire),
    path("settings/rules/<slug:code>/rehearse/", rehearsal_views.begin_rule),
    path("settings/rehearsals/", rehearsal_views.rehearsals, name="rehearsals"),
    path("settings/rehearsals/begin/", rehearsal_views.begin_offer),
    path("settings/looks/", customer_views.looks, name="looks"),
    path("settings/carriers/", routing_views.carriers, name="carriers"),
    path("settings/carriers/<int:pk>/", routing_views.change_carrier),
]
