"""Works on jobs in the background: turns are asked for, and a job is leased by the turn that runs it."""

from celery import shared_task
from django.utils import timezone

from erp.jobs import runner
from erp.jobs.actions import lease_jobs
from erp.jobs.queries import has_waiting
from erp.once import perform
from erp.turns import ask_for_turns, takes_a_place

RUNNERS = 4  # turns asked for beside each other
OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 200, "time_limit": 240}


@shared_task(name="erp.tasks.run_jobs", **OPTIONS)
def run_jobs(**_: object) -> None:
    """Have workers take the jobs that wait. Woken by whoever begins a job, and every 2 s."""
    if has_waiting(now=timezone.now()):
        ask_for_turns("erp.tasks.run_job", most=RUNNERS)


@shared_task(name="erp.tasks.run_job", **OPTIONS)
@takes_a_place("jobs")
def run_job(**_: object) -> None:
    """Take the job that has waited longest, and work on it for a slice of time. Safe to run twice, and to die in."""
    for job_id in perform(lease_jobs, now=timezone.now()):
        runner.work(job_id)
        run_jobs()
