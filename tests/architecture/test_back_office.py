"""What is sensitive is changed where the password is asked for again and owners are told, never in the back office.

The back office edits master data by plain forms: a limit for four eyes stood among a warehouse's fields,
so whoever found a session open loosened it, and nobody was told.
"""

import re
from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.db.models import Model
from django.test import RequestFactory

from erp.access.models import AccountMail, User
from erp.web.secrets_admin import SecretsAdmin
from inventory.stock.actions.places import LIMITS

# Limits, rights, secrets and ways to sign in, by the words of which the house calls its fields.
SENSITIVE = re.compile(
    r"limit|approv|_over$|second_|four_eyes"
    r"|right|scope|permission|role|is_staff|is_superuser|groups"
    r"|secret|password|token|credential|salt|(^|_)key($|_)"
    r"|credit|terms|verified|sign_in|allowed_networks|factor"
)
# What is called so and is none; why.
HARMLESS = {
    ("Company", "approval_hours"): "after how long others are reminded: nothing passes by it",
    (
        "Supplier",
        "payment_terms",
    ): "printed on purchase orders: what a supplier agreed, decides nothing",
}


def editable() -> Iterator[tuple[BaseModelAdmin, type[Model], set[str]]]:
    """Every form of the back office, rows within another's page too, with the fields that a person fills in."""
    request = RequestFactory().get("/admin/")
    request.user = User(is_superuser=True, is_staff=True)
    for model, page in admin.site._registry.items():
        one = model()
        if page.has_add_permission(request):
            yield page, model, set(page.get_form(request, None).base_fields)
        if page.has_change_permission(request, one):
            yield page, model, set(page.get_form(request, one, change=True).base_fields)
        for inline in page.get_inline_instances(request, one):
            form = inline.get_formset(request, one).form
            yield inline, inline.model, set(form.base_fields)


def test_nothing_sensitive_is_edited_in_the_back_office():
    found = {
        (model.__name__, field)
        for page, model, fields in editable()
        if not isinstance(page, SecretsAdmin)  # it asks for the password, and tells of every change
        for field in fields
        if SENSITIVE.search(field)
    }
    assert found == HARMLESS.keys()


def test_the_words_find_what_there_is():
    for field in (*LIMITS, "second_review", "webhook_secret", "user_permissions", "verified"):
        assert SENSITIVE.search(field), field
    forms = list(editable())
    assert len(forms) > 40
    assert {model.__name__ for page, model, _ in forms if isinstance(page, SecretsAdmin)} == {
        "PaymentProvider",
        "RiskProvider",
    }


@pytest.mark.django_db
def test_a_limit_that_is_posted_there_stays(shop, sign_in):
    client = sign_in("owner", "olga")
    User.objects.filter(actor=client.actor).update(email="olga@merchant.example")
    type(shop.east).objects.filter(pk=shop.east.pk).update(approval_over=10)
    path = f"/admin/inventory/warehouse/{shop.east.pk}/change/"
    form = client.get(path).context["adminform"].form
    body = {name: form.initial.get(name) for name in form.fields}
    said = {name: "" if value is None else value for name, value in body.items()}
    answer = client.post(path, said | {"name": "Eastern", "approval_over": "99999"})
    shop.east.refresh_from_db()
    assert (answer.status_code, shop.east.name, shop.east.approval_over) == (302, "Eastern", 10)
    assert not AccountMail.objects.filter(kind="limit_changed").exists()
