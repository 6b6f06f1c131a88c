"""Review rules: written as data, kept in every version, rehearsed on real orders before they act."""

import io
import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone
from hypothesis import given

from bench.rehearsing import DATA, compare, footprint, wrong_of
from erp.access.actions import create_api_key, ensure_ground
from erp.access.queries import job_actor
from erp.errors import Conflict, Invalid
from erp.once import perform
from orders.models import (
    ChannelPolicy,
    Decision,
    Order,
    RuleBook,
    RuleRevision,
    ShippingService,
)
from orders.order.tasks import end_holds
from orders.rehearsal.replay import replay
from orders.rehearsal.rules import past_orders, rehearse
from orders.review.actions.rules import activate_rule, deactivate_rule, write_rule
from orders.review.decisions.conditions import (
    BadCondition,
    Group,
    decisive,
    holds,
    parse,
)
from orders.review.decisions.rules import Rule, evaluate
from orders.review.fields import FIELDS, NUMBER
from orders.review.rule_wording import trace
from orders.review.rulebook import compiled, current, plain_facts, rules_of
from tests.conftest import ApiClient, build_shop, empty_database, order_body, owner_cursor
from tests.orders.rules import FACTS, asks, kinds, trees


class TestConditions:
    @pytest.mark.parametrize(
        ("tree", "true"),
        [
            ({"all": []}, True),
            (asks("total", "gte", "208.80"), True),
            (asks("total", "gt", "208.80"), False),
            (asks("country", "in", ["cn", "de"]), True),
            (asks("city", "starts", "上海"), True),
            (asks("postal_code", "contains", "99"), False),
            (asks("skus", "any", ["tea-001", "x"]), True),
            (asks("skus", "all", ["TEA-001", "X"]), False),
            (asks("skus", "none", ["X"]), True),
            (asks("backordered", "is", False), True),
            ({"not": [asks("customer_is_new", "is", True)]}, False),
            (
                {
                    "any": [
                        asks("units", "gt", "9"),
                        {"all": [asks("lines", "eq", "2"), asks("channel", "ne", "desk")]},
                    ]
                },
                True,
            ),
        ],
    )
    def test_what_is_true(self, tree, true):
        assert holds(parse(tree), FACTS) is true

    @pytest.mark.parametrize(
        ("tree", "path", "code"),
        [
            ([], "", "not_a_condition"),
            ({"all": {}}, "all", "not_a_list"),
            ({"any": []}, "any", "empty"),
            (
                {"all": [asks("total", "gt", "1"), asks("colour", "eq", "x")]},
                "all/1/field",
                "unknown_field",
            ),
            (asks("total", "starts", "1"), "op", "unknown_operator"),
            (asks("total", "gt", "many"), "value", "not_a_number"),
            (asks("total", "gt", "NaN"), "value", "not_a_number"),
            (asks("backordered", "is", "yes"), "value", "not_yes_or_no"),
            (asks("country", "eq", ["CN", "DE"]), "value", "one_text"),
            (asks("country", "in", [""]), "value", "not_a_text"),
            ({"field": "total", "op": "gt"}, "", "not_a_condition"),
            ({"all": [asks("units", "gt", "1")] * 101}, "all/100", "too_many"),
        ],
    )
    def test_what_cannot_be_asked_is_refused_by_where_it_is(self, tree, path, code):
        with pytest.raises(BadCondition) as refusal:
            parse(tree)
        assert (refusal.value.path, refusal.value.code) == (path, code)

    def test_it_is_not_nested_without_end(self):
        tree = asks("units", "gt", "1")
        for _ in range(8):
            tree = {"all": [tree]}
        with pytest.raises(BadCondition, match="too_deep"):
            parse(tree)


@given(trees)
def test_what_decides_decides(tree):
    """Were only the decisive tests asked, the answer would be the same; a group of them is never empty."""
    if _depth(tree) > 6:
        with pytest.raises(BadCondition, match="too_deep"):
            parse(tree)
        return
    node = parse(tree)
    true = holds(node, FACTS)
    found = decisive(node, FACTS)
    assert found
    if (
        isinstance(node, Group)
        and node.kind != "not"
        and not any(isinstance(x, Group) for x in node.of)
    ):
        assert {holds(t, FACTS) for t in found} == {true}
    negated = parse({"not": [tree]}) if _depth(tree) < 6 else None
    if negated is not None:
        assert holds(negated, FACTS) is not true


