"""Declares business verbs, each once; endpoint, OpenAPI, form, bulk action, palette, timeline and tests derive from it.

A room declares its verbs in `verbs.py`, beside the actions they perform. `erp.wiring.VERBS` names these
declarations by noun, so that a page of a low room offers the verbs of the rooms above it.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import UnionType
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.errors import FieldError, Invalid, NotFound
from erp.shapes import Words
from erp.states import StateMachine
from erp.wiring import NOUNS, VERBS, resolve

R = TypeVar("R")  # what a verb is done to
B = TypeVar("B", bound=msgspec.Struct)
M = TypeVar("M", bound=Mapping[str, Any])  # what is remembered of a row

Options = Sequence[tuple[str, Words]]


class NoBody(msgspec.Struct, forbid_unknown_fields=True):
    """Nothing needs to be said."""


@dataclass(frozen=True)
class Ask:
    """How a page asks for a field of a verb's body: the field's annotation carries it.

    label     the label of its control; a field without one is not asked for
    choices   (value, label) to choose from, or a function of what the verb is done to
    control   the kind of control, where the field's type does not tell: "textarea", "hidden"
    unit      stands in parentheses behind the label, given what the verb is done to
    value     what the control holds at first, given what the verb is done to
    read      makes the field's value of a form, given (form, name, what the verb is done to)
    """

    label: Words = ""
    choices: Options | Callable[[Any], Options] = ()
    control: str = ""
    hint: Words = ""
    unit: Callable[[Any], str] | None = None
    value: Callable[[Any], object] | None = None
    read: Callable[[QueryDict, str, Any], object] | None = None

    def options(self, row: object) -> Options:
        """What can be chosen, for what the verb is done to."""
        return self.choices(row) if callable(self.choices) else self.choices


def separated(said: QueryDict, name: str, _row: object) -> list[str] | None:
    """A form's words parted by commas, of either width."""
    return re.split(r"[,，]", str(said[name])) if name in said else None


def units_in(said: QueryDict, name: str) -> int:
    """A form's units: 0 where nothing is said. Raises Invalid for what is no whole number."""
    text = str(said.get(name, "")).strip()
    if not text:
        return 0
    if not text.isascii() or not text.isdecimal() or len(text) > 7:
        raise Invalid(
            errors=[FieldError(f"/{name}", "malformed", _("A quantity is a whole number."))]
        )
    return int(text)


@dataclass(frozen=True)
class FieldAsked:
    """A field of a body: its name, its type without None, how a page asks for it, whether it may be left out."""

    name: str
    type: object
    ask: Ask
    is_optional: bool
    allows_none: bool


@cache
def fields_of(body: type[msgspec.Struct]) -> tuple[FieldAsked, ...]:
    """The fields of a body, in its order."""
    hints = get_type_hints(body, include_extras=True)
    return tuple(_asked(one, hints[one.name]) for one in msgspec.structs.fields(body))


def _asked(one: msgspec.structs.FieldInfo, hint: object) -> FieldAsked:
    ask = Ask()
    if get_origin(hint) is Annotated:
        hint, *extras = get_args(hint)
        ask = next((extra for extra in extras if isinstance(extra, Ask)), ask)
    allows_none = False
    if get_origin(hint) in {Union, UnionType}:
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        allows_none, hint = len(kinds) < len(get_args(hint)), kinds[0]
    if get_origin(hint) is Literal:
        hint = str
    return FieldAsked(one.name, hint, ask, not one.required, allows_none)


def as_said(row: object, body: msgspec.Struct, by: Actor) -> Mapping[str, object]:
    """The action's arguments are the body's fields."""
    return msgspec.structs.asdict(body)


class Done(NamedTuple, Generic[M]):
    """What is to be taken back: how the row was before, and what the action was told."""

    before: M
    arguments: Mapping[str, object]


@dataclass(frozen=True)
class Bulk:
    """That a verb can be done to many rows of a list, each in a transaction of its own.

    label    on its button, where it is not the verb's
    asks     the fields that are asked for; without any, all that a page asks for
    before   what is remembered of a row before it is done, and `undo`, the action that takes it back: it takes the
             noun's argument and what was `done`, a Done
    """

    label: Words = ""
    asks: Sequence[str] = ()
    before: Callable[..., Mapping[str, object]] | None = None
    undo: Callable[..., object] | None = None


