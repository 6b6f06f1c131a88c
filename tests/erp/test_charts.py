"""Charts: true to their values, read aloud by their table, drawn for any range."""

import re
from decimal import Decimal

import pytest

from erp.web.charts import bars, lines, spark, stacked


def heights(svg: str) -> list[float]:
    return [float(h) for h in re.findall(r'<rect[^>]* height="([\d.]+)"', svg)]


def test_bars_are_as_high_as_their_values():
    chart = bars([("a", Decimal(10)), ("b", Decimal(20)), ("c", None)], title="Sales", unit="CNY")

    a, b, c = heights(chart.svg)
    assert b == pytest.approx(2 * a, rel=0.02)
    assert c < 1
    assert chart.rows == [("a", ["10"]), ("b", ["20"]), ("c", ["0"])]
    assert 'role="img"' in chart.svg
    assert 'aria-label="Sales (CNY)"' in chart.svg


def test_a_stack_is_as_high_as_its_sum():
    chart = stacked(["x"], {"one": [3], "two": [6]}, title="T")

    one, two = heights(chart.svg)
    assert two == pytest.approx(2 * one, rel=0.02)
    assert chart.rows == [("x", ["3", "6"])]


@pytest.mark.parametrize(
    "values", [[0], [0, 0], [-5, 5], [1e9, 2.5e9], [0.001, 0.002], [-3], [7] * 90]
)
def test_any_range_can_be_drawn(values):
    labels = [str(i) for i in range(len(values))]
    for chart in (
        bars(
            [(n, Decimal(str(v))) for n, v in zip(labels, values, strict=True)],
            title="T",
            unit="",
        ),
        lines(labels, {"a": values}, title="T"),
    ):
        assert len(chart.rows) == len(values)
        ticks = re.findall(r'text-anchor="end"', chart.svg)
        assert 1 <= len(ticks) <= 12
        for y in re.findall(r' y="(-?[\d.]+)"', chart.svg):
            assert -1 <= float(y) <= 201


def test_names_are_escaped():
    chart = bars([("<b>", Decimal(1))], title='"T"', unit="")

    assert "<b>" not in chart.svg
    assert '""T""' not in chart.svg
    assert spark([1, 3, 2]).count(",") == 3


@pytest.mark.django_db
def test_the_analytics_page_shows_its_chart(sign_in):
    page = sign_in().get("/analytics/").content.decode()

    assert '<svg class="chart"' in page
    assert "Chart(" not in page
