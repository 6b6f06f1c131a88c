"""A person who came in by every door is erased: no dump, file or log knows them, and every figure is as it was."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from erp.access.models import Channel
from erp.comments.models import Comment
from erp.ids import public_id
from erp.jobs import actions, runner
from erp.jobs.models import Job
from erp.messages.models import Message
from erp.messages.send import send_due_messages
from erp.once import perform
from erp.privacy.models import ErasedRow, Erasure
from erp.privacy.register import FILE
from erp.privacy.tasks import let_go
from orders.customers.actions.name_words import learn_names
from orders.models import (
    ChannelOrder,
    Customer,
    Decision,
    IncomingMessage,
    InvoiceParty,
    NameWord,
    Order,
    OrderDraft,
    PersonalDataLook,
)
from tests.conftest import order_body
from tests.erp.privacy.doors import (
    CANARIES,
    EMAIL,
    NAME,
    NOTE,
    PHONE,
    STREET,
    bring_back,
    decide_about,
    dump_as_text,
    give_back,
    import_file,
    place,
    run_jobs,
    ship,
    told,
    write_about,
)
from tests.orders.shops import open_channel, paid, post, read_all
from tests.relay import run_relay

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def owner(sign_in):
    return sign_in()


@pytest.fixture
def door_files(shop, sign_in, owner):
    """A file with orders of theirs: one refused, one that is cancelled; and an export that names them."""
    from erp.access.models import Channel
    from orders.models import ChannelPolicy, PriceList

    channel = Channel.objects.create(code="file", name="Files", kind="file", currency="CNY")
    ChannelPolicy.objects.create(
        channel=channel, price_list=PriceList.objects.get(code="retail"), review="record"
    )
    import_file(owner)


@pytest.fixture
def everywhere(api, make_client, shop, system, owner, door_files, settings, tmp_path):
    """Somebody who came by every door; nothing of theirs is open any more. Returns their customer."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = str(tmp_path / "mail")
    settings.ERP_DATA_DIR = tmp_path
    first = place(api)
    write_about(api, owner, first)
    decide_about(first)
    assert api.post(f"orders/{first}/invoices", {}).status_code in {200, 201}
    ship(api, first)
    bring_back(api, first)
    second = place(api)
    api.post(f"orders/{second}/cancel", {"reason": "changed mind", "note": NOTE})
    run_relay()
    give_back(api, second)
    shopify = open_channel("shopify", shop, system)
    shown = paid()["shipping_address"] | {"name": NAME, "address1": STREET, "phone": PHONE}
    person = {"id": 1, "first_name": "Zephyrine", "last_name": "Quillfeather", "email": EMAIL}
    post(
        shopify,
        "orders/create",
        paid(email=EMAIL, note=NOTE, customer=person, shipping_address=shown),
    )
    head = f"From: {NAME} <{EMAIL}>\nSubject: Hello\nMessage-ID: <m1@canary.example>"
    letter = f"{head}\n\n- 2 x Green tea\nShip to: {NAME}, {STREET}"
    api.client.post("/api/v1/channels/web/messages", letter.encode(), content_type="message/rfc822")
    read_all()
    run_relay()
    by_shop = Order.objects.get(channel=shopify)
    ship(make_client(shopify), by_shop.number)
    for order in Order.objects.filter(status__in=["pending", "confirmed"]):
        client = make_client(order.channel)
        client.post(f"orders/{order.number}/cancel", {"reason": "test"})
        run_relay()
        give_back(client, order.number)
    while perform(learn_names):
        pass
    owner.post("/lists/orders/export/", {"format": "csv", "query": ""})
    run_jobs()
    run_relay()
    send_due_messages(now=timezone.now() + timedelta(seconds=1))
    return Customer.objects.get(identities__value=EMAIL)


def figures(api):
    names = ("net_sales", "gross_sales", "orders", "units", "return_rate")
    day = timezone.now().date()
    asked = {"from": str(day - timedelta(days=400)), "to": str(day + timedelta(days=1))}
    return {name: api.get(f"analytics/{name}", **asked).json().get("value") for name in names}


def erase(client, customer):
    answer = client.post(f"/customers/{public_id('cus', customer.pk)}/erase/", follow=True)
    run_jobs()
    return answer


