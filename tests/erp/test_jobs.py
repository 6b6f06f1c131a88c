"""Bulk actions and exports: exactly once whoever dies, stopped, retried, downloaded."""

import csv
import io
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.db import connections
from django.utils import timezone
from python_calamine import CalamineWorkbook

from erp.jobs import actions, runner
from erp.jobs.models import Job, JobFile, JobItem
from erp.once import perform
from orders.models import Hold, Order, OrderEvent
from tests.conftest import order_body

pytestmark = pytest.mark.django_db(transaction=True)
HOLD = {"verb": "hold", "kind": "address", "reason": "call them"}


@pytest.fixture
def orders(api):
    body = [order_body(lines=[{"sku": "WRAP", "quantity": 1}]) for _ in range(30)]
    answer = api.post("orders/bulk", {"orders": body})
    assert answer.status_code == 200, answer.content
    return list(Order.objects.order_by("pk").values_list("pk", flat=True))


def begin(client, **asked) -> Job:
    answer = client.post("/lists/orders/bulk/", HOLD | asked)
    assert answer.status_code == 302, answer.content
    return Job.objects.latest("pk")


def run(job: Job) -> Job:
    """As workers do, once a lease that somebody left behind has run out."""
    later = timezone.now() + 2 * actions.LEASE
    while perform(actions.lease_jobs, now=later):
        runner.work(job.pk)
    job.refresh_from_db()
    return job


def test_all_that_match_are_done_once(sign_in, orders, laws_hold):
    Order.objects.filter(pk=orders[0]).update(payment_status="unpaid")
    job = begin(sign_in("service"), all="1", query="payment_status=paid")

    run(job)

    assert (job.status, job.total, job.done, job.failed) == ("done", 29, 29, 0)
    assert Hold.objects.count() == 29
    assert not Hold.objects.filter(order=orders[0]).exists()


def test_those_ticked_and_no_others(sign_in, orders):
    job = run(begin(sign_in("service"), row=orders[:3], query="status=cancelled"))

    assert (job.total, job.done) == (3, 3)
    assert set(Hold.objects.values_list("order", flat=True)) == set(orders[:3])


def test_rows_that_refuse_are_listed_and_can_be_tried_again(sign_in, orders, api):
    client = sign_in("service")
    number = Order.objects.get(pk=orders[0]).number
    api.post(f"orders/{number}/cancel", {"reason": "asked"})

    job = run(begin(client, row=orders[:3]))

    assert (job.status, job.done, job.failed) == ("done", 2, 1)
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert number in page
    failed = client.get(f"/jobs/{job.pk}/failed.csv").getvalue().decode("utf-8-sig")
    ((_head), (label, reason, _content)) = csv.reader(io.StringIO(failed))
    assert label == number
    assert "cancelled" in reason.lower()
    client.post(f"/jobs/{job.pk}/retry/")
    run(job)
    assert (job.status, job.done, job.failed) == ("done", 2, 1)
    assert Hold.objects.count() == 2


def test_it_stops_when_asked_and_goes_on(sign_in, orders, monkeypatch):
    client = sign_in("service")
    job = begin(client, row=orders)
    monkeypatch.setattr(runner, "EVERY_S", 0)
    did = actions.do_item

    def do_item(**arguments):
        done = did(**arguments)
        if JobItem.objects.filter(job=job, status="done").count() == 5:
            Job.objects.filter(pk=job.pk).update(stop_asked=True)
        return done

    monkeypatch.setattr(actions, "do_item", do_item)
    run(job)
    assert job.status == "stopped"
    assert Hold.objects.count() == 5
    monkeypatch.setattr(actions, "do_item", did)

    client.post(f"/jobs/{job.pk}/retry/")
    run(job)
    assert (job.status, job.done) == ("done", 30)
    assert Hold.objects.count() == 30


def test_two_workers_at_once_do_each_row_once(sign_in, orders):
    """Should a lease run out while its worker still lives."""
    from threading import Thread

    job = begin(sign_in("service"), row=orders)

    def work():
        runner.work(job.pk)
        connections.close_all()

    threads = [Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    job.refresh_from_db()
    assert (job.status, job.done, job.failed) == ("done", 30, 0)
    assert Hold.objects.count() == 30
    assert OrderEvent.objects.filter(kind="hold.opened").count() == 30


def test_a_worker_killed_in_the_middle_loses_and_repeats_nothing(sign_in, orders, laws_hold):
    job = begin(sign_in("service"), row=orders)
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "erp.settings",
        "DATABASE_URL": _url(),
    }
    code = f"import django; django.setup(); from erp.jobs import runner; runner.work({job.pk})"
    worker = subprocess.Popen([sys.executable, "-c", code], env=environment)
    while JobItem.objects.filter(job=job, status="done").count() < 3:
        time.sleep(0.002)
        assert worker.poll() is None or worker.returncode == 0
    worker.send_signal(signal.SIGKILL)
    worker.wait()

    left = JobItem.objects.filter(job=job, status="pending").count()
    assert Hold.objects.count() == 30 - left
    assert left
    run(job)

    assert (job.status, job.done, job.failed) == ("done", 30, 0)
    assert Hold.objects.count() == 30
    assert set(Order.objects.values_list("open_holds", flat=True)) == {1}


