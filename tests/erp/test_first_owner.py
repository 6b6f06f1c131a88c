"""A new installation says how its owner signs in, and makes nobody who could open no page."""

import io
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.management import CommandError, call_command
from django.test import Client

from erp.access.actions import add_person, ensure_ground
from erp.access.models import User
from erp.access.queries import anybody_signs_in, job_actor
from erp.once import perform

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough sentence"


def said(*command, **options) -> str:
    out = io.StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue().strip()


@pytest.fixture
def ground():
    perform(ensure_ground)


def choose_password(link: str) -> Client:
    """What a person does with the link."""
    client = Client()
    page = client.get(link, follow=True)
    form = page.request["PATH_INFO"]
    client.post(form, {"password1": PASSWORD, "password2": PASSWORD}, follow=True)
    return client


def test_an_empty_installation_leads_its_owner_to_a_page(ground):
    assert not anybody_signs_in()
    link = said("create_owner", "--username", "mei", "--email", "mei@example.com")
    assert link.startswith("http://127.0.0.1:8000/accounts/password/reset/key/")
    choose_password(link)

    client = Client()
    client.post("/accounts/login/", {"login": "mei", "password": PASSWORD})
    assert client.get("/settings/health/").status_code == 200
    assert anybody_signs_in()


def test_the_first_owner_can_set_up_a_second_factor(ground):
    """Their address is confirmed by nothing here, and allauth let nobody without a confirmed one do so."""
    choose_password(said("create_owner", "--username", "mei", "--email", "mei@example.com"))
    client = Client()
    client.post("/accounts/login/", {"login": "mei", "password": PASSWORD})

    asked = client.get("/accounts/2fa/totp/activate/")["Location"]
    client.post(asked, {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")

    assert page.status_code == 200, page.get("Location")
    secret = page.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client.post("/accounts/2fa/totp/activate/", {"code": code})
    assert Authenticator.objects.filter(user__username="mei", type="totp").exists()
    assert client.get("/accounts/2fa/webauthn/add/").status_code == 200


def test_until_a_password_is_chosen_the_link_can_be_had_again(ground):
    said("create_owner")
    assert said("create_owner").startswith("http")
    assert User.objects.count() == 1


def test_an_address_that_is_told_later_is_kept(ground):
    said("create_owner")
    assert said("create_owner", "--email", "olga@merchant.example").startswith("http")
    assert User.objects.get().email == "olga@merchant.example"


def test_there_is_one_first_owner(ground):
    choose_password(said("create_owner"))
    with pytest.raises(CommandError, match="Settings → People"):
        said("create_owner")
    assert said("create_owner", "--again", "owner").startswith("http")


def test_only_an_owner_gets_a_link_by_the_command(ground):
    by = job_actor("scheduler")
    person = {"name": "Pi", "email": "", "role": "picker", "password": PASSWORD, "by": by}
    perform(add_person, username="pi", **person)
    with pytest.raises(CommandError, match="pi is no owner"):
        said("create_owner", "--again", "pi")
    assert not anybody_signs_in()


def test_preparing_ends_with_what_is_to_be_done(ground):
    assert "manage.py create_owner" in said("prepare", no_demo=True)
    assert said("prepare", no_demo=True, verbosity=0) == ""
    choose_password(said("create_owner"))
    assert said("prepare", no_demo=True) == ""


def test_the_frameworks_own_command_names_ours():
    done = subprocess.run(
        [sys.executable, "manage.py", "createsuperuser", "--noinput"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "manage.py create_owner" in done.stderr) == (1, True)


def test_health_says_that_mails_reach_nobody(sign_in, settings):
    settings.PLAIN_HTTP = False
    settings.MAILS_ARE_FILES = True
    page = sign_in().get("/settings/health/").content.decode()
    assert "Mails leave by a mail server, not as files" in page
