"""Shows schedules, the audit log, the integrity checks and system health."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.queries import own_company
from erp.audit.proof import prove
from erp.audit.queries import last_audit
from erp.backups.copies import log_is_kept
from erp.backups.queries import open_pause, safeguards
from erp.events.models import EventDelivery, Heartbeat, WebhookDelivery
from erp.events.record import give_hint
from erp.jobs import schedules
from erp.messages.models import Message
from erp.parked.queries import parked_counts
from erp.pdf import has_lost_logo
from erp.sealed import count_unreadable
from erp.web.health import degraded
from erp.web.list_page import show_list
from erp.web.pages import StaffRequest, page
from erp.web.settings.lists import HISTORY
from erp.web.settings.pages import CRUMBS, shown
from erp.web.settings.security_lists import SECURITY

# Schedules, history, health, design


@page("settings.view")
def schedule_page(request: StaffRequest) -> HttpResponse:
    return shown(request, "schedules", entries=schedules.entries())


@require_POST
@page("settings.edit")
def run_now(request: StaffRequest, name: str) -> HttpResponse:
    """Send a schedule's task now. Every one of them may run twice."""
    entry = next((entry for entry in schedules.entries() if entry.name == name), None)
    if entry is None:
        raise Http404
    give_hint(entry.task)
    messages.success(request, _("%(name)s is running.") % {"name": entry.what})
    return redirect("/settings/schedules/")


@page("settings.view")
def audit_log(request: StaffRequest) -> HttpResponse:
    return show_list(request, HISTORY, crumbs=CRUMBS)


@page("audit.view")
def security_log(request: StaffRequest) -> HttpResponse:
    return show_list(request, SECURITY, crumbs=CRUMBS)


@page("audit.view")
def audit_page(request: StaffRequest) -> HttpResponse:
    """The laws, proved now."""
    findings = prove()
    broken = sum(1 for f in findings if f.breaches)
    return render(
        request,
        "web/audit.html",
        {"findings": findings, "broken": broken, "crumbs": CRUMBS, "last": last_audit()},
    )


@page("settings.view")
def health_page(request: StaffRequest) -> HttpResponse:
    """Whether everything works: the database, the broker, the worker, what waits or failed."""
    now, wrong = timezone.now(), degraded()
    beat = Heartbeat.objects.filter(name="worker").first()
    checks: list[tuple[object, bool, object]] = [
        (_("Database reachable"), True, ""),
        (_("Cache and broker reachable"), _answers(_ping_valkey), ""),
        (
            _("Worker heartbeat within the last minute"),
            bool(beat and now - beat.at < timedelta(minutes=1)),
            beat.at if beat else None,
        ),
        (_("The clock of this machine agrees with the database’s"), not wrong["clock"], ""),
        (_("Logo of the company can be printed"), not has_lost_logo(own_company()), ""),
    ]
    if count_unreadable():
        checks.append((_("Secrets of connections can be read with SECRET_KEY"), False, ""))
    if not settings.PLAIN_HTTP:
        checks.append(
            (_("Mails leave by a mail server, not as files"), not settings.MAILS_ARE_FILES, "")
        )
    if (kept := log_is_kept()) is not None:
        checks.append((_("PostgreSQL’s log is kept"), kept, ""))
    for safe in safeguards(now):
        checks.append(
            (
                _("%(what)s succeeded within the last day") % {"what": safe.label},
                not safe.is_old,
                safe.at,
            )
        )
    failing = [beat.name.partition(":")[2] for beat in schedules.failing()]
    oldest = EventDelivery.objects.filter(status="pending").order_by("due_at").first()
    return shown(
        request,
        "health",
        checks=checks,
        failing=failing,
        pause=open_pause(),
        degraded=[name for name, is_so in wrong.items() if is_so],
        audit=last_audit(),
        parked=sum(parked_counts().values()),
        oldest=oldest,
        late=bool(oldest and now - oldest.due_at > timedelta(minutes=1)),
        waiting_messages=Message.objects.filter(status="waiting")[:1001].count(),
        waiting_webhooks=WebhookDelivery.objects.filter(status="pending")[:1001].count(),
    )


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except Exception:
        return False
    return True


def _ping_valkey() -> None:
    from erp.valkey import valkey

    valkey().ping()
