"""Changes the row of a job: begin, lease, progress, stop, retry, end."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import Count, Model, Q, QuerySet
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require
from erp.bounds import LARGEST_FILE
from erp.errors import Conflict, Invalid, NotAllowed
from erp.jobs.models import Job, JobFile, JobFinding, JobItem
from erp.jobs.upsert import Outcome, Parsed
from erp.queries import find_one
from erp.verbs import Done
from erp.wiring import JOBS

LEASE = timedelta(seconds=20)
MOST_DEATHS = 5  # of workers in a row, before a job is given up
MOST_ITEMS = 100_000


@transaction.atomic(savepoint=False)
def begin_job(
    *, kind: str, name: str, asked: dict[str, object], total: int | None, by: Actor, now: datetime
) -> Job:
    """Open the row of a job that starts now."""
    return Job.objects.create(
        kind=kind,
        name=name[:200],
        asked=asked,
        total=total,
        by=by,
        started_at=now,
        updated_at=now,
    )


@transaction.atomic(savepoint=False)
def begin_round(*, name: str, every: timedelta, due: bool, now: datetime) -> bool:
    """Claim a periodic round; True for exactly one caller when it is due.

    every   how long must have passed since the last one
    due     whether this is its hour; when it was missed by half that time, any hour is
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_heartbeat AS last (name, at) VALUES (%s, %s)"
            " ON CONFLICT (name) DO UPDATE SET at = excluded.at WHERE last.at <= %s RETURNING 1",
            [f"round:{name}", now, now - (every if due else every * 1.5)],
        )
        return cursor.fetchone() is not None


@transaction.atomic(savepoint=False)
def begin_bulk(
    *,
    name: str,
    asked: dict[str, object],
    rows: QuerySet[Model],
    label: str,
    right: str,
    by: Actor,
    now: datetime,
) -> Job:
    """Open a bulk action's row and write down every row it is for, in one statement.

    rows    what it is to be done to, as they are now: whatever changes later is not added
    label   the field that names a row
    Raises Invalid for none, or for more than 100,000.
    """
    require(by, right)
    job = begin_job(kind="bulk", name=name, asked=asked, total=None, by=by, now=now)
    try:
        sql, parameters = rows.order_by("pk").values_list("pk", label).query.sql_with_params()
    except EmptyResultSet:
        raise Invalid(_("Nothing is selected.")) from None
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_jobitem (job_id, ref, label, status, error)"
            f" SELECT %s, found.ref, found.label, 'pending', '' FROM ({sql} LIMIT %s) AS found (ref, label)",
            [job.pk, *parameters, MOST_ITEMS + 1],
        )
        job.total = cursor.rowcount
    if not job.total:
        raise Invalid(_("Nothing is selected."))
    if job.total > MOST_ITEMS:
        raise Invalid(_("At most 100,000 rows at once: narrow the filters."))
    job.save(update_fields=["total"])
    return job


@transaction.atomic(savepoint=False)
def begin_from_file(
    *,
    kind: str,
    name: str,
    asked: dict[str, object],
    pieces: Iterable[bytes],
    right: str,
    by: Actor,
    now: datetime,
) -> Job:
    """Open a job that works on a file somebody gave, and keep the file with it.

    Raises Invalid for an empty one, or one over 200 MB.
    """
    require(by, right)
    job = begin_job(kind=kind, name=name, asked=asked, total=None, by=by, now=now)
    size = 0
    for position, piece in enumerate(pieces):
        size += len(piece)
        if size > LARGEST_FILE:
            raise Invalid(_("The file is larger than 200 MB."))
        JobFile.objects.create(job=job, position=position, content=piece)
    if not size:
        raise Invalid(_("The file is empty."))
    return job


