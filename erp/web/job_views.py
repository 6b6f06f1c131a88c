"""Shows jobs in the dashboard: progress, failed rows, stop and resume."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.models import Actor
from erp.errors import NotAllowed
from erp.jobs import actions
from erp.jobs.cells import guarded
from erp.jobs.models import Job, JobFile, JobFinding, JobItem
from erp.jobs.queries import jobs_visible_to
from erp.jobs.wake import wake_jobs
from erp.lists.filters import AnyOf, ListFilter
from erp.lists.page import Column, ListPage, Tab
from erp.queries import by_pages
from erp.web.columns import state_column, time_column
from erp.web.pages import SIGNED_IN, StaffRequest, page, take
from erp.wiring import FINDINGS, PERSONAL_JOBS, READER, resolve
from erp.wiring import JOBS as KINDS

FAILED_SHOWN = 100
FAILED_AT_ONCE = 100  # of them held at once where all are written
QUOTED = frozenset({"value", "first", "second", "detail"})  # cells of a row within a reason
PERSONAL = "personal_export"  # the job whose file holds all that is kept of one person
RARE = frozenset(
    {"payments", "charges", "changed", "already_known", "waiting"}
)  # shown where there are any
BOM = "\ufeff"  # without it spreadsheets take UTF-8 for something else


class JobFilter(ListFilter):
    status = AnyOf(choices=Job.Status.choices, label=gettext_lazy("State"))


def _progress(job: Job) -> str:
    text = f"{job.done:,}" if job.total is None else f"{job.done:,} / {job.total:,}"
    return format_html("{}", text)


JOBS: ListPage[Job] = ListPage(
    name="jobs",
    path="/jobs/",
    title=gettext_lazy("Jobs"),
    right="orders.view",
    rows=jobs_visible_to,
    columns=(
        Column("name", gettext_lazy("Job"), lambda j: j.name, main=True),
        state_column("status", gettext_lazy("State"), "status"),
        Column("done", gettext_lazy("Done"), _progress, value=lambda j: j.done, numeric=True),
        Column(
            "failed",
            gettext_lazy("Failed"),
            lambda j: f"{j.failed:,}" if j.failed else "",
            value=lambda j: j.failed,
            numeric=True,
        ),
        Column("by", gettext_lazy("By"), lambda j: j.by.name),
        time_column("started", gettext_lazy("Started"), lambda j: j.started_at),
    ),
    order=("-id",),
    names="name",
    filters=JobFilter,
    tabs=(
        Tab(gettext_lazy("All")),
        Tab(gettext_lazy("Running"), "status=running"),
        Tab(gettext_lazy("Failed"), "status=failed"),
    ),
    empty=gettext_lazy("Bulk actions, exports and imports are listed here with their progress."),
    link=lambda j: f"/jobs/{j.pk}/",
)


@page(SIGNED_IN)
def job_list(request: StaffRequest) -> HttpResponse:
    from erp.web.list_page import show_list

    return show_list(request, JOBS)


@page(SIGNED_IN)
def job_page(request: StaffRequest, pk: int) -> HttpResponse:
    """One job; while it runs the page asks for the part that changes every second."""
    job = _job(request, pk)
    failed = JobItem.objects.filter(job=job, status="failed").order_by("pk")[:FAILED_SHOWN]
    findings = JobFinding.objects.filter(job=job).order_by("pk")[:FAILED_SHOWN]
    seconds = ((job.finished_at or timezone.now()) - job.started_at).total_seconds()
    handled = job.done + job.failed
    context: dict[str, object] = {
        "job": job,
        "failed": failed if job.kind == "bulk" else [],
        "findings": [(f, *_told(job, f, request)) for f in findings],
        "share": round(100 * handled / job.total) if job.total else None,
        "rate": handled / seconds if seconds > 0 else 0,
        "left_s": (
            (job.total - handled) / (handled / seconds)
            if job.total and handled and job.status == "running"
            else None
        ),
        "figures": _figures(job),
        "has_file": job.status == "done"
        and _may_fetch(job, request.actor)
        and _may_have(job, request),
        "may_change": job.by_id == request.actor.pk or "settings.edit" in request.actor.verbs,
        "may_undo": job.kind == "bulk"
        and job.status != "running"
        and not {"undoes", "undone"} & {*job.asked, *job.result}
        and JobItem.objects.filter(job=job, status="done", before__isnull=False).exists(),
        "may_retry": job.kind in KINDS
        and (
            job.status in {"stopped", "failed"}
            or (job.status == "done" and job.failed and job.kind == "bulk")
        ),
    }
    part = request.headers.get("HX-Request") == "true"
    return render(request, "web/job_progress.html" if part else "web/job.html", context)


def _told(job: Job, finding: JobFinding, request: StaffRequest) -> tuple[str, str]:
    """What is wrong with a row, in words, and what it said, as far as somebody may read it.

    What rows say of customers is for who sees contacts, and so are cells that a reason quotes.
    """
    raw, params = ", ".join(map(str, finding.raw)), finding.params
    if job.kind in PERSONAL_JOBS:
        words = resolve(READER)(request.actor).words
        raw = str(words(raw))
        params = params | {name: words(str(params[name])) for name in QUOTED & params.keys()}
    return _said(job, finding.code, params), raw


def _said(job: Job, code: str, params: Mapping[str, object]) -> str:
    """What is wrong with a row, in words."""
    if detail := params.get("detail"):
        return str(detail)
    if job.kind in FINDINGS:
        return str(resolve(FINDINGS[job.kind])(code, params))
    return code


def _figures(job: Job) -> list[tuple[str, str]]:
    """What an import has counted, in words."""
    names = {
        "orders": _("Orders"),
        "payments": _("Payments"),
        "charges": _("Charges"),
        "returns": _("Returns"),
        "adjustments": _("Adjustments"),
        "already_known": _("Known already"),
        "asked": _("Orders checked"),
        "held": _("Held"),
        "released": _("Released"),
        "marked": _("Tagged or flagged"),
        "confirmed": _("Confirmed"),
        "rejected": _("Rows not imported"),
        "created": _("New"),
        "changed": _("Changed"),
        "same": _("Unchanged"),
        "waiting": _("Waiting for another person's approval"),
        "units": _("Units"),
        "amount": _("Amount"),
        "flagged": _("Returns without a matching purchase"),
    }
    found = job.result.get("figures", {})
    return [
        (name, f"{Decimal(found[key]):,}")
        for key, name in names.items()
        if key in found and (Decimal(found[key]) or key not in RARE)
    ]


def _undo(job: Job) -> Callable[..., Job]:
    """The action that takes a bulk job back, under a name in the reader's language."""
    return partial(actions.undo_bulk, name=_("Undone: %(name)s") % {"name": job.name})


