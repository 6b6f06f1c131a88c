"""What to buy: the arithmetic of one SKU, and how it fares on a real wholesaler's days."""

import pytest

from bench import replenishment as bench
from inventory.replenishment.decisions.replenishment import (
    Facts,
    advise,
    forecast,
    quantile,
    rounded_up,
    without_spikes,
)


def facts(**changes):
    known = {
        "demand": [2.0] * 60,
        "available": 0,
        "incoming": 0,
        "backordered": 0,
        "lead_time_days": 10.0,
    }
    return Facts(**(known | changes))


def codes(advice) -> list[str]:
    return [why["code"] for why in advice.reasons]


def test_steady_demand_is_bought_up_to_lead_time_and_review_with_a_margin():
    advice = advise(facts())

    assert advice.daily_mean == pytest.approx(2.0)
    assert advice.order_up_to > 34  # 17 days at 2 a day
    assert advice.quantity == advice.order_up_to


def test_what_is_on_order_is_not_ordered_again():
    before = advise(facts())

    after = advise(facts(incoming=before.quantity))

    assert after.quantity == 0
    assert codes(after)[-1] == "enough"


def test_units_that_orders_wait_for_are_bought_on_top():
    assert advise(facts(backordered=7)).quantity == advise(facts()).quantity + 7


def test_a_longer_and_a_less_certain_lead_time_need_more():
    usual = advise(facts()).order_up_to

    assert advise(facts(lead_time_days=20.0)).order_up_to > usual
    assert advise(facts(lead_time_sd=5.0)).order_up_to > usual


def test_orders_are_whole_packs_of_at_least_the_least_order():
    assert rounded_up(1, moq=10, pack=6) == 12
    assert rounded_up(13, moq=10, pack=6) == 18
    assert rounded_up(0, moq=10, pack=6) == 0
    assert codes(advise(facts(pack=100)))[-1] == "rounded"


def test_one_bulk_order_does_not_come_every_week():
    demand = [2.0] * 60 + [5000.0]

    cut, spikes = without_spikes(demand)

    assert spikes == 1
    assert max(cut) == 8.0
    assert "spikes_cut" in codes(advise(facts(demand=demand)))


def test_levels_set_by_a_person_hold():
    advice = advise(facts(available=6, reorder_point=5, order_up_to=50))
    assert (advice.quantity, advice.reorder_point) == (0, 5)

    advice = advise(facts(available=5, reorder_point=5, order_up_to=50))
    assert advice.quantity == 45
    assert "set_by_hand" in codes(advice)


def test_nothing_sold_nothing_bought():
    assert advise(facts(demand=[])).quantity == 0
    assert forecast([]) == (0.0, 0.0)


def test_quantiles_grow_with_the_level_and_the_spread():
    assert quantile(10, 10, 0.5) <= quantile(10, 10, 0.95) <= quantile(10, 40, 0.95)
    assert quantile(10_000, 20_000, 0.5) == pytest.approx(10_000, rel=0.01)


@pytest.mark.skipif(not bench.DATA.exists(), reason="the real data set is not beside this checkout")
class TestRealDays:
    """`make bench NAME=replenishment` prints the whole curves."""

    @pytest.fixture
    def demand(self):
        every = bench.daily_demand()
        return {code: every[code] for code in sorted(every)[::6]}

    def test_more_is_served_from_the_same_stock_than_by_plain_rules(self, demand):
        ours = [bench.judge(bench.ours, level, demand) for level in (0.8, 0.95)]
        others = {
            policy: [bench.judge(policy, factor, demand) for factor in (0.5, 1.0, 1.7, 3.0, 5.0)]
            for policy in (bench.min_max, bench.naive)
        }

        for judged in ours:
            for curve in others.values():
                assert judged.fill_rate > bench.at_stock(curve, judged.average_stock)

    def test_nothing_of_the_future_is_seen(self, demand):
        """What a policy decides for a day does not change when everything after it does."""
        seen: list[tuple[int, int]] = []

        def watched(days, knob):
            top = bench.ours(days, knob)
            seen.append((len(days), top))
            return top

        few = dict(list(demand.items())[:40])
        bench.judge(watched, 0.9, few)
        as_it_was, seen = seen, []
        changed = {code: s[:171] + [9e6] * (len(s) - 171) for code, s in few.items()}
        bench.judge(watched, 0.9, changed)

        early = [pair for pair in as_it_was if pair[0] <= 171]
        assert early == [pair for pair in seen if pair[0] <= 171]
        assert as_it_was != seen
