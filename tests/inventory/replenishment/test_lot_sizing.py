"""Order quantities and reorder points equal those of stockpyl 1.0.2 on its own textbook instances.

The instances (Snyder and Shen, Fundamentals of Supply Chain Theory) are read from the shared data;
what stockpyl answers to each is written here.
"""

import json

import pytest

from inventory.replenishment.decisions import lot_sizing
from tests.data import SHARED

FILE = SHARED / "replenishment/stockpyl/stockpyl_instances.json"


pytestmark = pytest.mark.skipif(
    not FILE.exists(), reason="the instances are not beside this checkout"
)


EOQ = {
    "example_3_1": (304.0467800264368, 68.41052550594829),
    "problem_3_1": (1728.1098449935514, 475230.20737322664),
}


EOQ_WITH_BACKORDERS = {
    "example_3_8": (310.81255515896464, 0.0430622009569378, 66.92136355097325),
    "problem_3_2b": (83.23544812889804, 0.4002998500749625, 1999.1482444152125),
}


NEWSVENDOR_NORMAL = {
    "example_4_1": (56.60395592743389, 1.9976051931766445),
    "example_4_3": (56.60395592743389, 1.9976051931766445),
    "problem_4_1": (922.7214038234755, 2718.196781782411),
}


NEWSVENDOR_POISSON = {"problem_4_8a": (19, 786.0884409351079)}


ORDER_UP_TO_POISSON = {
    "example_4_7": (4, 10, 8.034111561471642),
    "problem_4_31": (2, 7, 223.5748295669688),
}


ORDER_UP_TO_NORMAL = {
    "example_4_8": (40.19461695647407, 74.29017010980579),
    "problem_4_32": (226.61379282228387, 324.3797868133974),
}


REORDER_POINT_NORMAL = {
    "example_5_1": (190.3369965715624, 304.0467800264368),
    "problem_5_1": (15.125515371852014, 160.64386578049977),
    "problem_5_3": (652.9638947041127, 390.281949364815),
}


REORDER_POINT_POISSON = {
    "problem_5_2": (6, 7, 28.241312842169155),
    "example_5_8": (3, 5, 107.92358063314975),
}


def instance(name: str) -> dict:
    rows = json.loads(FILE.read_text())["instances"]
    return next(row["data"] for row in rows if row["name"] == name)


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        (function, name, expected)
        for function, answers in (
            (lot_sizing.economic_order_quantity, EOQ),
            (lot_sizing.economic_order_quantity_with_backorders, EOQ_WITH_BACKORDERS),
            (lot_sizing.order_up_to_poisson, ORDER_UP_TO_POISSON),
            (lot_sizing.order_up_to_normal, ORDER_UP_TO_NORMAL),
            (lot_sizing.reorder_point_normal, REORDER_POINT_NORMAL),
            (lot_sizing.reorder_point_poisson, REORDER_POINT_POISSON),
        )
        for name, expected in answers.items()
    ],
)
def test_equals_stockpyl(function, name, expected):
    assert function(**instance(name)) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(("name", "expected"), NEWSVENDOR_NORMAL.items())
def test_newsvendor_normal_equals_stockpyl(name, expected):
    data = instance(name)
    keys = ("holding_cost", "stockout_cost", "demand_mean", "demand_sd")

    assert lot_sizing.newsvendor_normal(*(data[key] for key in keys)) == pytest.approx(
        expected, rel=1e-4
    )


@pytest.mark.parametrize(("name", "expected"), NEWSVENDOR_POISSON.items())
def test_newsvendor_poisson_equals_stockpyl(name, expected):
    data = instance(name)
    keys = ("holding_cost", "stockout_cost", "demand_mean")

    assert lot_sizing.newsvendor_poisson(*(data[key] for key in keys)) == pytest.approx(
        expected, rel=1e-4
    )


def test_a_base_stock_over_a_lead_time_equals_stockpyl():
    data = instance("example_4_4")  # lead time 4: the demand of five periods

    found = lot_sizing.newsvendor_normal(
        data["holding_cost"],
        data["stockout_cost"],
        data["demand_mean"] * 5,
        data["demand_sd"] * 5**0.5,
    )

    assert found == pytest.approx((264.76689437415484, 4.466781004149577), rel=1e-4)
