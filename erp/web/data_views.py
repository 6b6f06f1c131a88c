"""Shows the import and export pages of master data; imports run as jobs."""

from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import require
from erp.encodings import TITLES
from erp.errors import Invalid
from erp.jobs.actions import begin_from_file
from erp.jobs.sheets import Sheet, as_csv, as_xlsx, sheets
from erp.web.body_limits import takes_files
from erp.web.pages import StaffRequest, note_export, page, start_job

PIECE = 4 * 1024 * 1024
BOM = "\ufeff".encode()  # without it spreadsheets take UTF-8 for something else
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page("imports.view")
def data(request: StaffRequest) -> HttpResponse:
    """Show every sheet that this person may import or export."""
    rows = [sheet for sheet in sheets().values() if sheet.right in request.actor.verbs]
    return render(request, "web/data.html", {"sheets": rows, "encodings": TITLES})


def _sheet(request: StaffRequest, name: str) -> Sheet:
    sheet = sheets().get(name)
    if sheet is None:
        raise Http404
    require(request.actor, sheet.right)
    return sheet


@takes_files
@require_POST
@page("imports.view")
def take_in(request: StaffRequest, name: str) -> HttpResponse:
    """Begin the job that imports a file, or tries it."""
    sheet = _sheet(request, name)
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise Invalid(_("Choose a file."))
    if not file.name.lower().endswith((".csv", ".tsv", ".xlsx")):
        told = _("%(name)s is not read here: choose a file that ends in .csv, .tsv or .xlsx.")
        raise Invalid(told % {"name": file.name})
    encoding = request.POST.get("encoding", "")
    if encoding and encoding not in TITLES:
        raise Invalid(_("Choose the encoding from the list."))
    asked = {
        "sheet": sheet.name,
        "encoding": encoding,
        "dry_run": request.POST.get("dry_run") == "1",
        "language": get_language(),
    }
    return start_job(
        request,
        begin_from_file,
        kind="sheet",
        name=file.name,
        pieces=_pieces(file),
        right=sheet.right,
        asked=asked,
    )


def _pieces(file: "UploadedFile[bytes]") -> Iterator[bytes]:
    """The file in pieces; read anew should the transaction be tried again."""
    file.seek(0)
    return iter(file.chunks(PIECE))


@page("imports.view", gives_file=True)
def give_out(request: StaffRequest, name: str, kind: str) -> HttpResponseBase:
    """Export a sheet ("csv", "xlsx"), or its headings alone ("empty")."""
    sheet = _sheet(request, name)
    if kind in {"csv", "xlsx"}:
        note_export(request, sheet=name, format=kind)
    stamp = f"{timezone.localtime():%Y%m%d-%H%M}"
    if kind == "xlsx":
        return HttpResponse(
            as_xlsx(sheet, sheet.read()),
            content_type=XLSX,
            headers={"Content-Disposition": f'attachment; filename="{name}-{stamp}.xlsx"'},
        )
    if kind not in {"csv", "empty"}:
        raise Http404
    rows = sheet.read() if kind == "csv" else ()

    def content() -> Iterator[bytes]:
        yield BOM
        yield from as_csv(sheet, rows)

    return StreamingHttpResponse(
        content(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}-{stamp}.csv"'},
    )
