"""Conditions of review rules as tests write them."""

from decimal import Decimal

from hypothesis import strategies as st

from orders.models import (
    Order,
)
from orders.review.decisions.conditions import OPERATORS
from orders.review.fields import FIELDS, NAMES, NUMBER, YES_NO

FACTS = {field.name: field.example for field in FIELDS.values()} | {
    "region": "上海",
    "city": "上海市",
    "postal_code": "200040",
    "total": Decimal("208.80"),
    "units": 3,
    "lines": 2,
    "largest_line": 2,
    "skus": {"TEA-001", "POT-001"},
    "findings": set(),
    "tags": set(),
    "custom": set(),
    "weight_g": 750,
}


def asks(field, op, value):
    return {"field": field, "op": op, "value": value}


numbers = st.integers(-10, 300).map(str)


texts = st.sampled_from(["CN", "web", "de", "上海", "TEA-001", "x"])


def asked_of(name):
    kind = FIELDS[name].kind
    value = {NUMBER: numbers, YES_NO: st.booleans()}.get(kind)
    return st.sampled_from(OPERATORS[kind]).flatmap(
        lambda op: (
            value
            if value is not None
            else st.lists(texts, min_size=1, max_size=3)
            if kind == NAMES or op in {"in", "not_in"}
            else texts
        ).map(lambda said: asks(name, op, said))
    )


trees = st.recursive(
    st.sampled_from(sorted(FIELDS)).flatmap(asked_of),
    lambda inner: st.tuples(
        st.sampled_from(["all", "any", "not"]), st.lists(inner, min_size=1, max_size=3)
    ).map(lambda pair: {pair[0]: pair[1]}),
    max_leaves=8,
)


def kinds(number):
    order = Order.objects.get(number=number)
    return [(h.kind, h.reason) for h in order.holds.filter(released_at=None).order_by("pk")]
