"""The back office shows what is its own, and no more rows of a table than a person fills in."""

import pytest
from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin

from erp.admin import MOST_ROWS, RowsInline

pytestmark = pytest.mark.django_db
INLINES = [inline for model in admin.site._registry.values() for inline in model.inlines]


def test_nobodys_ways_to_sign_in_are_changed_there():
    apps = {model._meta.app_label for model in admin.site._registry}
    assert not apps & {"mfa", "socialaccount"}


@pytest.mark.parametrize("inline", INLINES, ids=lambda x: x.__name__)
def test_every_inline_is_bounded(inline: type[InlineModelAdmin]):
    assert issubclass(inline, RowsInline)


@pytest.mark.parametrize("said", ["2147483648", "9223372036854775808", "2000", "-1", "x"])
def test_no_more_rows_are_shown_than_a_person_fills_in(sign_in, said):
    """A request that said 2,000 of them took 15 seconds."""
    browser = sign_in("owner")
    fields = {
        "code": "",
        "name": "",
        "price_lists-INITIAL_FORMS": "0",
        "price_lists-TOTAL_FORMS": said,
    }
    answer = browser.post("/admin/orders/customergroup/add/", fields)
    assert answer.status_code == 200
    shown = answer.content.decode().count('name="price_lists-')
    assert shown < 5 * (MOST_ROWS + 5)