@transaction.atomic(savepoint=False)
def import_sheet_rows(
    *,
    job_id: int,
    index: int,
    rows: Sequence[Parsed],
    write: Callable[..., Outcome],
    dry_run: bool,
    by: Actor,
    now: datetime,
) -> bool:
    """Import one chunk of a sheet's rows and count it, both or neither; False when told to stop.

    rows      as `erp.jobs.sheets.understood` gives them; those it did not understand are reported
    dry_run   everything is done and taken back again, so that it says exactly what would happen
    False as well when another worker took the chunk in already.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.status != "running" or job.stop_asked or job.result.get("chunks", 0) != index:
        return False
    good = [row for row in rows if row.values is not None]
    before = transaction.savepoint()
    done = write(rows=[row.values for row in good], by=by, now=now)
    if dry_run:
        transaction.savepoint_rollback(before)
    else:
        transaction.savepoint_commit(before)
    problems = [(row, row.problem) for row in rows if row.values is None]
    problems += [(good[n], why) for n, why in done.refused.items()]
    _note_refused(job, problems)
    figures = job.result.get("figures", {})
    counted = {"created": done.created, "changed": done.changed, "same": done.same}
    counted |= {"waiting": done.waiting} if done.waiting else {}
    summed = {name: figures.get(name, 0) + n for name, n in counted.items()}
    job.result = {"chunks": index + 1, "figures": figures | summed}
    job.done += len(rows) - len(problems)
    job.failed += len(problems)
    job.updated_at, job.leased_until = now, now + LEASE
    job.save(update_fields=["result", "done", "failed", "updated_at", "leased_until"])
    return True


def _note_refused(job: Job, problems: Sequence[tuple[Parsed, str]]) -> None:
    JobFinding.objects.bulk_create(
        JobFinding(
            job=job,
            file=row.file[:200],
            row=row.row,
            severity="rejected",
            code="refused",
            params={"detail": why[:500]},
            raw=list(row.raw),
        )
        for row, why in sorted(problems, key=lambda pair: pair[0].row)
    )


@transaction.atomic(savepoint=False)
def lease_jobs(*, now: datetime, limit: int = 1) -> list[int]:
    """Lease to the caller the jobs that it begins now: sent to a worker under a lease, they failed by waiting.

    A job whose worker died is counted; after five deaths in a row it has failed, and one that somebody asked to stop
    has stopped: a file that kills whatever reads it was read again for ever, and Stop did not stop it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE erp_job SET leased_until = NULL, deaths = deaths + 1, updated_at = %(now)s, finished_at = %(now)s,
                status = CASE WHEN stop_asked THEN 'stopped' ELSE 'failed' END,
                error = CASE WHEN stop_asked THEN '' ELSE %(why)s END
            WHERE status = 'running' AND kind = ANY(%(kinds)s)
                AND leased_until < %(now)s AND (stop_asked OR deaths + 1 >= %(most)s)
            """,
            {
                "now": now,
                "kinds": list(JOBS),
                "most": MOST_DEATHS,
                "why": _("Its worker died %(times)s times with it.") % {"times": MOST_DEATHS},
            },
        )
        cursor.execute(
            """
            WITH due AS (
                SELECT id FROM erp_job
                WHERE status = 'running' AND kind = ANY(%s) AND (leased_until IS NULL OR leased_until < %s)
                ORDER BY updated_at, id LIMIT %s FOR UPDATE SKIP LOCKED)
            UPDATE erp_job j SET leased_until = %s, deaths = deaths + (leased_until IS NOT NULL)::int
            FROM due WHERE j.id = due.id RETURNING j.id
            """,
            [list(JOBS), now, limit, now + LEASE],
        )
        return [pk for (pk,) in cursor.fetchall()]


@transaction.atomic(savepoint=False)
def keep_lease(*, job_id: int, now: datetime) -> bool:
    """Lengthen a job's lease while its worker lives; return whether somebody asked it to stop."""
    Job.objects.filter(pk=job_id, status="running").update(leased_until=now + LEASE)
    return bool(Job.objects.filter(pk=job_id, status="running", stop_asked=True).exists())


@transaction.atomic(savepoint=False)
def do_item(
    *,
    item_id: int,
    verb: Callable[..., object],
    target: str,
    arguments: Mapping[str, object],
    before: Callable[..., Mapping[str, object]] | None = None,
    undoes: bool = False,
    by: Actor,
    now: datetime,
) -> bool:
    """Do a bulk action to one row, and mark it done in the same transaction: once, whoever dies.

    before   gives what is remembered of the row, so that it can be undone
    undoes   the action takes another one back, by what was remembered then

    Return False when another worker had done it. Raises whatever the action refuses with.
    """
    item = JobItem.objects.select_for_update().filter(pk=item_id, status="pending").first()
    if item is None:
        return False
    given: Mapping[str, object] = arguments
    if undoes:
        given = {"done": Done(item.before or {}, arguments)}
    elif before is not None:
        item.before = before(**{target: item.ref})
    verb(**{target: item.ref}, **given, by=by, now=now)
    item.status = JobItem.Status.DONE
    item.save(update_fields=["status", "before"])
    return True


@transaction.atomic(savepoint=False)
def fail_item(*, item_id: int, error: str) -> None:
    """Note why a row could not be done; one that was done meanwhile stays done."""
    JobItem.objects.filter(pk=item_id, status="pending").update(status="failed", error=error[:500])


@transaction.atomic(savepoint=False)
def count_items(*, job_id: int, now: datetime) -> bool:
    """Count a bulk action's rows, extend its lease; return whether somebody asked it to stop."""
    done, failed = Count("pk", filter=Q(status="done")), Count("pk", filter=Q(status="failed"))
    counts = JobItem.objects.filter(job_id=job_id).aggregate(done=done, failed=failed)
    Job.objects.filter(pk=job_id, status="running").update(
        **counts, updated_at=now, leased_until=now + LEASE
    )
    return bool(Job.objects.values_list("stop_asked", flat=True).get(pk=job_id))


