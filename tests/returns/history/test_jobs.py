"""Importing a file from the dashboard: tried first, taken in once whoever dies, rejections listed."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from erp.jobs import actions, runner
from erp.jobs.models import Job
from erp.once import perform
from orders.models import Order
from returns.history import jobs as history_jobs
from returns.history.actions import rows

pytestmark = pytest.mark.django_db(transaction=True)


HEAD = (
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
)


def content(documents: int = 12, wrong: int = 1) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEAD)
    for n in range(documents):
        for code in ("84029G", "22752"):
            writer.writerow(
                (536365 + n, code, "MUG", 2, "2010-12-01 08:26:00", "3.39", 17850, "United Kingdom")
            )
    for _ in range(wrong):
        writer.writerow(
            (999999, "22752", "MUG", "two", "2010-12-01 08:26:00", "3.39", 17850, "France")
        )
    return text.getvalue().encode()


def send(client, data: bytes, name: str = "retail.csv", **asked) -> Job:
    file = SimpleUploadedFile(name, data)
    asked = {"layout": "online-retail", "channel": "web", "file": file} | asked
    answer = client.post("/imports/new/", asked)
    assert answer.status_code == 302, answer.content
    return Job.objects.latest("pk")


def run(job: Job) -> Job:
    while perform(actions.lease_jobs, now=timezone.now() + timedelta(minutes=2)):
        runner.work(job.pk)
    job.refresh_from_db()
    return job


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(history_jobs, "CHUNK", 5)


def test_tried_first_then_taken_in_then_known(sign_in, small_chunks, laws_hold):
    client = sign_in()

    job = run(send(client, content(), dry_run="1"))
    assert (job.status, job.done, job.failed) == ("done", 24, 1)
    assert not Order.objects.exists()
    failed = client.get(f"/jobs/{job.pk}/failed.csv").getvalue().decode("utf-8-sig")
    assert "retail.csv 26" in failed

    job = run(send(client, content()))
    assert (job.status, job.done, job.failed) == ("done", 24, 1)
    assert job.result["figures"]["orders"] == Order.objects.count() == 12
    job = run(send(client, content()))
    assert job.result["figures"]["already_known"] == 24
    assert Order.objects.count() == 12
    laws_hold()


def test_killed_in_the_middle_it_goes_on_and_counts_once(
    sign_in, small_chunks, monkeypatch, laws_hold
):
    job = send(sign_in(), content())
    took = rows.import_chunk

    def import_chunk(**arguments):
        if arguments["index"] == 2:
            raise KeyboardInterrupt
        return took(**arguments)

    monkeypatch.setattr(history_jobs, "import_chunk", import_chunk)
    with pytest.raises(KeyboardInterrupt):
        runner.work(job.pk)
    monkeypatch.setattr(history_jobs, "import_chunk", took)
    run(job)

    assert (job.status, job.done, job.failed) == ("done", 24, 1)
    assert job.result["figures"]["accepted"] == 24
    assert job.result["figures"]["already_known"] == 0
    assert Order.objects.count() == 12
    laws_hold()


def test_stopped_and_continued(sign_in, small_chunks):
    client = sign_in()
    job = send(client, content())
    client.post(f"/jobs/{job.pk}/stop/")
    assert run(job).status == "stopped"
    assert not Order.objects.exists()
    client.post(f"/jobs/{job.pk}/retry/")
    assert run(job).status == "done"
    assert Order.objects.count() == 12


@pytest.mark.parametrize("data", [b"\x00\x01nonsense", b"a,b\n1,2\n"])
def test_a_file_that_cannot_be_read_says_so(sign_in, data):
    job = run(send(sign_in(), data))

    assert job.status == "failed"
    assert job.error
    assert not Order.objects.exists()


@pytest.mark.parametrize("asked", [{"layout": "none"}, {"channel": "none"}, {"file": ""}])
def test_what_cannot_be_begun(sign_in, asked):
    file = SimpleUploadedFile("retail.csv", content())
    form = {"layout": "online-retail", "channel": "web", "file": file} | asked

    assert sign_in().post("/imports/new/", form).status_code == 422
    assert not Job.objects.exists()
