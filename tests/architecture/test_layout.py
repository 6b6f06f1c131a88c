"""Rules of the house that no off-the-shelf linter knows."""

import re

import pytest

from erp import wiring
from erp.access.roles import NOUNS, ROLES, rights_of
from erp.states import StateMachine
from tests.architecture import guards
from tests.architecture.each import of_each
from tests.architecture.guards import relative

MODULES = guards.modules()
MACHINES = guards.machines()


@of_each(MODULES)
def test_only_actions_write_to_the_database(module):
    assert guards.writes(module) == []


@of_each([*MODULES, *guards.modules("demo", "bench", "faults")])
def test_modules_stay_readable(module):
    assert guards.too_long(module) == []


@of_each([*MODULES, *guards.modules("demo", "bench", "faults", "tests")])
def test_lines_can_be_read_beside_others(module):
    found = guards.long_lines(module)
    assert len(found) == guards.WHOLE_LINES.get(relative(module), 0), found


def test_a_long_line_is_found(tmp_path):
    path = tmp_path / "long.py"
    path.write_text(f"x = 1\n# {'a' * 119}\n# {'a' * 118}\n")
    assert guards.long_lines(path) == ["long.py:2: 121 characters"]


@of_each(m for m in MODULES if guards.is_action(m) and m.parent.name != "events")
def test_every_public_action_is_documented_and_takes_keywords_only(module):
    assert guards.undocumented(module) == []


@of_each(m for m in MODULES if guards.is_edge(m))
def test_edges_call_actions_only_through_perform(module):
    assert guards.direct_calls(module) == []


@of_each(MODULES)
def test_every_module_opens_with_a_sentence(module):
    assert not guards.says_nothing(module), "say in one sentence what is in it"


def test_every_name_on_the_wiring_page_is_real():
    names = [name for names in wiring.SUBSCRIPTIONS.values() for name in names]
    names += [*wiring.FINDERS, *wiring.LISTS.values()]
    names += [source for _label, source in wiring.TEMPLATES.values()]
    names += [name for names in wiring.TIMELINES.values() for name in names]
    names += [*wiring.LAWS, *wiring.QUEUES, *wiring.SEARCHES, wiring.TODAY, wiring.SAMPLE]
    names += [name for names in wiring.PANELS.values() for name in names]
    names += list(wiring.EXPANDS.values())
    names += [*wiring.JOBS.values(), *wiring.FINDINGS.values(), *wiring.SHEETS, *wiring.WATCHES]
    names += [*wiring.PAPERS.values(), wiring.OWED, *wiring.CAUSES.values()]
    names += [name for _fact, name in wiring.EVENT_FACTS.values()]
    names += [*wiring.BACKLOGS, *wiring.METRICS]
    names += [wiring.resolve(name).replay for name in wiring.BACKLOGS]

    for name in names:
        assert wiring.resolve(name) is not None


def test_every_task_of_the_schedule_is_found_by_a_worker():
    from erp.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES)
def test_every_state_of_a_life_can_be_reached(machine):
    assert guards.unreachable(machine) == set()


@pytest.mark.parametrize("role", ROLES)
def test_every_role_names_rights_that_exist(role):
    assert guards.unknown_rights([*ROLES[role], *rights_of(role)], NOUNS) == []


@of_each(MODULES)
def test_rights_that_actions_require_exist(module):
    assert guards.unknown_rights(guards.required_rights(module), NOUNS) == []


@of_each(MODULES)
def test_modules_are_called_after_what_is_in_them(module):
    assert not guards.is_drawer(module)
    assert guards.gerund(module) == ""


@of_each(m for m in MODULES if guards.is_decision(m))
def test_decisions_import_no_framework(module):
    assert guards.frameworks(module) == set()


QUOTING = [
    path
    for folder in ("bench", "demo", "faults", "tests")
    for path in sorted((guards.ROOT / folder).rglob("*.py"))
]


@of_each(QUOTING)
def test_python_in_strings_imports_what_there_is(module):
    assert guards.lost_imports(module) == []


