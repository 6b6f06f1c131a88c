"""Shows review rules in the dashboard: write, rehearse, activate."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from erp.access.models import ROLE_NAMES
from erp.access.roles import STAFF
from erp.errors import Invalid
from erp.once import perform
from erp.web.pages import StaffRequest, moment_of, page, start_job, take, words_of
from inventory.models import Warehouse
from orders.order.states import Flag, HoldKind
from orders.rehearsal.apply import preview
from orders.rehearsal.views import rehearsed_rule
from orders.review.actions.review_again import begin_review
from orders.review.actions.rules import activate_rule, deactivate_rule, write_rule
from orders.review.decisions.conditions import OPERATORS
from orders.review.decisions.rules import Effects, effects_of
from orders.review.fields import FIELDS, NAMES, NUMBER, TEXT, YES_NO
from orders.review.models import ReviewRule, RuleRevision, SplitBy
from orders.review.rule_wording import WORDS, does, sentence_of, text_of
from orders.review.rulebook import current
from orders.routing.models.carriers import CarrierOption, ShippingService

BLANK_ROWS = 3


CRUMBS = [("/settings/", gettext_lazy("Settings"))]


LISTS = {"in", "not_in", "any", "none", "all"}


@page("settings.view")
def rules(request: StaffRequest) -> HttpResponse:
    """Every rule with its newest version, and whether one is in force."""
    book = current()
    in_force = set(book.revisions) if book else set()
    rows = []
    for rule in ReviewRule.objects.order_by("code").prefetch_related("revisions"):
        versions = sorted(rule.revisions.all(), key=lambda r: r.version)
        active = next((r for r in versions if r.pk in in_force), None)
        rows.append(
            (
                rule,
                active or versions[-1],
                active,
                versions[-1].version if active and versions[-1] != active else 0,
            )
        )
    rows.sort(key=lambda row: (row[2] is None, row[1].priority, row[0].code))
    context = {
        "rows": [
            (rule, shown, active, newer, sentence_of(shown.condition), does(shown))
            for rule, shown, active, newer in rows
        ],
        "may_edit": "settings.edit" in request.actor.verbs,
        "crumbs": CRUMBS,
    }
    return render(request, "orders/rehearsal/rules.html", context)


@never_cache
@page("settings.view")
def rule_page(request: StaffRequest, code: str = "") -> HttpResponse:
    """One rule: what it says, its versions, and what it would have done to the orders of some days."""
    rule = ReviewRule.objects.filter(code=code).first() if code else None
    if code and rule is None:
        raise Http404
    versions = list(rule.revisions.select_related("by").order_by("-version")) if rule else []
    if request.method == "POST":
        return _write(request, rule, versions)
    return _rule_page(request, rule, versions, _shown(rule, versions[0] if versions else None))


@dataclass(frozen=True)
class RuleForm(Effects):
    """A rule as its form has it: numbers as they were typed, a flat condition as rows, any other as JSON."""

    code: str = ""
    name: str = ""
    match: str = "all"
    cel: str = ""
    tree: str = ""
    rows: Sequence[tuple[str, str, str]] = ()
    priority: int | str = 100
    hold_minutes: int | str = 0
    tags: str = ""
    gift_units: int | str = 1
    starts_at: str = ""
    ends_at: str = ""


def _write(
    request: StaffRequest, rule: ReviewRule | None, versions: list[RuleRevision]
) -> HttpResponse:
    if "settings.edit" not in request.actor.verbs:
        raise Http404
    asked = request.POST
    said = RuleForm(
        code=rule.code if rule else asked.get("code", "").strip(),
        name=asked.get("name", ""),
        match=asked.get("match", "all"),
        cel=asked.get("cel", "").strip(),
        tree=asked.get("tree", "").strip(),
        rows=list(
            zip(asked.getlist("field"), asked.getlist("op"), asked.getlist("value"), strict=False)
        ),
        priority=asked.get("priority", "100"),
        stop=asked.get("stop") == "1",
        approve=asked.get("approve") == "1",
        hold=asked.get("hold", ""),
        hold_minutes=asked.get("hold_minutes", "0"),
        second_review=asked.get("second_review") == "1",
        tags=asked.get("tags", ""),
        flag=asked.get("flag", ""),
        service=asked.get("service", ""),
        warehouse=asked.get("warehouse", ""),
        split=asked.get("split", ""),
        merge=asked.get("merge") == "1",
        gift=asked.get("gift", ""),
        gift_units=asked.get("gift_units", "1"),
        carrier=asked.get("carrier", ""),
        notify=asked.get("notify", ""),
        starts_at=asked.get("starts_at", ""),
        ends_at=asked.get("ends_at", ""),
    )
    try:
        revision = perform(
            write_rule,
            code=said.code,
            name=said.name,
            condition=_tree(said),
            priority=_whole(said.priority),
            hold_minutes=_whole(said.hold_minutes),
            tags=said.tags.replace("，", ",").split(","),
            gift_units=_whole(said.gift_units),
            starts_at=moment_of(said.starts_at),
            ends_at=moment_of(said.ends_at),
            **effects_of(said),
            by=request.actor,
            now=timezone.now(),
        )
    except Invalid as wrong:
        return _rule_page(request, rule, versions, said, why=words_of(wrong), status=422)
    return redirect(f"/settings/rules/{revision.rule.code}/?days=30#rehearsal")


def _rule_page(
    request: StaffRequest,
    rule: ReviewRule | None,
    versions: list[RuleRevision],
    said: RuleForm,
    *,
    why: str = "",
    status: int = 200,
) -> HttpResponse:
    book = current()
    in_force = set(book.revisions) if book else set()
    days = request.GET.get("days", "")
    told, many = (
        rehearsed_rule(request, rule, versions[0])
        if rule and versions and not why
        else (None, False)
    )
    rows = [*said.rows, *[("", "", "")] * BLANK_ROWS]
    return render(
        request,
        "orders/rehearsal/rule.html",
        {
            "rule": rule,
            "said": said,
            "rows": rows,
            "why": why,
            "crumbs": [*CRUMBS, ("/settings/rules/", _("Rules"))],
            "versions": [
                (r, r.pk in in_force, sentence_of(r.condition), does(r)) for r in versions
            ],
            "is_in_force": any(r.pk in in_force for r in versions),
            "fields": [(field.name, field.label) for field in FIELDS.values()],
            "operators": [
                (op, WORDS[op])
                for op in dict.fromkeys(
                    o for kind in (TEXT, NUMBER, NAMES, YES_NO) for o in OPERATORS[kind]
                )
            ],
            "services": [
                ("", _("As chosen by the customer")),
                *{
                    code: (code, name)
                    for code, name in ShippingService.objects.order_by("code").values_list(
                        "code", "name"
                    )
                }.values(),
            ],
            "senders": [
                ("", _("Automatic routing")),
                *Warehouse.objects.filter(is_active=True)
                .order_by("priority", "pk")
                .values_list("code", "name"),
            ],
            "splits": [("", _("Nothing")), *SplitBy.choices],
            "carriers": [
                ("", _("Automatic")),
                *dict(
                    CarrierOption.objects.filter(is_active=True)
                    .order_by("carrier")
                    .values_list("carrier", "name")
                ).items(),
            ],
            "told_roles": [("", _("Nobody")), *((role, ROLE_NAMES[role]) for role in STAFF)],
            "hold_kinds": HoldKind.choices,
            "flags": Flag.choices,
            "told": told,
            "many": many,
            "days": days or "30",
            "may_edit": "settings.edit" in request.actor.verbs,
        },
        status=status,
    )


@never_cache
@page("settings.edit")
def apply_to_open(request: StaffRequest) -> HttpResponse:
    """What the rules in force would do to the open orders now; asked for, it is done as a job."""
    if request.method == "POST":
        return start_job(request, begin_review, language=get_language() or "")
    context = {
        "told": preview(now=timezone.now()),
        "crumbs": [*CRUMBS, ("/settings/rules/", _("Review rules"))],
    }
    return render(request, "orders/rehearsal/apply_rules.html", context)


@require_POST
@page("settings.edit")
def force(request: StaffRequest, code: str, version: int) -> HttpResponse:
    """Put a version of a rule in force."""
    revision = RuleRevision.objects.filter(rule__code=code, version=version).first()
    if revision is None:
        raise Http404
    return take(
        request,
        activate_rule,
        _("Rule activated."),
        f"/settings/rules/{code}/",
        revision_id=revision.pk,
    )


@require_POST
@page("settings.edit")
def retire(request: StaffRequest, code: str) -> HttpResponse:
    """Take a rule out of force."""
    rule = ReviewRule.objects.filter(code=code).first()
    if rule is None:
        raise Http404
    return take(
        request,
        deactivate_rule,
        _("Rule deactivated."),
        f"/settings/rules/{code}/",
        rule_id=rule.pk,
    )


def _shown(rule: ReviewRule | None, revision: RuleRevision | None) -> RuleForm:
    """A version as the form has it: a flat condition as rows, any other as JSON."""
    if rule is None or revision is None:
        return RuleForm()
    said = RuleForm(
        priority=revision.priority,
        hold_minutes=revision.hold_minutes,
        gift_units=revision.gift_units,
        code=rule.code,
        name=rule.name,
        tags=", ".join(revision.tags),
        starts_at=_typed(revision.starts_at),
        ends_at=_typed(revision.ends_at),
        **effects_of(revision),
    )
    tree = revision.condition
    cel = [part for part in tree.get("all", [tree]) if "cel" in part]
    if len(cel) == 1:  # an expression beside rows
        said = replace(said, cel=cel[0]["cel"])
        rest = [part for part in tree.get("all", []) if "cel" not in part]
        tree = rest[0] if len(rest) == 1 and "any" in rest[0] else {"all": rest}
    kind = next(iter(tree), "")
    parts = tree.get(kind) if kind in {"all", "any"} else [tree] if "field" in tree else None
    if isinstance(parts, list) and all("field" in part for part in parts):
        rows = [(part["field"], part["op"], text_of(part["value"])) for part in parts]
        return replace(said, match=kind if kind in {"all", "any"} else "all", rows=rows)
    whole = json.dumps(revision.condition, ensure_ascii=False, indent=2)
    return replace(said, tree=whole, cel="")


def _tree(said: RuleForm) -> object:
    """The condition that a form says: its JSON where there is some, else its rows."""
    if said.tree:
        try:
            return json.loads(said.tree)
        except (ValueError, RecursionError):
            return None
    parts = []
    for name, op, value in said.rows:
        if not name:
            continue
        given: object = value.strip()
        text = value.strip()
        if name in FIELDS and FIELDS[name].kind == YES_NO:
            given = {
                "yes": True,
                "是": True,
                "true": True,
                "no": False,
                "否": False,
                "false": False,
            }.get(text.lower(), text)
        elif op in LISTS:
            given = [part.strip() for part in text.replace("，", ",").split(",") if part.strip()]
        parts.append({"field": name, "op": op, "value": given})
    rows = {"any" if said.match == "any" and parts else "all": parts}
    if not said.cel:
        return rows
    return {"all": [*(parts if "all" in rows else [rows]), {"cel": said.cel}]}


def _typed(moment: datetime | None) -> str:
    """A moment as a field of day and time holds it, in the reader's zone."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}" if moment else ""


def _whole(text: object) -> int:
    text = str(text).strip()
    return int(text) if text.isdecimal() and len(text) < 8 else -1
