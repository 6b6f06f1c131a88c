"""Master data in and out: tried without a trace, taken in once, wrong rows named, given out as it went in."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from erp.approvals.models import ApprovalLimit
from erp.jobs.models import Job, JobFinding
from erp.jobs.sheets import BadCell, Column, sheets
from erp.jobs.tasks import run_job
from inventory.models import Barcode, BinLevel, Sku, StockDocument, Supplier, SupplierTerm
from inventory.stock.queries import availability
from orders.models import Price

pytestmark = pytest.mark.django_db(transaction=True)


def taken_in(client, name: str, content: bytes, suffix: str = "csv", dry_run: bool = False) -> Job:
    """Give a file to the page, let a worker work, and return the job."""
    file = SimpleUploadedFile(f"{name}.{suffix}", content)
    answer = client.post(f"/data/{name}/", {"file": file, "dry_run": "1" if dry_run else ""})
    assert answer.status_code == 302, answer.content
    job = Job.objects.latest("pk")
    while Job.objects.get(pk=job.pk).status == "running":
        run_job(job_id=job.pk)
    job.refresh_from_db()
    return job


def given_out(client, name: str, kind: str = "csv") -> bytes:
    answer = client.get(f"/data/{name}/{kind}/")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


SKUS = """code,name,name_zh,weight_g,tracking,barcode
NEW-1,"Cup, blue",蓝杯,210,,6901234567892
POT-001,Pot of iron,,,none,
BAD-1,,,x,,
BAD-2,Lots,,,batch,
NEW-2,Pills,药片,,lot,
"""


def test_a_try_says_what_would_happen_and_keeps_nothing(sign_in):
    client = sign_in()

    job = taken_in(client, "skus", SKUS.encode(), dry_run=True)

    assert (job.status, job.done, job.failed) == ("done", 3, 2)
    assert job.result["figures"] == {"created": 2, "changed": 1, "same": 0}
    assert not Sku.objects.filter(code__startswith="NEW").exists()
    assert Sku.objects.get(code="POT-001").name != "Pot of iron"
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "is none of none, lot, serial" in page


def test_rows_are_taken_in_wrong_ones_are_named_and_again_changes_nothing(sign_in, laws_hold):
    client = sign_in()

    job = taken_in(client, "skus", SKUS.encode())
    again = taken_in(client, "skus", SKUS.encode())

    assert (job.done, job.failed) == (3, 2)
    assert again.result["figures"] == {"created": 0, "changed": 0, "same": 3}
    cup = Sku.objects.get(code="NEW-1")
    assert (cup.name, cup.translations, cup.weight_g, cup.barcode) == (
        "Cup, blue",
        {"zh": "蓝杯"},
        210,
        "6901234567892",
    )
    pot = Sku.objects.get(code="POT-001")
    assert pot.name == "Pot of iron"
    found = {f.row: f.params["detail"] for f in JobFinding.objects.filter(job=job)}
    assert set(found) == {4, 5}
    assert found[4].startswith("name: is missing; weight_g: ")
    failed = client.get(f"/jobs/{job.pk}/failed.csv").getvalue().decode()
    assert "tracking:" in failed
    laws_hold()


def test_names_come_in_any_language_and_others_stay(sign_in):
    client = sign_in()
    taken_in(client, "skus", "code,name,中文名,name:de\nNEW-1,Cup,杯,Tasse\n".encode())
    job = taken_in(client, "skus", "code,name,name_zh,name:fr\nNEW-1,Cup,蓝杯,\n".encode())

    assert job.status == "done"
    assert Sku.objects.get(code="NEW-1").translations == {"zh": "蓝杯", "de": "Tasse"}
    out = {row["code"]: row for row in rows_of(given_out(client, "skus"))}
    assert (out["NEW-1"]["name_zh"], out["POT-001"]["name_zh"]) == ("蓝杯", "")
    assert list(out["NEW-1"])[:4] == ["code", "name", "name_zh", "category"]
    refused = taken_in(client, "skus", b"code,name,name:nothing at all\nA,B,C\n")
    assert "unknown columns: name:nothing_at_all" in refused.error


def test_a_heading_that_means_nothing_is_refused_before_any_row(sign_in):
    job = taken_in(sign_in(), "skus", b"code,nmae\nA,B\n")

    assert job.status == "failed"
    assert "has no column name; has unknown columns: nmae" in job.error


def test_opening_stock_comes_once_with_costs_lots_and_serials(sign_in, shop, laws_hold):
    client = sign_in()
    taken_in(client, "skus", b"code,name,tracking\nA,A,\nL,L,lot\nS,S,serial\n")
    file = (
        b"warehouse,sku,quantity,unit_cost,lot,expires_on,serials\n"
        b"east,A,10,2.50,,,\n"
        b"east,L,4,1,B7,2031-01-31,\n"
        b"east,L,6,1,B8,2031-02-28,\n"
        b"east,S,2,9,,,s1 s2\n"
        b"east,S,2,9,,,s3\n"
        b"east,L,1,1,,,\n"
        b"west of nowhere,A,1,,,,\n"
        b"east,POT-001,5,,,,\n"
        b"east,A,10,2.50,,,\n"
    )

    job = taken_in(client, "opening_stock", file)

    found = {f.row: f.params["detail"] for f in JobFinding.objects.filter(job=job)}
    assert set(found) == {6, 7, 8, 9, 10}, found
    assert "already has stock movements" in found[9]
    assert "already been entered" in found[10]
    units = {row["sku"]: row["on_hand"] for row in availability(codes=["A", "L", "S"])}
    assert units == {"A": 10, "L": 10, "S": 2}
    assert StockDocument.objects.filter(reason="Opening stock").count() == 1
    laws_hold()
    again = taken_in(client, "opening_stock", file)
    assert again.result["figures"]["created"] == 0
    out = {(r["sku"], r["lot"]): r for r in rows_of(given_out(client, "opening_stock"))}
    assert out["L", "B7"]["quantity"] == "4"
    assert out["S", ""]["serials"] == "s1 s2"
    assert Decimal(out["A", ""]["unit_cost"]) == Decimal("2.50")


def test_opening_stock_above_the_limit_says_that_it_waits(sign_in, shop):
    client = sign_in("owner", "anna")
    taken_in(client, "skus", b"code,name\nA,A\n")
    file = b"warehouse,sku,quantity,unit_cost\neast,A,10,2.50\n"
    ApprovalLimit.objects.create(kind="adjustment", amount=1)
    job = taken_in(client, "opening_stock", file)
    assert job.result["figures"] == {"created": 0, "changed": 0, "same": 0, "waiting": 1}
    assert "Waiting for another person" in client.get(f"/jobs/{job.pk}/").content.decode()
    document = StockDocument.objects.get(reason="Opening stock")
    assert document.status == "waiting"
    assert taken_in(client, "opening_stock", file).failed == 1

    sign_in("owner", "ben").post(f"/stock/documents/{document.pk}/reject/")
    assert taken_in(client, "opening_stock", file).result["figures"]["waiting"] == 1


def test_what_is_given_out_is_taken_in_again_as_it_was(sign_in, shop):
    client = sign_in()
    taken_in(client, "skus", b"code,name\nC1,Cup\nP1,Pair\n=1+1,Formula\n")
    taken_in(client, "barcodes", b"sku,code,kind,units\nC1,0012345678905,gtin,12\nC1,X,own\n")
    taken_in(client, "bundles", b"bundle,part,quantity\nP1,C1,2\nC1,P1,1\n")
    taken_in(
        client, "suppliers", "code,name,lead_time_days,currency\nacme,Acme 茶,9,CNY\n".encode()
    )
    taken_in(
        client,
        "terms",
        b"supplier,sku,min_quantity,unit_price,pack_size,valid_from\n"
        b"acme,C1,1,2.5,12,\nacme,C1,100,2.25,12,2026-01-01\n",
    )
    prices = (
        f"price_list,sku,amount,min_quantity\n{Price.objects.first().price_list.code},C1,19.90,10\n"
    )
    taken_in(client, "prices", prices.encode())
    taken_in(
        client, "exchange-rates", b"currency,on,rate,source\nUSD,2026-03-02,7.1234567891,bank\n"
    )

    for name in sheets():
        if name == "opening_stock":
            continue
        for kind in ("csv", "xlsx"):
            content = given_out(client, name, kind)
            job = taken_in(client, name, content, suffix=kind)
            findings = list(JobFinding.objects.filter(job=job).values_list("row", "params"))
            assert (job.status, findings) == ("done", []), (name, kind, job.error)
            figures = job.result["figures"]
            assert (figures["created"], figures["changed"]) == (0, 0), (name, kind, figures)
            assert figures["same"] > 0
    assert Barcode.objects.get(code="0012345678905").units == 12
    assert Supplier.objects.get(code="acme").name == "Acme 茶"
    assert SupplierTerm.objects.count() == 2
    assert Sku.objects.filter(code="=1+1").exists()


def test_many_rows_are_few_statements(sign_in, django_assert_max_num_queries):
    rows = "".join(f"S{n:05d},Name {n}\n" for n in range(2000))
    client = sign_in()

    with django_assert_max_num_queries(120):
        job = taken_in(client, "skus", f"code,name\n{rows}".encode())

    assert job.result["figures"]["created"] == 2000


def test_a_worker_that_dies_between_chunks_takes_nothing_twice(sign_in, shop, monkeypatch):
    rows = "".join(f"east,S{n:05d},1\n" for n in range(1200))
    client = sign_in()
    taken_in(
        client, "skus", ("code,name\n" + "".join(f"S{n:05d},N\n" for n in range(1200))).encode()
    )
    from erp.jobs import actions

    real, calls = actions.import_sheet_rows, []

    def dies(**arguments):
        calls.append(arguments["index"])
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(**arguments)

    dies.__name__ = real.__name__
    monkeypatch.setattr(actions, "import_sheet_rows", dies)
    file = SimpleUploadedFile("o.csv", f"warehouse,sku,quantity\n{rows}".encode())
    client.post("/data/opening_stock/", {"file": file})
    job = Job.objects.latest("pk")
    with pytest.raises(KeyboardInterrupt):
        run_job(job_id=job.pk)
    Job.objects.filter(pk=job.pk).update(leased_until=timezone.now())
    run_job(job_id=job.pk)

    job.refresh_from_db()
    assert (job.status, job.done, job.failed) == ("done", 1200, 0)
    units = BinLevel.objects.filter(sku__code__startswith="S0").values_list("on_hand", flat=True)
    assert set(units) == {1}


@pytest.mark.parametrize(("role", "may"), [("buyer", True), ("picker", False), ("analyst", False)])
def test_a_sheet_is_for_those_whose_work_it_is(sign_in, role, may):
    answer = sign_in(role).get("/data/suppliers/csv/")

    assert answer.status_code == (200 if may else 403)


KINDS = ("text", "whole", "count", "decimal", "day", "yes", ("", "a", "b"))


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(kind=st.sampled_from(KINDS), text=st.text(max_size=60))
def test_any_cell_is_a_value_or_a_reason(kind, text):
    try:
        Column("x", kind).parsed(text)
    except BadCell as bad:
        reason = str(bad)
        assert reason