@require_POST
@page(SIGNED_IN)
def take_job_verb(request: StaffRequest, pk: int, verb: str) -> HttpResponse:
    """Stop a job, or go on with it."""
    job = _job(request, pk)
    verbs = {
        "stop": (actions.request_stop, _("The job stops after the current row.")),
        "undo": (_undo(job), _("The job is being undone.")),
        "retry": (actions.retry_job, _("The job resumes.")),
    }
    if verb not in verbs:
        raise Http404
    action, done = verbs[verb]
    answer = take(request, action, done, f"/jobs/{pk}/", job_id=job.pk)
    job.refresh_from_db()
    if verb == "undo" and "undone" in job.result:
        answer = redirect(f"/jobs/{job.result['undone']}/")
    wake_jobs()
    return answer


def _may_have(job: Job, request: StaffRequest) -> bool:
    """Whether somebody may see what an export shows: it was made with the rights of who asked for it."""
    return request.actor.verbs.issuperset(job.result.get("rights", ()))


@page(SIGNED_IN, gives_file=True)
def job_file(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The file that an export made, piece by piece."""
    job = _job(request, pk)
    if job.status != "done" or not _may_fetch(job, request.actor):
        raise Http404
    if not _may_have(job, request):
        raise NotAllowed(_("This file shows contacts that are masked for you."))
    kind = "zip" if job.kind == PERSONAL else job.asked["format"]
    pieces = JobFile.objects.filter(job=job).order_by("position")

    def content() -> Iterator[bytes]:
        if kind == "csv":
            yield BOM.encode()
        for position in pieces.values_list("position", flat=True):
            yield bytes(pieces.values_list("content", flat=True).get(position=position))

    types = {
        "csv": "text/csv; charset=utf-8",
        "zip": "application/zip",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    what = "personal-data" if job.kind == PERSONAL else job.asked["list"]
    name = f"{what}-{timezone.localtime(job.started_at):%Y%m%d-%H%M}.{kind}"
    return StreamingHttpResponse(
        content(),
        content_type=types[kind],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _may_fetch(job: Job, actor: Actor) -> bool:
    """Whether somebody may have the file of a job: what is kept of a person, only who may ask for it.

    Retention lets files go before their jobs.
    """
    if job.kind not in {"export", PERSONAL}:
        return False
    if job.kind == PERSONAL and "customers.export" not in actor.verbs:
        return False
    return JobFile.objects.filter(job=job).exists()


@page(SIGNED_IN, gives_file=True)
def job_failures(request: StaffRequest, pk: int) -> HttpResponseBase:
    """The rows that failed, with their reasons, as CSV."""
    job = _job(request, pk)
    language = get_language() or ""

    def content() -> Iterator[str]:
        yield BOM
        with translation.override(language):
            for cells in _failures(job, request):
                line = io.StringIO()
                csv.writer(line).writerow(cells)
                yield line.getvalue()

    return StreamingHttpResponse(
        content(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="job-{pk}-failed.csv"'},
    )


def _failures(job: Job, request: StaffRequest) -> Iterator[Sequence[str]]:
    yield [_("Row"), _("Reason"), _("Content")]
    for item in by_pages(JobItem.objects.filter(job=job, status="failed"), most=FAILED_AT_ONCE):
        yield [guarded(item.label), guarded(item.error), ""]
    for finding in by_pages(JobFinding.objects.filter(job=job), most=FAILED_AT_ONCE):
        row = f"{finding.file} {finding.row}".strip()
        yield [guarded(row), *map(guarded, _told(job, finding, request))]


def _job(request: StaffRequest, pk: int) -> Job:
    job = jobs_visible_to(request.actor).filter(pk=pk).first()
    if job is None:
        raise Http404
    return job
