"""Shows message templates, previews and messages to send again."""

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from erp.messages.compose import rendered
from erp.messages.models import Message
from erp.web.pages import StaffRequest, page, take
from erp.web.settings.pages import shown
from erp.wiring import READER, TEMPLATES, resolve

# Messages


@page("settings.view")
def message_templates(request: StaffRequest) -> HttpResponse:
    """What customers are told, as they would read it; and what could not be sent."""
    chosen = request.GET.get("template", "confirmed")
    if chosen not in TEMPLATES:
        raise Http404
    language = request.GET.get("language", request.LANGUAGE_CODE)
    language = language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    sample = _sample(chosen, language, request)
    failed = Message.objects.exclude(status="sent").order_by("-pk")[:50]
    return shown(
        request,
        "messages",
        chosen=chosen,
        language=language,
        languages=settings.LANGUAGES,
        failed=[(message, _recipient(message, request)) for message in failed],
        templates=[(name, label) for name, (label, _source) in TEMPLATES.items()],
        subject=sample[0] if sample else "",
        text=sample[1] if sample else "",
    )


@xframe_options_sameorigin
@csp_replace(
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "frame-ancestors": ["'self'"],
    }
)
@page("settings.view")
def message_preview(request: StaffRequest, template: str) -> HttpResponse:
    """A message as mail programs show it, made from the newest order that has such a message."""
    language = request.GET.get("language", "en")
    sample = _sample(template, language, request) if template in TEMPLATES else None
    if sample is None:
        raise Http404
    return HttpResponse(sample[2])


def _recipient(message: Message, request: StaffRequest) -> str:
    kind = "phone" if message.medium == Message.Medium.SMS else "email"
    return str(resolve(READER)(request.actor).identity(kind, message.recipient))


def _sample(template: str, language: str, request: StaffRequest) -> tuple[str, str, str] | None:
    """A message as it would be written of the newest example, as far as somebody may read it."""
    context = resolve(TEMPLATES[template][1])()
    if not context:
        return None
    context = resolve(READER)(request.actor).message(context)
    channel_id = getattr(context.get("order"), "channel_id", None)
    return rendered(template, language, context, {}, channel_id=channel_id)


@require_POST
@page("settings.edit")
def send_again(request: StaffRequest, pk: int) -> HttpResponse:
    from erp.messages.send import queue_again

    return take(
        request, queue_again, _("It will be sent again."), "/settings/messages/", message_id=pk
    )
