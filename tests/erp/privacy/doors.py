"""The doors that a person comes in by, and how a dump of the database is searched for them."""

import csv
import io
import subprocess
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from erp.backups.dumps import _environment, _owner, _tool
from erp.ids import public_id
from erp.jobs import actions, runner
from erp.once import perform
from orders.intake.files.headings import suggested
from orders.models import Decision, Order
from tests.conftest import HOME, order_body
from tests.relay import run_relay

NAME, EMAIL, PHONE = "Zephyrine Quillfeather", "zephyrine@canary.example", "+8613987654321"
STREET, NOTE, FRIEND = "77 Quokkastrasse", "Quixotic bell, ring twice", "Ottoline Quillfeather"
CANARIES = (
    "zephyrine",
    "ottoline",
    "quillfeather",
    "canary.example",
    "13987654321",
    "quokkastr",
    "quixotic",
)
ADDRESS = HOME | {"name": NAME, "line1": STREET, "phone": PHONE}


def run_jobs():
    while ids := perform(actions.lease_jobs, now=timezone.now() + timedelta(minutes=2)):
        for pk in ids:
            assert runner.work(pk) is not None


def dump_as_text() -> str:
    """The whole database as SQL, as whoever steals a backup reads it."""
    command = [*_tool("pg_dump", "--data-only", "--inserts", "--no-owner"), str(_owner()["NAME"])]
    return subprocess.run(
        command, env=_environment(), capture_output=True, text=True, check=True
    ).stdout.lower()


def told(dump: str) -> dict[str, set[str]]:
    """Where the canaries stand: tables by canary, in text or in bytes."""
    found: dict[str, set[str]] = {}
    table = ""
    for line in dump.splitlines():
        if line.startswith("insert into"):
            table = line.split(" ")[2]
        for word in CANARIES:
            spelled = {word, word.encode().hex(), word.capitalize().encode().hex()}
            if any(s in line for s in spelled):
                found.setdefault(word, set()).add(table)
    return found


def ship(api, number):
    work = api.get("fulfillment-orders", order=number).json()["data"][0]
    api.post(f"fulfillment-orders/{work['id']}/pick", {})
    parcel = api.post(f"fulfillment-orders/{work['id']}/pack", {"weight_g": 800}).json()
    assert api.post(f"shipments/{parcel['id']}/ship", {}).status_code == 200
    scan = {
        "id": "1",
        "state": "delivered",
        "at": timezone.now().isoformat(),
        "description": f"Left with {FRIEND}",
        "place": STREET,
    }
    assert api.post(f"tracking/{parcel['tracking_number']}", {"events": [scan]}).status_code == 200


def place(api, **changes):
    body = order_body(
        customer={"name": NAME, "email": EMAIL, "phone": PHONE},
        shipping_address=ADDRESS,
        billing_address=ADDRESS | {"name": FRIEND},
        note=NOTE,
        metadata={"gift_card": f"For {FRIEND}"},
        **changes,
    )
    answer = api.post("orders", body)
    assert answer.status_code == 201, answer.json()
    run_relay()
    return answer.json()["number"]


def write_about(api, owner, number):
    """What staff and the customer say about an order, everywhere it can be said."""
    order = Order.objects.get(number=number)
    cus = public_id("cus", order.customer_id)
    assert (
        api.post(f"orders/{number}/hold", {"kind": "review", "reason": f"Call {NAME}"}).status_code
        == 200
    )
    assert api.post(f"orders/{number}/release", {}).status_code == 200
    assert api.post(f"orders/{number}/notes", {"text": f"{NAME}: {NOTE}"}).status_code == 200
    mark = {"remark": f"{FRIEND} collects", "tags": [f"for {NAME}"]}
    assert api.post(f"orders/{number}/marks", mark).status_code == 200
    assert (
        owner.post(f"/orders/{number}/comment/", {"text": f"{NAME} called: {PHONE}"}).status_code
        < 400
    )
    owner.post(f"/customers/{cus}/change/", {"note": f"{NAME} is quixotic"})
    owner.post(f"/customers/{cus}/reveal/")
    owner.post("/lists/orders/views/", {"name": "Hers", "query": f"q={EMAIL}"})


def bring_back(api, number):
    wanted = {
        "order": number,
        "note": f"{NAME} says: broken",
        "lines": [{"sku": "TEA-001", "quantity": 1, "reason": "damaged"}],
    }
    rma = api.post("returns", wanted).json()
    api.post(f"returns/{rma['number']}/approve", {})
    api.post(f"returns/{rma['number']}/receive", {})
    line = {"line": rma["lines"][0]["id"], "quantity": 1, "disposition": "restock"}
    api.post(f"returns/{rma['number']}/inspect", {"lines": [line]})
    refund = api.post("refunds", {"return": rma["number"], "note": f"to {NAME}"}).json()
    api.post(f"refunds/{refund['number']}/approve", {})
    api.post(f"refunds/{refund['number']}/complete", {})
    assert api.post(f"returns/{rma['number']}/close", {}).json()["status"] == "closed"


def decide_about(number):
    """What a merchant's rule was told: a field of the merchant's own, and a total that looks like a postal code."""
    facts = {"custom": [f"gift_card=For {FRIEND}"], "postal_code": "200040", "total": "200040"}
    Decision.objects.create(
        order=Order.objects.get(number=number),
        kind="rules",
        engine="test",
        inputs={"facts": facts},
        outcome={},
        reasons=[],
        at=timezone.now(),
    )


def give_back(api, number):
    """Complete every refund that an order has."""
    for refund in api.get("refunds", order=number).json()["data"]:
        api.post(f"refunds/{refund['number']}/approve", {})
        api.post(f"refunds/{refund['number']}/complete", {})


SHEET = """\
Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,\
Shipping Name,Shipping Address1,Shipping City,Shipping Zip,Shipping Country,Id
#1,{email},paid,CNY,25.00,2026-08-01 09:15:32 +0800,x,Mug,25.00,MUG-001,{name},{street},Shanghai,200040,CN,1
#2,{email},paid,CNY,25.00,2026-08-01 09:15:32 +0800,1,Mug,25.00,MUG-001,{name},{street},Shanghai,200040,CN,2
"""


def import_file(client) -> None:
    """A file with two orders of theirs, of which one is refused."""
    text = SHEET.format(name=NAME, email=EMAIL, street=STREET)
    data = {"channel": "file", "file": SimpleUploadedFile("orders.csv", text.encode())}
    answer = client.post("/orders/files/hand-over/", data)
    header = next(csv.reader(io.StringIO(text)))
    columns = {f"column-{name}": heading for name, heading in suggested(header).items()}
    client.post(answer["Location"], {**columns, "payment": "unpaid", "country": "", "verb": "take"})
    run_jobs()
