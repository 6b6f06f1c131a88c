"""Letters: a day asked for is that day; two of them, one that has passed, and one that cannot be read are issues."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order

SHOP = Catalogue([Good("TEA-001", "Green tea"), Good("POT-009", "Stoneware teapot")])
TODAY = date(2026, 11, 29)
ISSUES = {"date_unclear", "dates_differ", "date_passed"}


def read(text):
    letter = read_email_order(f"3 x TEA-001{text}", SHOP, TODAY)
    assert letter.lines[0].quantity == 3
    assert letter.lines[0].confidence == 1.0
    issues = {issue.code for issue in letter.issues} & ISSUES
    return (letter.need_by.value if letter.need_by else None), issues


@pytest.mark.parametrize(
    "text",
    [
        " by 15 December",
        " by Tuesday, 15 December",
        " by Tuesday the 15th of December 2026",
        ", bis Dienstag, den 15. Dezember",
        ", not before 5 December, by 15 December",
        ". As per your quotation of 3 November 2026, by 15 December",
        "\nOrdered on our side 3 November 2026\nDelivery date: 15 December 2026",
        "，十二月十五日前到",
        "，二〇二六年十二月十五日前",
        "、12月15日まで",
        ", 12월 15일까지",
        " entro il 15 dicembre",
        ", até 15 de dezembro",
        ", uiterlijk 15 december",
        ", do 15 grudnia",
        ", до 15 декабря",
        " by 15 Dec\n4 x POT-009 by 15 December 2026",
    ],
)
def test_a_day_that_is_asked_for(text):
    assert read(text) == ("2026-12-15", set())


@pytest.mark.parametrize(
    ("text", "issue"),
    [
        (" by 10 December, not before 20 December", "date_unclear"),
        (" not before 20 December but by 10 December", "date_unclear"),
        (" by 10 Dec\n4 x POT-009 by 20 Dec", "dates_differ"),
        (" by 10 December or by Christmas", "dates_differ"),
        (", Lieferung KW 51", "date_unclear"),
        (", 51. KW", "date_unclear"),
        (" in week 51", "date_unclear"),
        (", semaine 51", "date_unclear"),
        ("，第51周", "date_unclear"),
        (" ASAP, at latest next Friday", "date_unclear"),
        (" before Christmas", "date_unclear"),
        (" in time for Easter", "date_unclear"),
        (" within two weeks", "date_unclear"),
        (" innerhalb von 2 Wochen", "date_unclear"),
        (" sous 8 jours", "date_unclear"),
        ("，三天内到", "date_unclear"),
        ("，春节前", "date_unclear"),
        (", до пятницы", "date_unclear"),
        (", uiterlijk vrijdag", "date_unclear"),
        ("，十三月四十日前", "date_unclear"),
    ],
)
def test_a_wish_that_cannot_be_told_is_an_issue(text, issue):
    assert read(text) == (None, {issue})


@given(
    day=st.dates(TODAY - timedelta(days=400), TODAY + timedelta(days=400)),
    form=st.sampled_from(
        [
            " by {0:%-d} {0:%B} {0:%Y}",
            ", spätestens {0:%d.%m.%Y}",
            " before {0:%Y-%m-%d}",
            "，{0:%Y}年{0:%-m}月{0:%-d}日前",
        ]
    ),
)
def test_a_day_that_has_passed_is_an_issue(day, form):
    assert read(form.format(day)) == (day.isoformat(), {"date_passed"} if day < TODAY else set())
