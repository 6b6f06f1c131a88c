"""Hands jobs to workers."""

from celery import current_app, shared_task
from django.utils import timezone

from erp.jobs import runner
from erp.jobs.actions import lease_jobs
from erp.once import perform

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.run_jobs", **OPTIONS)
def run_jobs(**_: object) -> None:
    """Send each job that waits for a worker to one. Woken by whoever begins a job, and every 2 s."""
    for job_id in perform(lease_jobs, now=timezone.now()):
        current_app.send_task("erp.tasks.run_job", kwargs={"job_id": job_id}, retry=False)


@shared_task(name="erp.tasks.run_job", **OPTIONS)
def run_job(*, job_id: int, **_: object) -> None:
    """Work on one job for a slice of time. Safe to run twice, and to die in."""
    if runner.work(job_id):
        current_app.send_task("erp.tasks.run_jobs", retry=False)