@transaction.atomic(savepoint=False)
def append_file(
    *,
    job_id: int,
    position: int,
    content: bytes,
    done: int,
    result: dict[str, object],
    now: datetime,
) -> bool:
    """Add a piece to the file a job makes, with where to go on; False when it is there already.

    Return False as well when somebody asked the job to stop.
    """
    job = Job.objects.select_for_update().get(pk=job_id)
    if job.status != "running" or job.stop_asked:
        return False
    if JobFile.objects.filter(job=job, position=position).exists():
        return False  # another worker is ahead of this one
    JobFile.objects.create(job=job, position=position, content=content)
    job.done, job.result, job.updated_at, job.leased_until = done, result, now, now + LEASE
    job.save(update_fields=["done", "result", "updated_at", "leased_until"])
    return True


@transaction.atomic(savepoint=False)
def replace_file(*, job_id: int, content: bytes, now: datetime) -> None:
    """Put one finished file in the place of a job's pieces."""
    job = Job.objects.select_for_update().get(pk=job_id)
    JobFile.objects.filter(job=job).delete()
    JobFile.objects.create(job=job, position=0, content=content)


@transaction.atomic(savepoint=False)
def release_lease(*, job_id: int, now: datetime) -> None:
    """End a job's turn: its worker has lived, and another one resumes it after the jobs that waited meanwhile."""
    mine = Job.objects.filter(pk=job_id, status="running")
    mine.update(leased_until=None, deaths=0, updated_at=now)


@transaction.atomic(savepoint=False)
def request_stop(*, job_id: int, by: Actor, now: datetime) -> Job:
    """Ask a job to stop: it does after the row it is at. What is done stays done."""
    job = _locked(job_id, by)
    if job.status != "running":
        raise Conflict(_("This job has already ended."))
    job.stop_asked, job.updated_at = True, now
    job.save(update_fields=["stop_asked", "updated_at"])
    return job


@transaction.atomic(savepoint=False)
def retry_job(*, job_id: int, by: Actor, now: datetime) -> Job:
    """Go on with a job that was stopped or failed; rows that failed are tried again."""
    job = _locked(job_id, by)
    if job.status == "running":
        raise Conflict(_("This job is running."))
    if job.kind not in JOBS:
        raise Conflict(_("Jobs of this kind cannot be resumed: start a new one."))
    if job.status == "done" and not (job.failed and job.kind == "bulk"):
        raise Conflict(_("Nothing left to do."))
    JobItem.objects.filter(job=job, status="failed").update(status="pending", error="")
    job.status, job.finished_at, job.stop_asked, job.error = "running", None, False, ""
    job.leased_until, job.deaths, job.failed, job.updated_at = None, 0, 0, now
    job.save()
    return job


@transaction.atomic(savepoint=False)
def undo_bulk(*, job_id: int, name: str, by: Actor, now: datetime) -> Job:
    """Begin to take back what a bulk action did, row by row, once. Rows that somebody changed since fail by name.

    Raises Conflict where it runs, has been undone, or cannot be.
    """
    job = _locked(job_id, by)
    if job.kind != "bulk" or "undoes" in job.asked:
        raise Conflict(_("This job cannot be undone."))
    if job.status == "running":
        raise Conflict(_("This job is running."))
    if "undone" in job.result:
        raise Conflict(_("This job has already been undone."))
    done = JobItem.objects.filter(job=job, status="done", before__isnull=False)
    if not done.exists():
        raise Conflict(_("This job cannot be undone."))
    undo = begin_job(
        kind="bulk",
        name=name,
        asked=job.asked | {"undoes": job.pk},
        total=done.count(),
        by=by,
        now=now,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO erp_jobitem (job_id, ref, label, status, error, before)"
            " SELECT %s, ref, label, 'pending', '', before FROM erp_jobitem"
            " WHERE job_id = %s AND status = 'done' AND before IS NOT NULL ORDER BY id",
            [undo.pk, job.pk],
        )
    job.result = job.result | {"undone": undo.pk}
    job.save(update_fields=["result"])
    return undo


def _locked(job_id: int, by: Actor) -> Job:
    job = find_one(Job.objects.select_for_update().filter(pk=job_id))
    if job.by_id != by.pk and "settings.edit" not in by.verbs:
        raise NotAllowed(_("This job belongs to someone else."))
    return job


@transaction.atomic(savepoint=False)
def note_progress(
    *, job_id: int, done: int, failed: int, result: dict[str, object], now: datetime
) -> bool:
    """Note how far a job is; return whether somebody asked it to stop."""
    Job.objects.filter(pk=job_id).update(done=done, failed=failed, result=result, updated_at=now)
    return bool(Job.objects.values_list("stop_asked", flat=True).get(pk=job_id))


@transaction.atomic(savepoint=False)
def end_job(*, job_id: int, status: str, error: str = "", now: datetime) -> None:
    """Close a job's row: done, failed or stopped."""
    Job.objects.filter(pk=job_id, status="running").update(
        status=status, error=error[:2000], finished_at=now, updated_at=now, leased_until=None
    )
