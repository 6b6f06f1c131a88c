"""Shows order files in the dashboard: upload, column mapping, dry run, import."""

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.models import Channel
from erp.access.queries import channel_by_code
from erp.encodings import TITLES
from erp.errors import DomainError
from erp.files import SUFFIXES, Unreadable
from erp.jobs.models import Job
from erp.jobs.wake import wake_jobs
from erp.once import perform
from erp.web.body_limits import takes_files
from erp.web.pages import StaffRequest, page
from orders.customers.views import reveal
from orders.intake.files.actions.orders import FIELDS_OF, begin_order_file, keep_order_file
from orders.intake.files.jobs import Preview, preview
from orders.intake.files.models import OrderLayout
from orders.policies.payment_methods import METHODS

PIECE = 4 * 1024 * 1024


LATELY = 20


@page("orders.place")
def files(request: StaffRequest) -> HttpResponse:
    """Hand a file over, and what became of the last ones."""
    return render(
        request,
        "orders/intake/files/files.html",
        {
            "channels": Channel.objects.filter(is_active=True).order_by("name"),
            "jobs": Job.objects.filter(kind="orders").select_related("by").order_by("-pk")[:LATELY],
            "layouts": OrderLayout.objects.order_by("name"),
        },
    )


@takes_files
@require_POST
@page("orders.place")
def hand_over(request: StaffRequest) -> HttpResponse:
    """Keep a file, then ask what its columns say."""
    channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
    file = request.FILES.get("file")
    if channel is None or not isinstance(file, UploadedFile) or not file.name:
        messages.error(request, _("Choose a channel and a file."))
        return redirect("/orders/files/")
    if not file.name.lower().endswith(SUFFIXES):
        told = _("%(name)s is not read here: choose a file that ends in .csv, .tsv or .xlsx.")
        messages.error(request, told % {"name": file.name})
        return redirect("/orders/files/")
    job = perform(
        keep_order_file,
        name=file.name,
        pieces=_pieces(file),
        channel=channel,
        by=request.actor,
        now=timezone.now(),
    )
    return redirect(f"/orders/files/{job.pk}/")


def _pieces(file: "UploadedFile[bytes]") -> Iterator[bytes]:
    file.seek(0)
    return iter(file.chunks(PIECE))


def _file(request: StaffRequest, pk: int) -> Job:
    job = Job.objects.filter(pk=pk, kind="order_file").first()
    if job is None:
        raise Http404
    return job


def _columns(said: QueryDict, fields: Sequence[str]) -> dict[str, str]:
    """The column of each field, as the form names them: the country of a file without one is another answer."""
    if any(f"column-{name}" in said for name in fields):
        return {name: said.get(f"column-{name}", "") for name in fields}
    return {name: said.get(name, "") for name in fields}


def _shown(request: StaffRequest, file: Job) -> Preview:
    """A file as it is declared to be encoded; one that cannot be so is shown as its bytes look. Raises Unreadable."""
    encoding = request.POST.get("encoding")
    if encoding is None or (encoding and encoding not in TITLES):
        return preview(file)
    try:
        return preview(file, encoding)
    except Unreadable as error:
        if not encoding:
            raise
        messages.error(request, str(error))
        return preview(file, "")


@page("orders.place")
def map_file(request: StaffRequest, pk: int) -> HttpResponse:
    """Say which column is what; try the file, or take it in."""
    file = _file(request, pk)
    reveal(request, f"job:{pk}", "file")  # its rows cannot be masked: who opens it is written down
    try:
        shown = _shown(request, file)
    except Unreadable as error:
        messages.error(request, str(error))
        return redirect("/orders/files/")
    columns, why = shown.columns, ""
    fields = FIELDS_OF[shown.what]
    if request.method == "POST" and request.POST.get("verb") != "read":
        columns = _columns(request.POST, [f.name for f in fields])
        try:
            job = perform(
                begin_order_file,
                file_id=file.pk,
                what=shown.what,
                columns=columns,
                payment=request.POST.get("payment", ""),
                country=request.POST.get("country", ""),
                dry_run=request.POST.get("verb") == "try",
                save_as=request.POST.get("save_as", ""),
                headings=shown.header,
                encoding=shown.encoding,
                language=get_language() or "",
                by=request.actor,
                now=timezone.now(),
            )
        except DomainError as refusal:
            why = str(refusal)
        else:
            wake_jobs()
            return redirect(f"/jobs/{job.pk}/")
    return render(
        request,
        "orders/intake/files/file.html",
        {
            "file": file,
            "channel": channel_by_code(file.asked["channel"]),
            "why": why,
            "header": shown.header,
            "rows": shown.rows,
            "layout": shown.layout,
            "fields": [(field, columns.get(field.name, "")) for field in fields],
            "what": shown.what,
            "encoding": shown.encoding,
            "encodings": {} if file.name.lower().endswith(".xlsx") else TITLES,
            "payment": request.POST.get("payment", shown.payment),
            "country": request.POST.get("country", shown.country),
            "payments": [(method.code, method.in_files) for method in METHODS.values()],
            "tried": Job.objects.filter(kind="orders", asked__file=file.pk).order_by("-pk").first(),
        },
    )
