"""Shows verbs on pages: their buttons and dialogs, and the one view that every form of a verb posts to."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access.models import Actor
from erp.access.reauthentication import must_reauthenticate
from erp.bounds import check_bounds
from erp.errors import FieldError, Invalid, NotFound
from erp.shapes import Words
from erp.verbs import FieldAsked, Noun, Options, Verb, allowed_verbs, fields_of, noun_named
from erp.web.pages import StaffRequest, moment_of, page, take
from erp.web.sign_in import ask_to_reauthenticate

FIELD_TOLD = re.compile(r"`\$\.(\w+)|required field `(\w+)`")
CONTROLS: Mapping[object, str] = {
    int: "number",
    bool: "checkbox",
    datetime: "datetime-local",
    date: "date",
}


@dataclass(frozen=True)
class Control:
    """A field of a verb's dialog."""

    id: str
    name: str
    label: Words
    kind: str
    value: object
    options: Options
    hint: Words
    unit: str
    is_required: bool

    @property
    def inputmode(self) -> str:
        return "numeric" if self.kind == "number" else ""


@dataclass(frozen=True)
class Offer:
    """A verb that a page offers: where its form posts to, and what it asks for."""

    verb: Verb[Any, Any]
    action: str
    controls: list[Control]
    why_not: str = ""  # what keeps this person from it: the button is off and says so

    @property
    def asks(self) -> bool:
        """Whether it opens a dialog instead of acting at once."""
        return bool(self.verb.warning) or any(c.kind != "hidden" for c in self.controls)


@dataclass(frozen=True)
class Offers:
    """What a page offers: verbs with a button of their own, and those in its menu."""

    head: list[Offer]
    more: list[Offer]

    @property
    def names(self) -> set[str]:
        return {offer.verb.name for offer in (*self.head, *self.more)}

    def led_by(self, name: str) -> "Offers":
        """The same, with what is most likely done next in front."""
        return Offers(sorted(self.head, key=lambda o: o.verb.name != name), self.more)

    @property
    def dialogs(self) -> list[Offer]:
        return [offer for offer in (*self.head, *self.more) if offer.asks]


def offers(
    noun_name: str, row: Any, facts: object, actor: Actor, without: Collection[str] = ()
) -> Offers:
    """The verbs that would be accepted from somebody now and that have a button, with their controls."""
    noun = noun_named(noun_name)
    found = [
        Offer(
            verb,
            f"{_page_of(noun, row)}{verb.name}/",
            _controls(verb, row),
            verb.hindrance(row, actor),
        )
        for verb in allowed_verbs(noun_name, getattr(row, "status", ""), facts, actor)
        if verb.place and verb.name not in without
    ]
    return Offers(
        [offer for offer in found if offer.verb.place == "head"],
        [offer for offer in found if offer.verb.place == "more"],
    )


def _page_of(noun: Noun[Any], row: Any) -> str:
    return noun.page(row) if noun.page else "/"


def _controls(verb: Verb[Any, Any], row: Any) -> list[Control]:
    return [
        Control(
            id=f"{verb.name}-{one.name}",
            name=one.name,
            label=one.ask.label,
            kind=_kind(one),
            value=one.ask.value(row) if one.ask.value else "",
            options=one.ask.options(row),
            hint=one.ask.hint,
            unit=one.ask.unit(row) if one.ask.unit else "",
            is_required=not one.is_optional,
        )
        for one in _fields(verb)
        if one.ask.label or one.ask.control == "hidden"
    ]


def _fields(verb: Verb[Any, Any]) -> tuple[FieldAsked, ...]:
    body: type[msgspec.Struct] = verb.body
    return fields_of(body)


def _kind(one: FieldAsked) -> str:
    if one.ask.choices:
        return "select"
    return one.ask.control or CONTROLS.get(one.type, "text")