def _url() -> str:
    at = connections["default"].get_connection_params()
    return f"postgres://{at['user']}@/{at['dbname']}?host={at['host']}"


def test_rights_are_asked_for_when_it_begins_and_again_when_it_runs(sign_in, orders):
    picker = sign_in("picker")
    assert picker.post("/lists/orders/bulk/", HOLD | {"row": orders}).status_code == 403
    client = sign_in("service")
    job = begin(client, row=orders[:2])
    client.actor.role = "analyst"
    client.actor.save()

    run(job)
    assert (job.done, job.failed) == (0, 2)
    assert not Hold.objects.exists()


def test_somebody_elses_job_is_not_mine(sign_in, orders):
    job = begin(sign_in("service", "a"), row=orders[:2])
    other, owner = sign_in("service", "b"), sign_in("owner")

    assert other.get(f"/jobs/{job.pk}/").status_code == 404
    assert owner.get(f"/jobs/{job.pk}/").status_code == 200


@pytest.mark.parametrize(
    "asked", [{"row": []}, {"row": ["x"]}, {"verb": "lose", "row": [1]}, {"reason": "", "row": [1]}]
)
def test_what_cannot_be_begun(sign_in, orders, asked):
    answer = sign_in("service").post("/lists/orders/bulk/", HOLD | asked)

    assert answer.status_code in {404, 422}
    assert not Job.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_has_every_row_in_order_and_survives_a_kill(sign_in, orders, monkeypatch, kind):
    Order.objects.filter(pk=orders[3]).update(external_id="=1+1")
    client = sign_in("service")
    asked = {
        "format": kind,
        "column": ["number", "external_id", "total"],
        "query": "sort=placed",
    }
    answer = client.post("/lists/orders/export/", asked)
    job = Job.objects.latest("pk")
    assert answer["Location"] == f"/jobs/{job.pk}/"
    monkeypatch.setattr(runner, "EXPORTED_AT_ONCE", 7)
    wrote = actions.append_file

    def append_file(**arguments):
        if arguments["position"] == 2:
            raise KeyboardInterrupt  # as a kill: nothing of this piece is kept
        return wrote(**arguments)

    monkeypatch.setattr(actions, "append_file", append_file)
    with pytest.raises(KeyboardInterrupt):
        runner.work(job.pk)
    assert JobFile.objects.filter(job=job).count() == 2
    monkeypatch.setattr(actions, "append_file", wrote)
    run(job)

    assert (job.status, job.done) == ("done", 30)
    content = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        rows = [[str(c) for c in row] for row in book.get_sheet_by_index(0).to_python()]
    numbers = list(Order.objects.order_by("placed_at", "id").values_list("number", flat=True))
    assert rows[0] == ["Order", "External number", "Currency", "Total"]
    assert {row[2] for row in rows[1:]} == {"CNY"}
    assert [row[0] for row in rows[1:]] == numbers
    assert ("'=1+1" if kind == "csv" else "=1+1") in [row[1] for row in rows]


@pytest.mark.parametrize(
    ("zone", "placed", "days"),
    [
        ("Asia/Shanghai", "2026-12-01T02:00:00+08:00", "placed_from=2026-12-01"),
        ("America/New_York", "2026-11-30T13:00:00-05:00", "placed_to=2026-11-30"),
    ],
)
def test_an_export_has_the_times_and_days_of_its_page(sign_in, orders, zone, placed, days):
    """They were exported in UTC, and filters by day found other rows than the page did."""
    Order.objects.filter(pk=orders[0]).update(placed_at=datetime(2026, 11, 30, 18, tzinfo=UTC))
    Order.objects.exclude(pk=orders[0]).update(placed_at=datetime(2026, 11, 25, tzinfo=UTC))
    client = sign_in("service")
    type(client.actor.user).objects.filter(pk=client.actor.user_id).update(time_zone=zone)
    shown = client.get(f"/orders/?{days}").content.decode()
    asked = {"format": "csv", "column": ["number", "placed"], "query": days}
    client.post("/lists/orders/export/", asked)
    job = run(Job.objects.latest("pk"))

    text = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))[1:]
    number = Order.objects.get(pk=orders[0]).number
    assert [number, placed] in rows
    assert all(row[0] in shown for row in rows)
    assert all((n in [row[0] for row in rows]) == (n in shown) for n in [number])


def test_an_export_has_only_what_its_reader_may_see(sign_in, orders):
    client = sign_in("picker")
    client.post("/lists/orders/export/", {"format": "csv", "column": ["number", "customer"]})
    job = run(Job.objects.latest("pk"))

    content = b"".join(client.get(f"/jobs/{job.pk}/file/").streaming_content).decode()
    assert "李娜" not in content
    assert job.done == 30