class TestTheGuardsSee:
    """Each guard, shown a breach: one that finds nothing where something is would be worse than none."""

    def planted(self, tmp_path, name: str, text: str):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    @pytest.mark.parametrize("name", ["views.py", "stock_api.py", "gateway.py", "decisions/a.py"])
    def test_a_write_outside_the_actions(self, tmp_path, name):
        text = "def f(row, picture):\n    picture.save(stream)\n    row.save()\n"
        found = guards.writes(self.planted(tmp_path, name, text))
        assert [f.rpartition(":")[2] for f in found] == ["3 .save()"]
        assert guards.writes(self.planted(tmp_path, "actions/hold.py", text)) == []

    def test_a_module_that_is_too_long(self, tmp_path):
        assert guards.too_long(self.planted(tmp_path, "a.py", "x = 1\n" * 400)) == []
        assert guards.too_long(self.planted(tmp_path, "a.py", "x = 1\n" * 401))

    def test_an_action_without_a_word_or_with_positions(self, tmp_path):
        text = "@transaction.atomic(savepoint=False)\ndef hold(order_id): ...\ndef _own(a): ...\n"
        assert len(guards.undocumented(self.planted(tmp_path, "actions.py", text))) == 2

    @pytest.mark.parametrize("name", ["api.py", "rule_views.py", "gateway.py", "commands/x.py"])
    def test_an_edge_that_calls_an_action(self, tmp_path, name):
        text = (
            "from orders.order.actions import holds\n"
            "from orders.order.actions.life import cancel_order\n"
            "perform(cancel_order, order_id=1)\n"
            "def on_event(*, event, now):\n    cancel_order(order_id=1)\n"
            "def page(request):\n    cancel_order(order_id=1)\n    holds.hold_order(order_id=1)\n"
        )
        module = self.planted(tmp_path, name, text)
        assert guards.is_edge(module)
        found = guards.direct_calls(module)
        assert [re.sub(r"^\S+:", "", f) for f in found] == [
            "7 cancel_order()",
            "8 holds.hold_order()",
        ]

    def test_a_module_without_a_sentence(self, tmp_path):
        assert guards.says_nothing(self.planted(tmp_path, "a.py", "x = 1\n"))
        assert not guards.says_nothing(self.planted(tmp_path, "a.py", '"""So."""\nx = 1\n'))
        assert not guards.says_nothing(self.planted(tmp_path, "a.py", ""))

    @pytest.mark.parametrize("name", ["decisions.py", "decisions/routing.py"])
    def test_a_decision_that_asks_the_database(self, tmp_path, name):
        module = self.planted(tmp_path, name, "from django.db import models\nimport celery.app\n")
        assert guards.is_decision(module)
        assert guards.frameworks(module) == {"django", "celery"}

    def test_python_in_a_string_that_imports_what_is_gone(self, tmp_path):
        text = "SEED = 'from orders.models import Order\\nfrom orders.actions import place_order'\n"
        text += "MORE = 'from orders.models import Odrer'\n"
        module = self.planted(tmp_path, "a.py", text)
        assert guards.lost_imports(module) == ["a.py: orders.actions", "a.py: orders.models.Odrer"]

    def test_a_state_that_no_life_comes_to(self):
        life = StateMachine("x", "new", {"end": ({"new"}, "over"), "wake": ({"asleep"}, "new")})
        assert guards.unreachable(life) == {"asleep"}

    def test_a_right_that_nobody_has(self, tmp_path):
        module = self.planted(
            tmp_path, "actions.py", 'require(by, "orders.hodl")\nrequire(by, verb.right)\n'
        )
        assert guards.required_rights(module) == ["orders.hodl"]
        names = ["orders.hodl", "orders.*", "orders.hold", "owls.*"]
        assert guards.unknown_rights(names, {"orders": ("hold",)}) == ["orders.hodl", "owls.*"]

    @pytest.mark.parametrize(
        ("name", "word"),
        [
            ("orders/collecting.py", "collecting"),
            ("orders/carrying_out/telling.py", "telling"),
            ("orders/rejoining/__init__.py", "rejoining"),
            ("orders/pricing/__init__.py", ""),
            ("orders/rule_wording.py", ""),
            ("orders/string.py", "string"),
            ("orders/lists.py", ""),
        ],
    )
    def test_a_name_that_is_no_thing(self, tmp_path, name, word):
        assert guards.gerund(tmp_path / name) == word

    def test_a_drawer(self, tmp_path):
        assert guards.is_drawer(tmp_path / "orders/utils.py")
        assert not guards.is_drawer(tmp_path / "orders/holds.py")

    def test_every_life_is_found(self):
        assert {name.rpartition(".")[2] for name in MACHINES} == {
            "ORDER",
            "RESERVATION",
            "DOCUMENT",
            "COUNT",
            "TERMS",
            "TRANSFER",
            "PURCHASE",
            "DRAFT",
            "FULFILLMENT_ORDER",
            "RETURN",
            "REFUND",
            "LIMIT",
        }

    def test_every_app_has_edges_and_actions(self):
        for app in guards.APPS[:-1]:
            assert [m for m in guards.modules(app) if guards.is_edge(m)], app
            assert [m for m in guards.modules(app) if guards.is_action(m)], app
