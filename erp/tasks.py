"""Gathers the ground floor's tasks for Celery; each is defined in its room."""

from celery.signals import worker_init

from erp.access.tasks import (
    send_account_mails,
)
from erp.audit.tasks import (
    prove_nightly,
)
from erp.backups.tasks import (
    back_up_nightly,
)
from erp.events.tasks import (
    beat_once,
    deliver,
    relay,
    send_webhooks,
)
from erp.jobs.tasks import (
    run_job,
    run_jobs,
)
from erp.messages.tasks import (
    send_waiting_messages,
)
from erp.notices.tasks import (
    watch,
)
from erp.privacy.tasks import (
    let_go,
)
from erp.sandbox.call import warm_up


@worker_init.connect
def _start_sandbox(**_: object) -> None:
    """Start what reads foreign files before the worker's pool, whose processes share it."""
    warm_up()


__all__ = [
    "back_up_nightly",
    "beat_once",
    "deliver",
    "let_go",
    "prove_nightly",
    "relay",
    "run_job",
    "run_jobs",
    "send_account_mails",
    "send_waiting_messages",
    "send_webhooks",
    "watch",
]