def _depth(tree):
    kind = next(iter(tree))
    return 1 + max(map(_depth, tree[kind])) if kind in {"all", "any", "not"} else 0


def rule(code, tree, **does):
    return Rule(code=code, version=1, condition=parse(tree), **does)


def test_by_priority_until_one_says_stop():
    always = {"all": []}
    rules = [
        rule("late", always, priority=200, hold="review"),
        rule("first", always, priority=1, tags=("a", "b"), flag="red"),
        rule("stop", always, priority=100, tags=("b", "c"), flag="blue", stop=True, approve=True),
        rule("never", asks("units", "gt", "99"), priority=1, hold="fraud"),
    ]

    done = evaluate(rules, FACTS)

    assert done.matched == [("first", 1), ("stop", 1)]
    assert (done.holds, done.tags, done.flag, done.approves) == (
        [],
        ["a", "b", "c"],
        "red",
        True,
    )


@pytest.mark.django_db(transaction=True)
class TestInForce:
    def test_a_rule_holds_tags_and_says_so(self, api, write, laws_hold):
        write(
            "big",
            asks("total", "gt", "100"),
            hold="review",
            hold_minutes=30,
            tags=["vip"],
            flag="red",
        )

        big = api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).json()
        small = api.post("orders", order_body(lines=[{"sku": "MUG-001", "quantity": 1}])).json()

        assert kinds(big["number"]) == [("review", "rule:big")]
        assert (big["flag"], Order.objects.get(number=big["number"]).tags) == ("red", ["vip"])
        assert small["status"] == "confirmed"
        (asked,) = Decision.objects.filter(order__number=big["number"], kind="rules")
        assert asked.outcome["matched"] == [["big", 1]]
        assert asked.inputs["facts"]["total"] == "141.00"
        assert [r["code"] for r in asked.reasons] == ["rule_matched"]
        Order.objects.get(number=big["number"]).holds.update(until=timezone.now())
        end_holds()
        assert Order.objects.get(number=big["number"]).status == "confirmed"
        laws_hold()

    def test_a_rule_approves_what_is_doubtful_never_what_is_certain(self, api, write, shop):
        ChannelPolicy.objects.update(review="hold")
        body = order_body()
        body["shipping_address"]["postal_code"] = "1"
        held = api.post("orders", body).json()["number"]
        assert kinds(held) == [("address", "postal_code_malformed")]
        write("home", asks("country", "eq", "CN"), approve=True)

        body = order_body()
        body["shipping_address"]["postal_code"] = "1"
        assert api.post("orders", body).json()["status"] == "confirmed"
        customer = {"name": "x", "email": "x@y.example", "phone": ""}
        api.post("orders", order_body(customer=customer))
        Order.objects.last().customer.__class__.objects.update(is_blocked=True)
        blocked = api.post("orders", order_body(customer=customer)).json()["number"]
        assert ("customer", "customer_blocked") in kinds(blocked)

    def test_finance_looks_after_everybody_else(self, api, write):
        write("check", asks("total", "gte", "100"), hold="review", second_review=True)
        number = api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).json()[
            "number"
        ]
        assert kinds(number) == [("review", "rule:check"), ("finance", "rule:check")]

    def test_new_customers_are_told_from_known_ones_in_a_batch_too(self, api, write):
        write("new", asks("customer_is_new", "is", True), tags=["new"])
        customer = {"name": "Li", "email": "li@tea.example", "phone": "", "external_id": "7"}
        lines = [{"sku": "MUG-001", "quantity": 1}]
        orders = [order_body(customer=customer, lines=lines) for _ in range(3)]

        rows = api.post("orders/bulk", {"orders": orders}).json()["data"]

        tags = [Order.objects.get(number=row["order"]["number"]).tags for row in rows]
        assert tags == [["new"], [], []]

    def test_a_rule_says_how_and_where_from_it_ships(self, api, write, shop, laws_hold):
        ShippingService.objects.create(
            code="express", name="Express", currency="CNY", fee=Decimal(30)
        )
        write("fast", asks("total", "gte", "100"), service="express", warehouse="south")
        fast, slow, pot = (
            Order.objects.get(
                number=api.post("orders", order_body(lines=[{"sku": sku, "quantity": n}])).json()[
                    "number"
                ]
            )
            for sku, n in (("TEA-001", 3), ("MUG-001", 1), ("POT-001", 1))
        )

        def sent(order):
            routed = Decision.objects.get(order=order, kind="routing")
            return (
                order.shipping_service,
                routed.outcome["warehouses"],
                routed.reasons[0]["code"],
            )

        assert sent(fast) == ("express", ["south"], "by_rule")
        assert fast.shipping == Decimal("10.62")  # as its customer agreed to: 12.00 with tax
        assert sent(slow)[:2] == ("standard", ["east"])
        assert sent(pot)[:2] == ("express", ["east"])  # the south has none
        assert replay().differing == []
        laws_hold()

    def test_versions_are_kept_and_a_book_is_what_counted(self, api, write, system):
        first = write("big", asks("total", "gt", "1000"), hold="review")
        old = api.post("orders", order_body()).json()["number"]
        second = write("big", asks("total", "gt", "1"), hold="review")
        assert (first.version, second.version) == (1, 2)
        assert write("big", asks("total", "gt", "1"), hold="review", in_force=False) == second

        new = api.post("orders", order_body()).json()["number"]

        assert (kinds(old), kinds(new)) == ([], [("review", "rule:big")])
        books = [d.inputs["book"] for d in Decision.objects.filter(kind="rules").order_by("pk")]
        assert [[r.version for r in rules_of(book)] for book in books] == [[1], [2]]
        with pytest.raises(Conflict):
            perform(activate_rule, revision_id=second.pk, by=system, now=timezone.now())
        perform(deactivate_rule, rule_id=second.rule_id, by=system, now=timezone.now())
        assert current().revisions == []
        assert kinds(api.post("orders", order_body()).json()["number"]) == []

    def test_every_rule_says_why_and_replaying_gives_the_same(self, api, write, sign_in, shop):
        write(
            "big",
            {"all": [asks("total", "gt", "100"), asks("skus", "any", ["POT-001"])]},
            hold="review",
            tags=["x"],
        )
        write("far", asks("country", "ne", "CN"), flag="red")
        number = api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).json()[
            "number"
        ]
        api.post(
            f"orders/{number}/risk-assessments",
            {"source": "m", "reference": "r", "score": 40.5},
        )
        (asked,) = Decision.objects.filter(kind="rules")

        big, far = trace(asked.inputs["book"], asked.inputs["facts"])

        assert (big.code, big.applied, far.code, far.applied) == ("big", True, "far", False)
        assert big.because == [
            "Total above 100: actual value 141.00",
            "SKUs holds one of pot-001: actual value POT-001",
        ]
        assert far.because == ["Country is not cn: actual value CN"]
        page = sign_in().get(f"/orders/{number}/").content.decode()
        assert "Total above 100: actual value 141.00" in page
        found = replay()
        assert (found.differing, dict(found.others)) == ([], {})
        assert dict(found.agreed) == dict.fromkeys(
            ("pricing/3", "routing/3", "promise/3", "review/2", "rules/1", "risk/1"), 1
        )
        call_command("replay_decisions", kind=["rules"], stdout=io.StringIO())

        with owner_cursor() as cursor:
            cursor.execute("ALTER TABLE orders_decision DISABLE TRIGGER append_only")
            cursor.execute("UPDATE orders_decision SET outcome = '{}' WHERE kind = 'rules'")
            cursor.execute("ALTER TABLE orders_decision ENABLE TRIGGER append_only")
        assert replay().differing == [asked.pk]
        with pytest.raises(SystemExit):
            call_command("replay_decisions", stdout=io.StringIO(), stderr=io.StringIO())

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"condition": asks("total", "gt", "x")}, "/condition/value"),
            ({"hold": "nothing"}, "/hold"),
            ({"hold": ""}, "/hold"),
            ({"flag": "pink"}, "/flag"),
            ({"code": "a b"}, "/code"),
            ({"name": " "}, "/name"),
            ({"service": "rocket"}, "/service"),
            ({"warehouse": "west"}, "/warehouse"),
            ({"priority": -1}, "/priority"),
        ],
    )
    def test_what_is_wrong_is_named(self, shop, system, changes, pointer):
        said = {"code": "c", "name": "n", "condition": {"all": []}, "hold": "review"} | changes
        with pytest.raises(Invalid) as refusal:
            perform(write_rule, by=system, now=timezone.now(), **said)
        assert [e.pointer for e in refusal.value.errors] == [pointer]
        assert not RuleRevision.objects.exists()


