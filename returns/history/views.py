"""Imports a history file from the dashboard, as a job or a dry run."""

from collections.abc import Iterator

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from erp.access.models import Channel
from erp.errors import Invalid
from erp.jobs.actions import begin_from_file
from erp.web.body_limits import takes_files
from erp.web.pages import StaffRequest, page, start_job
from orders.intake.files.layouts import LAYOUTS

PIECE = 4 * 1024 * 1024


LAYOUT_NAMES = {
    "throughline": gettext_lazy("Our own layout"),
    "online-retail": gettext_lazy("Online Retail (UCI)"),
}


@takes_files
@page("imports.run")
def new_import(request: StaffRequest) -> HttpResponse:
    """Choose a file, its layout and its channel; a POST begins the job."""
    if request.method == "POST":
        file = request.FILES.get("file")
        channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
        layout = request.POST.get("layout", "")
        if not isinstance(file, UploadedFile) or not file.name:
            raise Invalid(_("Choose a file."))
        if channel is None:
            raise Invalid(_("Choose a channel."))
        if layout not in LAYOUTS:
            raise Invalid(_("Choose a layout."))
        return start_job(
            request,
            begin_from_file,
            kind="import",
            name=file.name,
            pieces=_pieces(file),
            right="imports.run",
            asked={
                "layout": layout,
                "channel": channel.code,
                "dry_run": request.POST.get("dry_run") == "1",
                "language": get_language(),
            },
        )
    channels = [(c.code, c.name) for c in Channel.objects.filter(is_active=True).order_by("code")]
    layouts = [(name, LAYOUT_NAMES.get(name, name)) for name in LAYOUTS]
    columns = {name: layout.columns.items() for name, layout in LAYOUTS.items()}
    return render(
        request,
        "returns/history/import.html",
        {"channels": channels, "layouts": layouts, "columns": columns.items()},
    )


def _pieces(file: "UploadedFile[bytes]") -> Iterator[bytes]:
    """The file in pieces; read anew should the transaction be tried again."""
    file.seek(0)
    return iter(file.chunks(PIECE))