def test_nothing_is_left_of_a_person_but_what_the_law_wants(
    everywhere, api, owner, laws_hold, tmp_path
):
    before, sums = told(dump_as_text()), figures(api)
    assert set(before) == set(CANARIES)
    assert {
        "public.orders_orderevent",
        "public.orders_decision",
        "public.fulfillment_trackingevent",
        "public.erp_once",
        "public.orders_incomingmessage",
        "public.erp_jobfile",
        "public.erp_jobfinding",
        "public.erp_message",
        "public.erp_comment",
        "public.returns_refund",
        "public.orders_nameword",
    } <= set().union(*before.values())
    assert any("quillfeather" in p.read_text().lower() for p in (tmp_path / "mail").iterdir())

    erase(owner, everywhere)

    job = Job.objects.get(kind="erasure")
    assert (job.status, job.error) == ("done", "")
    erasure = Erasure.objects.get()
    assert (erasure.status, erasure.sought) == ("done", {})
    left = told(dump_as_text())
    assert set().union(*left.values()) <= {"public.orders_invoiceparty"}, left
    kept = InvoiceParty.objects.get()
    assert (kept.billing["line1"], kept.billing["country"]) == (STREET, "CN")
    assert "phone" not in kept.billing
    assert not any(
        word in path.read_text(errors="replace").lower()
        for path in tmp_path.rglob("*")
        if path.is_file()
        for word in CANARIES
    )
    laws_hold()
    assert figures(api) == sums
    customer = Customer.objects.get(pk=everywhere.pk)
    assert (customer.name, customer.note) == ("", "")
    assert customer.erased_at is not None
    decision = Decision.objects.get(engine="test")
    assert decision.inputs["facts"] == {"custom": [""], "postal_code": "", "total": "200040"}
    assert ErasedRow.objects.filter(table="orders_orderevent", erasure=erasure).exists()


def test_whoever_comes_back_is_somebody_new_and_words_of_others_stay(everywhere, api, owner):
    other = order_body()
    api.post("orders", other)
    while perform(learn_names):
        pass
    erase(owner, everywhere)

    place(api)
    again = Customer.objects.get(identities__value=EMAIL)
    assert again.pk != everywhere.pk
    assert (
        Customer.objects.filter(identities__value=other["customer"]["email"]).get().name == "李娜"
    )
    assert not NameWord.objects.filter(word="quillfeather").exists()


def test_a_shop_that_tells_of_an_old_order_does_not_bring_its_customer_back(
    everywhere, owner, laws_hold
):
    erase(owner, everywhere)
    shopify = Channel.objects.get(code="shopify")
    shown = paid()["shipping_address"] | {"name": NAME, "address1": STREET, "phone": PHONE}
    person = {"id": 1, "first_name": "Zephyrine", "last_name": "Quillfeather", "email": EMAIL}
    late = paid(
        email=EMAIL,
        note=f"{NOTE}!",
        customer=person,
        shipping_address=shown,
        updated_at="2026-03-09T10:00:00-05:00",
    )
    post(shopify, "orders/updated", late)
    read_all()
    run_relay()
    assert IncomingMessage.objects.exclude(body=b"").get().status == "processed"
    let_go()
    run_relay()

    assert set().union(*told(dump_as_text()).values()) <= {"public.orders_invoiceparty"}
    said = ChannelOrder.objects.get(channel=shopify).said
    assert Decimal(said["total"]) == Decimal("54.60")
    laws_hold()


def test_nobody_is_erased_while_something_is_open(api, owner):
    number = place(api)
    customer = Customer.objects.get(identities__value=EMAIL)
    page = owner.get(f"/customers/{public_id('cus', customer.pk)}/personal-data/").content.decode()
    assert number in page

    answer = api.post(f"customers/{public_id('cus', customer.pk)}/erase", {})
    assert answer.status_code == 403  # a shop's key may not
    said = erase(owner, customer).content.decode()

    assert number in said
    assert Customer.objects.get(pk=customer.pk).name == NAME
    assert not Erasure.objects.exists()