def verb_view(noun_name: str) -> Callable[..., HttpResponseBase]:
    """The view that the forms of a noun's verbs post to; the address ends with the verb's name."""

    def take_verb(request: StaffRequest, *, verb: str, **names: str) -> HttpResponse:
        noun = noun_named(noun_name)
        try:
            found = noun.verb(verb)
            row = noun.find(request.actor, *names.values())
        except NotFound:
            raise Http404 from None
        if found.is_sensitive and must_reauthenticate(request):
            return ask_to_reauthenticate(request)
        back = _back(request, _page_of(noun, row))
        if stale := _stale(noun, found, row):
            messages.error(request, stale)
            return redirect(back)
        body = body_of_form(_said(request), found.body, row)
        take_back = found.undo
        undo = (lambda _done: take_back(row)) if take_back else None
        arguments = {found.on(noun): row.pk, **found.arguments(row, body, request.actor)}
        done = found.said or (lambda _done: found.done)
        return take(request, found.action, done, back, undo, **arguments)

    return require_POST(page(noun_named(noun_name).right)(take_verb))


def _stale(noun: Noun[Any], verb: Verb[Any, Any], row: object) -> str:
    """Why a button that a page still shows has nothing to do any more; "" where it has."""
    status = getattr(row, "status", None)
    if status is None or noun.may_start(verb, status):
        return ""
    worded = getattr(row, "get_status_display", lambda: status)
    return _("“%(verb)s” is no longer possible: the status is now “%(status)s”.") % {
        "verb": verb.button or verb.label,
        "status": worded(),
    }


def _said(request: StaffRequest) -> QueryDict:
    """What a form says; an undo's address says the rest."""
    said = request.GET.copy()
    for name, values in request.POST.lists():
        said.setlist(name, values)
    return said


def _back(request: StaffRequest, page_of_row: str) -> str:
    back = request.POST.get("back") or page_of_row
    # Browsers read "/\\" as "//": what is another host's is for Django to say.
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours else page_of_row


# Forms


def body_of_form(said: QueryDict, body: type[msgspec.Struct], row: object) -> msgspec.Struct:
    """What a form says, as a verb's body. Raises Invalid naming the field that cannot be read."""
    values = {}
    for one in fields_of(body):
        value = _value(said, one, row)
        if value is not None or (one.allows_none and one.name in said):
            values[one.name] = value
    try:
        said_so = msgspec.convert(values, body)
    except msgspec.ValidationError as wrong:
        raise Invalid(errors=[_wrong_in(body, str(wrong))]) from wrong
    check_bounds(said_so)
    return said_so


def _wrong_in(body: type[msgspec.Struct], told: str) -> FieldError:
    """Which field of a form is missing or wrong, by what the decoder says of it, in the form's own words."""
    found = FIELD_TOLD.search(told)
    name = next(filter(None, found.groups()), "") if found else ""
    label = next((one.ask.label for one in fields_of(body) if one.name == name), "") or name
    detail = _("%(field)s is missing, or cannot be read.") % {"field": label}
    return FieldError(f"/{name}", "malformed", detail)


def _value(said: QueryDict, one: FieldAsked, row: object) -> object:
    """The value of a field, None where the form leaves it out or empty."""
    if one.ask.read is not None:
        return one.ask.read(said, one.name, row)
    if one.name not in said:
        return "" if one.type is str and not one.is_optional else None
    text = str(said[one.name]).strip()
    if one.type is bool:
        return text == "1"
    if one.type is str:
        return text
    reader = READERS.get(one.type)
    if reader is None:
        return None
    if not text:
        return None if one.allows_none or one.is_optional else _unreadable(one)
    value = reader(text)
    return _unreadable(one) if value is None else value


def _unreadable(one: FieldAsked) -> object:
    label = str(one.ask.label or one.name)
    said: Mapping[object, str] = {
        int: _("%(field)s is a whole number."),
        date: _("%(field)s is a day."),
        datetime: _("%(field)s is a day and a time."),
    }
    detail = said[one.type] % {"field": label}  # one of READERS
    raise Invalid(errors=[FieldError(f"/{one.name}", "malformed", detail)])


def _whole(text: str) -> int | None:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(text) < 10 else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except Invalid:
        return None


READERS: Mapping[object, Callable[[str], object]] = {int: _whole, date: _day, datetime: _moment}