@pytest.mark.django_db(transaction=True)
class TestRehearsed:
    RULES = (
        ("big", asks("total", "gt", "100"), {"hold": "review"}),
        (
            "many",
            {"any": [asks("units", "gte", "4"), asks("skus", "any", ["POT-001"])]},
            {"tags": ["heavy"], "flag": "blue"},
        ),
        (
            "again",
            {"all": [asks("customer_orders", "gte", "1"), asks("largest_line", "lt", "3")]},
            {"second_review": True},
        ),
        ("pass", {"not": [asks("channel", "eq", "desk")]}, {"approve": True}),
    )

    def bodies(self, shop):
        """Orders of many kinds, the same ones each time it is asked."""
        made = []
        for n in range(24):
            lines = [{"sku": ("TEA-001", "MUG-001", "POT-001")[n % 3], "quantity": 1}]
            if n % 4 == 0:
                lines.append({"sku": "WRAP", "quantity": 1 + n % 5})
            body = order_body(
                lines=lines,
                customer={"name": "Li", "email": f"c{n % 7}@tea.example", "phone": ""},
            )
            body["shipping_address"]["postal_code"] = "200040" if n % 6 else "1"
            made.append(body)
        return made

    @pytest.mark.parametrize(("code", "tree", "does"), RULES)
    def test_what_is_foretold_is_what_happens(
        self, make_client, shop, system, write, code, tree, does
    ):
        ChannelPolicy.objects.update(review="hold", duplicate_minutes=0, accepts_backorders=True)
        client = make_client()
        for body in self.bodies(shop):
            assert client.post("orders", body).status_code == 201
        draft = write(code, tree, in_force=False, **does)
        before = footprint()

        told = rehearse(
            compiled(draft),
            [],
            since=timezone.now() - timedelta(days=1),
            until=timezone.now() + timedelta(days=1),
        )

        assert footprint() == before
        assert told.orders == 24
        order_of = dict(Order.objects.values_list("number", "pk"))
        first = min(order_of.values())
        foretold = {
            name: sorted(order_of[n] - first for n in getattr(told, name).numbers)
            for name in ("newly_held", "held_no_longer", "newly_marked", "matched")
        }
        held_before = {o.pk - first for o in Order.objects.filter(open_holds__gt=0)}
        assert told.held_before == len(held_before)

        empty_database()
        ensure_ground()
        again = build_shop(by := job_actor("scheduler"))
        ChannelPolicy.objects.update(review="hold", duplicate_minutes=0, accepts_backorders=True)
        draft = perform(
            write_rule,
            code=code,
            name=code,
            condition=tree,
            by=by,
            now=timezone.now(),
            **does,
        )
        perform(activate_rule, revision_id=draft.pk, by=by, now=timezone.now())
        client = ApiClient(
            create_api_key(channel_id=again.web.pk, name="k", by=by, now=timezone.now())
        )
        for body in self.bodies(again):
            assert client.post("orders", body).status_code == 201

        rows = list(Order.objects.order_by("pk"))
        held = {o.pk - rows[0].pk for o in rows if o.open_holds}
        assert held - held_before == set(foretold["newly_held"])
        assert held_before - held == set(foretold["held_no_longer"])
        assert [o.pk - rows[0].pk for o in rows if o.tags or o.flag] == foretold["newly_marked"]
        matched = Decision.objects.filter(kind="rules", outcome__matched__0__0=code)
        assert sorted(d.order_id - rows[0].pk for d in matched) == foretold["matched"]
        assert RuleBook.objects.count() == 1
        self.asks_the_same()

    @pytest.mark.skipif(
        not DATA.exists(), reason="the Online Retail days are not beside this checkout"
    )
    def test_real_days_go_as_foretold(self, ground):
        done = compare(days=3)
        assert done.orders > 200
        assert wrong_of(done) == []
        assert all(told["matched"] for told in done.foretold.values())

    def asks_the_same(self):
        """What was asked of the orders when they were placed is what is asked of them when they are past."""
        recorded = {d.order_id: d.inputs["facts"] for d in Decision.objects.filter(kind="rules")}
        span = (timezone.now() - timedelta(days=1), timezone.now() + timedelta(days=1))
        for past in past_orders(*span):
            asked = plain_facts(past.asked)
            for name, value in recorded[past.id].items():
                if name == "at":
                    continue
                same = (
                    Decimal(asked[name]) == Decimal(value)
                    if FIELDS[name].kind == NUMBER
                    else asked[name] == value
                )
                assert same, (name, asked[name], value)


