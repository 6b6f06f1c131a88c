"""Rehearsals as jobs: the same figures as at once, stopped and gone on with, and no trace but the job's own row."""

from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from bench.rehearsing import footprint
from erp.access.queries import actor_of_user
from erp.jobs.models import Job
from erp.jobs.runner import work
from orders.models import ChannelPolicy, Promotion, RuleRevision
from orders.rehearsal import jobs as rehearsal_jobs
from orders.rehearsal import rules as rehearsal_rules
from orders.rehearsal.offers import OtherWay, rehearse_promotion, rehearse_routing
from orders.rehearsal.rules import rehearse
from orders.review.rulebook import compiled
from tests.conftest import order_body
from tests.orders.rules import asks

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def past(api, write, monkeypatch):
    """Twelve orders, pages of five, and every rehearsal too large for a page."""
    ChannelPolicy.objects.update(duplicate_minutes=0)
    for n in range(12):
        assert (
            api.post(
                "orders", order_body(lines=[{"sku": "TEA-001", "quantity": 1 + n % 4}])
            ).status_code
            == 201
        )
    monkeypatch.setattr(rehearsal_rules, "PAGE", 5)
    monkeypatch.setattr("orders.rehearsal.offers.PAGE", 5)
    monkeypatch.setattr("orders.rehearsal.views.AT_ONCE", 3)
    write("big", asks("units", "gte", "3"), hold="review", in_force=False)


def span():
    return {"since": timezone.now() - timedelta(days=30), "until": timezone.now()}


def traces():
    """Rows and sequences, those of jobs (and of who signs in) apart."""
    rows, sequences = footprint()
    apart = ("erp_job", "erp_once", "django_session")
    return {t: n for t, n in rows.items() if not t.startswith(apart)}, [
        q for q in sequences if not q[0].startswith(apart)
    ]


def finish(pk):
    while Job.objects.get(pk=pk).status == "running":
        work(pk)
    return Job.objects.get(pk=pk)


def test_a_rule_as_a_job_finds_what_it_finds_at_once(past, sign_in):
    owner = sign_in("owner")
    page = owner.get("/settings/rules/big/?days=30").content.decode()
    assert 'action="/settings/rules/big/rehearse/"' in page
    before = traces()
    answer = owner.post("/settings/rules/big/rehearse/", {"days": "30"})
    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.total == 12
    finish(job.pk)
    assert traces() == before
    told = rehearsal_jobs.told_of(Job.objects.get())
    at_once = rehearse(compiled(RuleRevision.objects.get()), (), **span())
    assert msgspec.to_builtins(told) == msgspec.to_builtins(at_once)
    assert told.matched.orders == 6
    page = owner.get(f"/settings/rules/big/?job={job.pk}").content.decode()
    assert 'id="rehearsal"' in page
    assert f"/settings/rules/big/?job={job.pk}" in owner.get(f"/jobs/{job.pk}/").content.decode()


def test_it_is_stopped_and_gone_on_with(past, sign_in, monkeypatch):
    owner = sign_in("owner")
    owner.post("/settings/rules/big/rehearse/", {"days": "30"})
    job = Job.objects.get()
    clock = iter([0.0])
    monkeypatch.setattr(rehearsal_jobs.time, "monotonic", lambda: next(clock, 1e9))
    assert (
        rehearsal_jobs.work(job, actor_of_user(job.by.user_id), until=1.0) is True
    )  # one page, and the slice is over
    job.refresh_from_db()
    assert 0 < job.done < 12
    monkeypatch.undo()
    monkeypatch.setattr(rehearsal_rules, "PAGE", 5)
    owner.post(f"/jobs/{job.pk}/stop/")
    stopped = finish(job.pk)
    assert stopped.status == "stopped"
    owner.post(f"/jobs/{job.pk}/retry/")
    assert finish(job.pk).status == "done"
    told = rehearsal_jobs.told_of(Job.objects.get())
    assert (told.orders, told.matched.orders) == (12, 6)


def test_promotions_and_routing_likewise(past, sign_in, promote):
    owner = sign_in("owner")
    promotion = promote("ten", "percentage", percent=10)
    Promotion.objects.update(is_active=False)
    page = owner.get("/settings/rehearsals/?promotion=ten&days=30").content.decode()
    assert 'action="/settings/rehearsals/begin/"' in page
    owner.post("/settings/rehearsals/begin/", {"promotion": "ten", "days": "30"})
    owner.post("/settings/rehearsals/begin/", {"by": "cheap", "without": ["east"], "days": "30"})
    offer, route = Job.objects.order_by("pk")
    for job in (offer, route):
        assert finish(job.pk).status == "done"
        assert owner.get(f"/settings/rehearsals/?job={job.pk}").status_code == 200
    promotion.refresh_from_db()
    for job, at_once in (
        (offer, rehearse_promotion(promotion, **span())),
        (route, rehearse_routing(OtherWay(by="cheap", without=["east"]), **span())),
    ):
        assert msgspec.to_builtins(
            rehearsal_jobs.told_of(Job.objects.get(pk=job.pk))
        ) == msgspec.to_builtins(at_once)
    assert rehearsal_jobs.told_of(Job.objects.get(pk=offer.pk)).cheaper.orders == 12


def test_what_is_no_job_of_this_rule_is_not_shown(past, write, sign_in):
    owner = sign_in("owner")
    write("other", asks("units", "gte", "1"), hold="review", in_force=False)
    owner.post("/settings/rules/big/rehearse/", {"days": "30"})
    pk = finish(Job.objects.get().pk).pk
    for address in (
        f"/settings/rules/other/?job={pk}",
        "/settings/rules/big/?job=x",
        f"/settings/rehearsals/?job={pk}",
    ):
        page = owner.get(address)
        assert page.status_code == 200
        assert 'id="rehearsal"' not in page.content.decode()