def test_an_erasure_that_is_killed_anywhere_is_finished(everywhere, api, owner, monkeypatch):
    from erp.privacy import jobs

    real, left = jobs.perform, [3]

    def dies(action, **arguments):
        if action is jobs.erase_table and not left[0]:
            left[0] = 3
            raise KeyboardInterrupt
        left[0] -= action is jobs.erase_table
        return real(action, **arguments)

    monkeypatch.setattr(jobs, "perform", dies)
    owner.post(f"/customers/{public_id('cus', everywhere.pk)}/erase/")
    for hours in range(1, 30):
        Job.objects.filter(kind="erasure").update(deaths=0)
        for pk in real(actions.lease_jobs, now=timezone.now() + timedelta(hours=hours)):
            try:
                runner.work(pk)
            except KeyboardInterrupt:
                continue
    assert Job.objects.get(kind="erasure").status == "done"
    assert set().union(*told(dump_as_text()).values()) <= {"public.orders_invoiceparty"}


def test_a_person_is_given_all_that_is_kept_of_them(everywhere, owner, sign_in):
    owner.post(f"/customers/{public_id('cus', everywhere.pk)}/export/")
    run_jobs()
    job = Job.objects.get(kind="personal_export")
    assert (job.status, job.error) == ("done", "")

    answer = owner.get(f"/jobs/{job.pk}/file/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    said = json.loads(archive.read("personal-data.json"))
    tables = {t["table"]: t["rows"] for t in said["tables"]}
    assert {
        "orders_order",
        "orders_orderaddress",
        "orders_customeridentity",
        "erp_message",
        "erp_comment",
        "returns_returnauthorization",
        "orders_incomingmessage",
    } <= set(tables)
    assert {r["value"] for r in tables["orders_customeridentity"]} >= {EMAIL, PHONE}
    assert any("quixotic" in r["body"].lower() for r in tables["orders_incomingmessage"])
    assert "request_hash" not in tables["orders_order"][0]
    sheet = list(
        csv.DictReader(io.StringIO(archive.read("orders_orderaddress.csv").decode("utf-8-sig")))
    )
    assert {r["line1"] for r in sheet} >= {STREET}
    assert said["kept_by_law"]
    assert PersonalDataLook.objects.filter(subject=f"customer:{everywhere.pk}").count() == 1
    assert sign_in("auditor").get(f"/jobs/{job.pk}/file/").status_code in {403, 404}


def test_an_older_backup_is_erased_again_before_anything_leaves(
    everywhere, owner, tmp_path, settings, laws_hold
):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("backup", tmp_path / "backups" / "b")
    erase(owner, everywhere)
    key = str(Erasure.objects.get().key)
    assert key in (tmp_path / FILE).read_text()
    (tmp_path / FILE).rename(
        tmp_path / "backups" / FILE
    )  # on another machine only this one is there

    call_command("restore", tmp_path / "backups" / "b", "--replace")

    assert str(Erasure.objects.get().key) == key
    assert Erasure.objects.get().status == "done"
    assert set().union(*told(dump_as_text()).values()) <= {"public.orders_invoiceparty"}
    laws_hold()
    assert EMAIL not in (tmp_path / "backups" / FILE).read_text()


def test_the_application_cannot_rewrite_a_ledger_by_saying_that_it_erases(everywhere):
    with (
        pytest.raises(Exception, match=r"refused|permission"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute("SELECT set_config('throughline.erasing', 'on', true)")
        c.execute("UPDATE orders_orderchange SET reason = ''")
    with (
        pytest.raises(Exception, match=r"refused|permission"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute("SELECT set_config('throughline.erasing', 'on', true)")
        c.execute("DELETE FROM orders_personaldatalook")
    with (
        pytest.raises(IntegrityError, match="does not run"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute("SELECT erp_scrub(0, 'orders_decision', '{1}', '{x}', now())")


def test_what_is_gone_is_not_sent_read_or_repeated_again(everywhere, api, owner):
    body = order_body(customer={"name": NAME, "email": EMAIL, "phone": ""})
    api.post("orders", body, key="the-key")
    number = api.post("orders", body, key="the-key").json()["number"]
    api.post(f"orders/{number}/cancel", {"reason": "x"})
    run_relay()
    give_back(api, number)
    erase(owner, everywhere)

    assert api.post("orders", body, key="the-key").status_code == 410
    assert not Message.objects.filter(status="waiting").exists()
    assert not OrderDraft.objects.filter(status="open").exists()
    assert not IncomingMessage.objects.exclude(body=b"").exists()
    assert not Comment.objects.exclude(text="").exists()
