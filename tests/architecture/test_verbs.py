"""A declared verb is whole: its right, its path, its action, its words and its state are all there."""

import ast
import inspect
import subprocess
import sys

import msgspec
import polib
from django.utils import translation

from erp.access.roles import NOUNS as RIGHTS
from erp.lists.page import bulk_verbs
from erp.management.commands.verbs import page
from erp.verbs import as_said, fields_of, noun_named, verbs_of
from erp.wiring import LISTS, NOUNS, VERBS, resolve
from tests.architecture import guards
from tests.architecture.each import of_each

DECLARED = [(noun, verb) for noun in NOUNS for verb in verbs_of(noun)]
each_verb = of_each(DECLARED)


def test_every_noun_has_verbs_and_every_declaration_is_wired():
    assert set(VERBS) == set(NOUNS)
    wired = {name.rpartition(".")[0] for names in VERBS.values() for name in names}
    modules = {
        ".".join(path.relative_to(guards.ROOT).with_suffix("").parts)
        for path in guards.modules(*guards.APPS)
        if path.stem.endswith("verbs")
    }
    assert wired == modules


@of_each(NOUNS)
def test_names_and_paths_are_not_given_twice(noun):
    names = [verb.name for verb in verbs_of(noun)]
    paths = [verb.address for verb in verbs_of(noun)]

    assert len(set(names)) == len(names)
    assert len(set(paths)) == len(paths)


@each_verb
def test_its_right_is_one_that_roles_can_have(noun, verb):
    of, _, right = verb.right.partition(".")

    assert right in RIGHTS[of]


@each_verb
def test_its_action_takes_what_it_gives(noun, verb):
    """Where the body's fields are the arguments, the action has them all; and always the noun's id, by and now."""
    parameters = inspect.signature(verb.action).parameters
    given = {verb.on(noun_named(noun)), "by", "now"}
    if verb.arguments is as_said:
        given |= {one.name for one in fields_of(verb.body)}
    if any(p.kind is p.VAR_KEYWORD for p in parameters.values()):
        return
    assert given <= set(parameters)


@each_verb
def test_it_may_start_somewhere(noun, verb):
    machine = noun_named(noun).machine
    if verb.state:
        assert machine is not None
        assert verb.state in machine.transitions


@each_verb
def test_a_button_asks_for_all_that_the_body_needs(noun, verb):
    """A verb with a button has a dialog from its declaration: what it requires is asked for there."""
    if verb.place:
        missing = [
            one.name
            for one in fields_of(verb.body)
            if not one.is_optional and not one.ask.label and one.ask.control != "hidden"
        ]
        assert missing == []


@of_each(NOUNS)
def test_bulk_gives_the_action_what_it_takes(noun):
    """A job keeps the arguments by their names: they have to be the action's own."""
    for bulk in bulk_verbs(noun):
        parameters = inspect.signature(bulk.action).parameters
        assert {bulk.target, *(field.name for field in bulk.fields)} <= set(parameters), bulk.name
        required = {
            name
            for name, p in parameters.items()
            if p.default is p.empty and name not in {bulk.target, "by", "now"}
        }
        assert required <= {field.name for field in bulk.fields}, bulk.name


def test_lists_name_nouns_that_there_are():
    nouns = {resolve(name).noun for name in LISTS.values()} - {""}

    assert nouns <= set(NOUNS)


@each_verb
def test_its_words_are_translated(noun, verb):
    catalogue = polib.pofile(str(guards.ROOT / "locale/zh_Hans/LC_MESSAGES/django.po"))
    known = {entry.msgid for entry in catalogue if entry.msgstr}
    with translation.override("en"):
        said = [str(verb.label), str(verb.done), *map(str, verb.sentences.values())]
        said += [str(one.ask.label) for one in fields_of(verb.body) if one.ask.label]
    assert [text for text in said if text not in known] == []


@each_verb
def test_its_body_refuses_what_it_does_not_know(noun, verb):
    assert issubclass(verb.body, msgspec.Struct)
    assert verb.body.__struct_config__.forbid_unknown_fields


def appended(tree):
    """The kinds of event that a module appends to a timeline, where they are literals."""
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func).rpartition(".")[2] == "append_event"
        ):
            for keyword in node.keywords:
                if keyword.arg == "kind":
                    yield from (
                        c.value
                        for c in ast.walk(keyword.value)
                        if isinstance(c, ast.Constant)
                        and isinstance(c.value, str)
                        and not c.value.endswith(".")  # the head of a pattern
                    )


def test_every_step_of_an_order_is_said_in_words():
    from orders.order.wording import event_text

    unsaid = set()
    for path in guards.modules(*guards.APPS):
        for kind in appended(guards.tree_of(path)):
            text = event_text(kind, {})
            if text == kind:
                unsaid.add((guards.relative(path), kind))
    assert unsaid == set()


def test_a_step_that_nobody_words_is_found():
    """The test above looks where it should: a planted kind has no words."""
    from orders.order.wording import event_text

    tree = ast.parse(
        "append_event(order_id=1, kind='escalated' if x else 'calmed', by=by, now=now)"
    )

    assert list(appended(tree)) == ["escalated", "calmed"]
    assert event_text("escalated", {}) == "escalated"


def test_the_page_says_what_is_declared():
    assert (guards.ROOT / "docs/verbs.md").read_text() == page(), "run `make verbs`"


def test_declarations_load_without_the_rest():
    """A low room's pages look up the verbs of the rooms above when they are asked for, not when they load."""
    code = (
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE']='erp.settings'; django.setup();"
        "import orders.order.document, sys; assert 'orders.changes.verbs' not in sys.modules"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=guards.ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