@pytest.mark.django_db(transaction=True)
class TestPages:
    FORM = {
        "name": "Big orders",
        "code": "big",
        "match": "any",
        "field": ["total", "skus", ""],
        "op": ["gte", "any", "eq"],
        "value": ["100", "POT-001， x", ""],
        "hold": "review",
        "priority": "10",
        "hold_minutes": "0",
        "tags": "vip, big",
    }

    def test_written_rehearsed_put_in_force_and_taken_out(self, api, sign_in, shop):
        big = api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).json()[
            "number"
        ]
        api.post("orders", order_body(lines=[{"sku": "MUG-001", "quantity": 1}]))
        client = sign_in()

        answer = client.post("/settings/rules/new/", self.FORM)

        assert answer["Location"] == "/settings/rules/big/?days=30#rehearsal"
        revision = RuleRevision.objects.get()
        assert revision.condition == {
            "any": [asks("total", "gte", "100"), asks("skus", "any", ["POT-001", "x"])]
        }
        page = client.get("/settings/rules/big/?days=30")
        assert page.context["told"].newly_held.numbers == [big]
        assert (page.context["told"].orders, kinds(big)) == (2, [])
        assert big in page.content.decode()
        assert page.context["rows"][:2] == [
            ("total", "gte", "100"),
            ("skus", "any", "POT-001, x"),
        ]

        client.post("/settings/rules/big/force/1/")
        assert kinds(
            api.post("orders", order_body(lines=[{"sku": "POT-001", "quantity": 1}])).json()[
                "number"
            ]
        )
        assert "In force" in client.get("/settings/rules/").content.decode()
        order = Order.objects.latest("pk")
        shown = client.get(f"/orders/{order.number}/").content.decode()
        assert "The rule “big” applies (version 1)." in shown
        assert "matched by the rule “big”" in shown
        client.post("/settings/rules/big/retire/")
        assert current().revisions == []

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, sign_in, shop):
        client = sign_in()

        answer = client.post("/settings/rules/new/", self.FORM | {"value": ["a lot", "x", ""]})

        assert answer.status_code == 422
        assert "Invalid condition: a lot" in answer.content.decode()
        assert answer.context["said"].tags == "vip, big"
        assert not RuleRevision.objects.exists()
        nested = {"not": [{"any": [asks("units", "gt", "5"), asks("country", "eq", "DE")]}]}
        client.post("/settings/rules/new/", self.FORM | {"tree": json.dumps(nested)})
        assert RuleRevision.objects.get().condition == nested
        page = client.get("/settings/rules/big/").content.decode()
        assert (
            "none of: (Units above 5 or Country is DE)" in page
            or "none of: Units above 5 or Country is DE" in page
        )
        bad = client.post("/settings/rules/big/", self.FORM | {"tree": "{"})
        assert bad.status_code == 422

    def test_who_may_not_change_settings_may_look(self, sign_in, shop):
        sign_in().post("/settings/rules/new/", self.FORM)
        auditor = sign_in("auditor")
        assert auditor.get("/settings/rules/big/?days=1").status_code == 200
        assert auditor.post("/settings/rules/big/", self.FORM).status_code == 404
        assert auditor.post("/settings/rules/big/force/1/").status_code == 403
        assert RuleBook.objects.count() == 0
