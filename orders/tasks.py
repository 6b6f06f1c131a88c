"""Gathers the tasks of orders for Celery; each is defined in its room."""

from orders.changes.tasks import (
    merge_twins,
)
from orders.customers.tasks import (
    learn_names,
)
from orders.intake.edi.tasks import (
    answer_partners,
)
from orders.intake.inbox.tasks import (
    read_inbox,
)
from orders.intake.mail.tasks import (
    fetch_mail,
)
from orders.intake.shops.tasks import (
    ask_shops,
    tell_shops,
)
from orders.invoicing.tasks import (
    issue_invoices,
)
from orders.order.tasks import (
    end_holds,
)
from orders.payments.tasks import (
    age_unpaid,
    ask_payment_providers,
)
from orders.pricing.tasks import (
    rate_orders,
)
from orders.rehearsal.tasks import (
    review_by_time,
)
from orders.risk.tasks import (
    ask_about_risk,
)

__all__ = [
    "age_unpaid",
    "answer_partners",
    "ask_about_risk",
    "ask_payment_providers",
    "ask_shops",
    "end_holds",
    "fetch_mail",
    "issue_invoices",
    "learn_names",
    "merge_twins",
    "rate_orders",
    "read_inbox",
    "review_by_time",
    "tell_shops",
]
