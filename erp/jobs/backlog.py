"""Says which jobs wait for a worker, and which failed."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from erp.backlogs import Backlog
from erp.wiring import JOBS

OURS = ", ".join(f"'{kind}'" for kind in JOBS)  # the others are a command's own
BACKLOG = Backlog(
    name="jobs",
    label=_("Jobs"),
    table="erp_job",
    waiting=f"status = 'running' AND kind IN ({OURS}) AND (leased_until IS NULL OR leased_until < now())",
    parked=f"status = 'failed' AND kind IN ({OURS})",
    late=timedelta(minutes=2),
    note="kind",
    right="settings.edit",
    replay="erp.parked.actions.resume_failed_jobs",
    due="updated_at",
)
