"""Creates the Celery application, its queues and its schedule; an entry is a hint: losing one loses nothing.

Queues are told apart by urgency, so that no backlog of one silences another. A worker takes from those that it is
given in the order that they stand here: of what waits, ticks first. `docs/operations.md` says how each is scaled.
"""

import os
from collections.abc import Mapping, Sequence

from celery import Celery
from kombu.entity import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "erp.settings")

app = Celery("throughline", task_cls="erp.clocks:PunctualTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Queues by urgency, and their tasks. What calls others over the network stands in `outside`: it may wait for them.
QUEUES: Mapping[str, Sequence[str]] = {
    "ticks": (
        "erp.tasks.beat_once",
        "erp.tasks.relay",
        "erp.tasks.run_jobs",
        "erp.tasks.send_waiting_messages",
        "inventory.tasks.expire_reservations",
        "inventory.tasks.block_expired",
        "orders.tasks.end_holds",
    ),
    "inbox": ("orders.tasks.read_inbox",),
    "mail": ("erp.tasks.send_some_messages", "erp.tasks.send_account_mails"),
    "outbox": ("erp.tasks.deliver",),
    "webhooks": ("erp.tasks.send_webhooks",),
    "jobs": (
        "erp.tasks.run_job",
        "erp.tasks.watch",
        "erp.tasks.back_up_nightly",
        "erp.tasks.prove_nightly",
        "erp.tasks.let_go",
        "inventory.tasks.nightly",
        "orders.tasks.age_unpaid",
        "orders.tasks.merge_twins",
        "orders.tasks.review_by_time",
        "orders.tasks.answer_partners",
        "orders.tasks.learn_names",
        "orders.tasks.issue_invoices",
        "fulfillment.tasks.learn_transit",
    ),
    "outside": (
        "inventory.tasks.publish_stock",
        "orders.tasks.ask_payment_providers",
        "orders.tasks.ask_about_risk",
        "orders.tasks.ask_shops",
        "orders.tasks.tell_shops",
        "orders.tasks.fetch_mail",
        "orders.tasks.rate_orders",
    ),
}
QUEUE_OF = {task: queue for queue, tasks in QUEUES.items() for task in tasks}
# The two kinds of worker: one whose tasks are short, one that may be busy with each for minutes.
QUICK, SLOW = ("ticks", "inbox", "mail", "outbox"), ("webhooks", "jobs", "outside")
PROCESSES = {QUICK: 4, SLOW: 6}  # where nobody says how many
# Whose turns wait for others, read what others wrote or go through many rows: none has all processes (erp/turns.py).
# All are queues but `rounds`: the periodic tasks of `jobs`, which imports do not keep waiting.
LONG = ("inbox", "mail", "webhooks", "jobs", "outside", "rounds")
SERVED_BY = {"rounds": "jobs"}

app.conf.task_queues = [Queue(name) for name in QUEUES]  # type: ignore[no-untyped-call]  # kombu has no types
app.conf.task_default_queue = "jobs"
app.conf.task_routes = {task: {"queue": queue} for task, queue in QUEUE_OF.items()}

app.conf.beat_scheduler = "erp.steady_beat:SteadyScheduler"
app.conf.beat_schedule = {
    "relay": {"task": "erp.tasks.relay", "schedule": 2.0, "options": {"expires": 4}},
    "beat": {"task": "erp.tasks.beat_once", "schedule": 5.0, "options": {"expires": 10}},
    "webhooks": {
        "task": "erp.tasks.send_webhooks",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "jobs": {"task": "erp.tasks.run_jobs", "schedule": 2.0, "options": {"expires": 4}},
    "mail": {
        "task": "erp.tasks.send_waiting_messages",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "account-mail": {
        "task": "erp.tasks.send_account_mails",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "expire": {
        "task": "inventory.tasks.expire_reservations",
        "schedule": 20.0,
        "options": {"expires": 20},
    },
    "publish": {
        "task": "inventory.tasks.publish_stock",
        "schedule": 5.0,
        "options": {"expires": 10},
    },
    "night": {
        "task": "inventory.tasks.nightly",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "inbox": {
        "task": "orders.tasks.read_inbox",
        "schedule": 2.0,
        "options": {"expires": 4},
    },
    "unpaid": {
        "task": "orders.tasks.age_unpaid",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "holds": {"task": "orders.tasks.end_holds", "schedule": 20.0, "options": {"expires": 18}},
    "merge": {
        "task": "orders.tasks.merge_twins",
        "schedule": 20.0,
        "options": {"expires": 18},
    },
    "payments": {
        "task": "orders.tasks.ask_payment_providers",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "review": {
        "task": "orders.tasks.review_by_time",
        "schedule": 300.0,
        "options": {"expires": 290},
    },
    "answers": {
        "task": "orders.tasks.answer_partners",
        "schedule": 20.0,
        "options": {"expires": 18},
    },
    "rates": {
        "task": "orders.tasks.rate_orders",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
    "risk": {"task": "orders.tasks.ask_about_risk", "schedule": 5.0, "options": {"expires": 5}},
    "shops": {"task": "orders.tasks.ask_shops", "schedule": 60.0, "options": {"expires": 55}},
    "letters": {
        "task": "orders.tasks.fetch_mail",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "news": {"task": "orders.tasks.tell_shops", "schedule": 20.0, "options": {"expires": 18}},
    "expiry": {
        "task": "inventory.tasks.block_expired",
        "schedule": 60.0,
        "options": {"expires": 55},
    },
    "names": {"task": "orders.tasks.learn_names", "schedule": 30.0, "options": {"expires": 30}},
    "transit": {
        "task": "fulfillment.tasks.learn_transit",
        "schedule": 3600.0,
        "options": {"expires": 3000},
    },
    "invoices": {
        "task": "orders.tasks.issue_invoices",
        "schedule": 60.0,
        "options": {"expires": 50},
    },
    "watch": {"task": "erp.tasks.watch", "schedule": 300.0, "options": {"expires": 290}},
    "backup": {
        "task": "erp.tasks.back_up_nightly",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "audit": {
        "task": "erp.tasks.prove_nightly",
        "schedule": 600.0,
        "options": {"expires": 590},
    },
    "retention": {
        "task": "erp.tasks.let_go",
        "schedule": 3600.0,
        "options": {"expires": 600},
    },
}
