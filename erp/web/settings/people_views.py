"""Shows the settings of people, roles and API keys."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from erp.access import actions
from erp.access.key_purposes import PURPOSES
from erp.access.links import one_time_link
from erp.access.models import ROLE_NAMES, Actor, ApiKey, Channel, User
from erp.access.roles import NOUNS, STAFF, rights_of
from erp.access.sign_in_policy import own_policy
from erp.bounds import read_whole
from erp.client_address import client_address
from erp.errors import Invalid
from erp.form_rows import as_shown
from erp.once import perform
from erp.shapes import Words
from erp.web.pages import SIGNED_IN, StaffRequest, page, take
from erp.web.settings.channel_views import _fields
from erp.web.settings.pages import shown

# People, roles, keys


@page("settings.view", is_sensitive=True, changed_by="settings.edit")
def people(request: StaffRequest) -> HttpResponse:
    """Who signs in; a POST invites somebody and shows the one-time link to give them, once."""
    link = ""
    if request.method == "POST":
        asked = _fields(request, ("username", "name", "email", "role"))
        if not asked["username"] or not asked["name"]:
            raise Invalid(_("Enter a user name and a name."))
        if User.objects.filter(username=asked["username"]).exists():
            raise Invalid(_("This user name is taken."))
        person = perform(actions.add_person, password=None, by=request.actor, **asked)
        link = one_time_link(person.user) if person.user else ""
    rows = Actor.objects.filter(kind="person").select_related("user").order_by("-is_active", "name")
    return shown(request, "people", people=rows, roles=_roles(), link=link)


@require_POST
@page("settings.edit", is_sensitive=True)
def change_person(request: StaffRequest, pk: int) -> HttpResponse:
    person = get_object_or_404(Actor, pk=pk, kind="person")
    return take(
        request,
        as_shown(request.POST, person, actions.change_person, ["role"], ["is_active"]),
        _("Saved."),
        "/settings/people/",
        actor_id=pk,
        role=request.POST.get("role", ""),
        is_active=request.POST.get("is_active") == "1",
    )


@require_POST
@page(SIGNED_IN)
def end_sessions(request: StaffRequest, pk: int) -> HttpResponse:
    """Sign a person out everywhere: oneself, or anybody for who may change settings."""
    mine = pk == request.actor.pk
    back = "/accounts/login/" if mine else "/settings/people/"
    return take(request, actions.end_sessions, _("Signed out everywhere."), back, actor_id=pk)


@page("settings.view", is_sensitive=True, changed_by="settings.edit")
def sign_in_policy(request: StaffRequest) -> HttpResponse:
    """What is asked of people who sign in: second factors by role, networks that they come from."""
    if request.method == "POST":
        return take(
            request,
            actions.change_sign_in_policy,
            _("Saved."),
            request.path,
            second_factor_roles=request.POST.getlist("second_factor_roles"),
            allowed_networks=request.POST.get("allowed_networks", "").split(),
            from_address=client_address(request),
        )
    policy = own_policy()
    return shown(
        request,
        "sign_in",
        roles=[(role, name, role in policy.second_factor_roles) for role, name in _roles()],
        networks="\n".join(policy.allowed_networks),
        address=client_address(request),
        sso=settings.OIDC_ISSUER,
    )


@page("settings.view")
def roles(request: StaffRequest) -> HttpResponse:
    """What each role may do, as a table: a row for each right, a column for each role."""
    names = [role for role, _name in _roles()]
    table = [
        (
            noun,
            [
                (f"{noun}.{verb}", [f"{noun}.{verb}" in rights_of(r) for r in names])
                for verb in verbs
            ],
        )
        for noun, verbs in NOUNS.items()
    ]
    return shown(request, "roles", roles=_roles(), table=table)


def _roles() -> list[tuple[str, Words]]:
    return [(role, ROLE_NAMES[role]) for role in STAFF]


@page("settings.view", is_sensitive=True, changed_by="settings.edit")
def keys(request: StaffRequest) -> HttpResponse:
    """API keys; a POST makes one and shows its secret, only this once."""
    secret = ""
    if request.method == "POST":
        rate = read_whole(request.POST.get("rate", ""), "/rate")
        channel = Channel.objects.filter(code=request.POST.get("channel", "")).first()
        if channel is None:
            raise Invalid(_("Choose a channel."))
        secret = perform(
            actions.create_api_key,
            channel_id=channel.pk,
            by=request.actor,
            now=timezone.now(),
            name=request.POST.get("name", "").strip() or _("API key"),
            purpose=request.POST.get("purpose", ""),
            scopes=request.POST.get("scopes", "").replace(",", " ").split(),
            rate_per_minute=rate,
        )
    rows = ApiKey.objects.select_related("actor__channel").order_by("-pk")[:100]
    channels_ = [(c.code, c.name) for c in Channel.objects.filter(is_active=True).order_by("code")]
    purposes = [(code, p.name) for code, p in PURPOSES.items()]
    return shown(
        request,
        "keys",
        keys=rows,
        secret=secret,
        channels=channels_,
        purposes=purposes,
        abouts=[(p.name, p.about) for p in PURPOSES.values()],
        now=timezone.now(),
    )


@require_POST
@page("settings.edit", is_sensitive=True)
def revoke_key(request: StaffRequest, pk: int) -> HttpResponse:
    return take(request, actions.revoke_api_key, _("Revoked."), "/settings/keys/", key_id=pk)
