"""Shows rehearsals: small ones at once, large ones as jobs."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.jobs.models import Job
from erp.jobs.queries import jobs_visible_to
from erp.web.pages import StaffRequest, page, start_job
from inventory.models import Warehouse
from orders.policies.models import ChannelPolicy
from orders.pricing.models.promotions import Promotion
from orders.rehearsal.jobs import AT_ONCE, orders_in, told_of
from orders.rehearsal.offers import OtherWay, rehearse_promotion, rehearse_routing
from orders.rehearsal.rules import Rehearsal, rehearse
from orders.review.actions.review_again import begin_rehearsal
from orders.review.models import ReviewRule, RuleRevision
from orders.review.rulebook import compiled, current, rules_of

MOST_DAYS = 366


CRUMBS = [("/settings/", gettext_lazy("Settings"))]


def days_of(text: str) -> int:
    """A number of days as somebody wrote it: 1 to 366, 30 where it is none."""
    return max(1, min(MOST_DAYS, int(text))) if text.isdecimal() and len(text) < 6 else 30


def _span(days: int) -> tuple[datetime, datetime]:
    now = timezone.now()
    return now - timedelta(days=days), now


def rehearsed_rule(
    request: StaffRequest, rule: ReviewRule, revision: RuleRevision
) -> tuple[Rehearsal | None, bool]:
    """What a rule would have done, as its page asks: by a job that has been, or now; whether it takes a job first."""
    if job := _job(request, "rule"):
        return (told_of(job), False) if job.asked["code"] == rule.code else (None, False)
    if "days" not in request.GET:
        return None, False
    since, until = _span(days_of(request.GET["days"]))
    if orders_in(since, until) > AT_ONCE:
        return None, True
    book = current()
    in_force = rules_of(book.pk, book.at) if book else ()
    return rehearse(compiled(revision), in_force, since=since, until=until), False


def _job(request: StaffRequest, *kinds: str) -> Job | None:
    """The rehearsal's job that the address names, if it is one of these kinds and this person may see it."""
    pk = request.GET.get("job", "")
    if not pk.isdecimal() or len(pk) > 15:
        return None
    job = jobs_visible_to(request.actor).filter(pk=int(pk), kind="rehearsal").first()
    return job if job and job.asked["kind"] in kinds else None


@require_POST
@page("settings.view")
def begin_rule(request: StaffRequest, code: str) -> HttpResponse:
    """Begin to rehearse the newest version of a rule as a job."""
    revision = RuleRevision.objects.filter(rule__code=code).order_by("-version").first()
    if revision is None:
        raise Http404
    book = current()
    asked = {
        "kind": "rule",
        "code": code,
        "revision": revision.pk,
        "book": book.pk if book else 0,
    }
    name = _("Rehearsal: %(name)s") % {"name": revision.rule.name}
    return _begin(request, name, asked, f"/settings/rules/{code}/?job=")


def _begin(
    request: StaffRequest, name: str, asked: Mapping[str, object], back: str
) -> HttpResponse:
    since, until = _span(days_of(request.POST.get("days", "")))
    asked = {**asked, "since": since.isoformat(), "until": until.isoformat(), "page": back}
    return start_job(
        request,
        begin_rehearsal,
        name=name,
        asked=asked,
        total=orders_in(since, until, most=10**9),
    )


@require_POST
@page("settings.view")
def begin_offer(request: StaffRequest) -> HttpResponse:
    """Begin to rehearse a promotion, or another way of routing, as a job."""
    back = "/settings/rehearsals/?job="
    promotion = Promotion.objects.filter(code=request.POST.get("promotion", "")).first()
    if promotion is not None:
        name = _("Rehearsal: %(name)s") % {"name": promotion.name}
        return _begin(request, name, {"kind": "promotion", "promotion": promotion.code}, back)
    way = _way(request.POST)
    asked = {
        "kind": "routing",
        "way": {
            "by": way.by,
            "most_parcels": way.most_parcels,
            "least_units": way.least_units,
            "without": list(way.without),
        },
    }
    return _begin(request, _("Rehearsal: different routing"), asked, back)


def _way(asked: QueryDict) -> OtherWay:
    """How orders are to be routed, as a form says it."""
    numbers = {
        name: int(text)
        for name in ("most_parcels", "least_units")
        if (text := asked.get(name, "")).isdecimal() and len(text) < 8
    }
    by = asked.get("by", "")
    return OtherWay(
        by=by if by in dict(ChannelPolicy.RouteBy.choices) else None,
        without=asked.getlist("without"),
        **numbers,
    )


@never_cache
@page("settings.view")
def rehearsals(request: StaffRequest) -> HttpResponse:
    """What a promotion, or another way of routing, would have done to the orders of some days."""
    asked = request.GET
    days = days_of(asked.get("days", "30"))
    since, until = _span(days)
    offered = sent = None
    many = False
    job = _job(request, "promotion", "routing")
    code = job.asked.get("promotion", "") if job else asked.get("promotion", "")
    promotion = Promotion.objects.filter(code=code).first() if code else None
    if job:
        told = told_of(job)
        offered, sent = (told, None) if job.asked["kind"] == "promotion" else (None, told)
        days = (_moment(job, "until") - _moment(job, "since")).days
    elif promotion is not None or "routing" in asked:
        many = orders_in(since, until) > AT_ONCE
    if not many and not job and promotion is not None:
        offered = rehearse_promotion(promotion, since=since, until=until)
    elif not many and not job and "routing" in asked:
        sent = rehearse_routing(_way(asked), since=since, until=until)
    context = {
        "crumbs": CRUMBS,
        "days": days,
        "promotion": promotion,
        "offered": offered,
        "sent": sent,
        "asked": asked,
        "many": many,
        "without": asked.getlist("without"),
        "promotions": Promotion.objects.order_by("-is_active", "code").values_list(
            "code", "name", "is_active"
        ),
        "ways": [("", _("As it is")), *ChannelPolicy.RouteBy.choices],
        "warehouses": Warehouse.objects.filter(is_active=True)
        .order_by("priority", "pk")
        .values_list("code", "name"),
    }
    return render(request, "orders/rehearsal/rehearsals.html", context)


def _moment(job: Job, name: str) -> datetime:
    return datetime.fromisoformat(job.asked[name])