@dataclass(frozen=True)
class Verb(Generic[R, B]):
    """One thing that can be done to a business object.

    name        as it stands in allowed_actions; its endpoint's and its page's last part unless `path` says otherwise
    action      performs it: keyword-only, given the noun's argument, `arguments`, `by` and `now`
    right       what its actor needs; the action asks again
    summary     its line in the API's description
    label       on its dialog and in the palette, and on its button unless that has a shorter one (`button`);
                `done` is said when it went well
    body        what has to be said; `arguments` makes the action's of it, given (row, body, actor)
    state       the transition of the noun's machine that says from where it may start; "" from anywhere
    offered     whether it would be accepted, beyond its state and the right, given the facts of allowed_actions;
                a verb that only a query could tell this of is not listed there: `is_listed` is False
    why_not     what keeps an actor from it although their right and its state do not, in words, given (row, actor,
                now): its button says so and is off, and a document's allowed_actions leave it out
    path        its endpoint below the noun's
    argument    the action's argument that takes the primary key, where it is not the noun's
    shows       makes the answer of what the action returned, given (result, primary key, actor); without it the
                answer is the noun's document
    said        what is said when it went well, where that depends on what the action returned, instead of `done`
    undo        the address that a POST to takes it back, given the row
    is_version_required  whether a call must name the version it changes, in If-Match (428 without)
    is_sensitive  it takes data away: on a page, whoever entered their password some time ago enters it again first
    place       where its button stands: "head" or "more" of the noun's page; "" where the page has a form of its own
    sentences   what its steps say on the timeline, by kind of event
    """

    name: str
    action: Callable[..., object]
    right: str
    summary: str
    label: Words
    done: Words
    # A type variable has no default (Python 3.13 has them): a verb that is given no body is a Verb[R, NoBody].
    body: type[B] = NoBody  # type: ignore[assignment]
    arguments: Callable[[R, B, Actor], Mapping[str, object]] = as_said
    state: str = ""
    offered: Callable[[Any], bool] | None = None
    is_listed: bool = True
    why_not: Callable[[R, Actor, datetime], str] | None = None
    path: str = ""
    argument: str = ""
    status: int = 200
    is_key_required: bool = False
    is_version_required: bool = False
    shows: Callable[[Any, int, Actor], object] | None = None
    said: Callable[[Any], Words] | None = None
    bulk: Bulk | None = None
    undo: Callable[[R], str] | None = None
    place: str = ""
    button: Words = ""
    is_grave: bool = False
    is_sensitive: bool = False
    warning: Words = ""
    sentences: Mapping[str, Words] = field(default_factory=dict)

    def hindrance(self, row: R, actor: Actor) -> str:
        """What keeps an actor from it now, in words; "" where nothing does."""
        return self.why_not(row, actor, timezone.now()) if self.why_not else ""

    def on(self, noun: "Noun[R]") -> str:
        """The action's argument that takes the primary key of what it is done to."""
        return self.argument or noun.argument

    @property
    def address(self) -> str:
        """The last part of its endpoint."""
        return self.path or self.name.replace("_", "-")


@dataclass(frozen=True)
class Noun(Generic[R]):
    """What verbs are done to, and how one of it is found, shown and locked.

    path       its endpoint, with the names by which one is found: "orders/<str:number>"
    argument   the argument of its actions that takes a primary key
    find       (actor, *names) -> row; raises NotFound for what the actor may not know of
    show       (primary key, actor) -> its document, the answer of its verbs
    lock       locks a row and returns it with its version, which If-Match is compared with
    page       the address of a row's page
    right      who may look at it
    """

    name: str
    path: str
    argument: str
    right: str
    find: Callable[..., R]
    show: Callable[[int, Actor], object]
    page: Callable[[R], str] | None = None
    machine: StateMachine | None = None
    lock: Callable[[int], Any] | None = None

    @property
    def api_path(self) -> str:
        """Its endpoint as documentation writes it: "orders/{number}"."""
        return re.sub(r"<\w+:(\w+)>", r"{\1}", self.path)

    def verb(self, name: str) -> Verb[R, Any]:
        """Its verb of this name; raises NotFound."""
        for verb in verbs_of(self.name):
            if verb.name == name:
                return verb
        raise NotFound

    def may_start(self, verb: Verb[R, Any], status: str) -> bool:
        """Whether a verb may start in a status."""
        if not verb.state or self.machine is None:
            return True
        return status in self.machine.transitions[verb.state][0]


@cache
def noun_named(name: str) -> Noun[Any]:
    """The noun that verbs are declared for under this name."""
    found: Noun[Any] = resolve(NOUNS[name])
    return found


@cache
def verbs_of(noun: str) -> tuple[Verb[Any, Any], ...]:
    """Every verb of a noun, of whatever room, in the order that pages and allowed_actions have them."""
    return tuple(verb for name in VERBS.get(noun, ()) for verb in resolve(name))


@cache
def _startable(noun: str, status: str, rights: frozenset[str]) -> tuple[Verb[Any, Any], ...]:
    found = noun_named(noun)
    return tuple(
        verb
        for verb in verbs_of(noun)
        if verb.is_listed and verb.right in rights and found.may_start(verb, status)
    )


def allowed_verbs(noun: str, status: str, facts: object, actor: Actor) -> list[Verb[Any, Any]]:
    """The verbs that would be accepted from an actor now, as far as `facts` tell."""
    startable = _startable(noun, status, frozenset(actor.verbs))
    return [verb for verb in startable if verb.offered is None or verb.offered(facts)]


def startable_verbs(
    noun: str, status: str, row: object = None, actor: Actor | None = None
) -> list[str]:
    """The names of the verbs that may start in a status, whoever asks; with an actor, less those kept from them."""
    found = noun_named(noun)
    verbs = [verb for verb in verbs_of(noun) if verb.is_listed and found.may_start(verb, status)]
    if actor is None:
        return [verb.name for verb in verbs]
    return [verb.name for verb in verbs if not verb.hindrance(row, actor)]


@cache
def sentences_of(noun: str) -> Mapping[str, Words]:
    """What the steps of a noun's verbs say on its timeline, by kind of event."""
    return {kind: said for verb in verbs_of(noun) for kind, said in verb.sentences.items()}
