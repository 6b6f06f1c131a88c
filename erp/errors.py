"""Defines the refusals that actions raise, in the caller's terms."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class FieldError:
    """One thing wrong with one field. `pointer` is a JSON pointer into what the caller sent."""

    pointer: str
    code: str
    detail: str


def repeated(named: Sequence[Hashable], field: str = "/line") -> list[FieldError]:
    """What is wrong with lines that a body names twice: the last of them would count, in silence."""
    text = gettext("The line is named twice.")
    first = {line: n for n, line in reversed(list(enumerate(named)))}
    return [
        FieldError(f"/lines/{n}{field}", "repeated", text)
        for n, line in enumerate(named)
        if first[line] != n
    ]


@dataclass
class DomainError(Exception):
    """A refusal. Nothing was changed; `code` is stable, `detail` is for people."""

    detail: str = ""
    errors: Sequence[FieldError] = field(default_factory=tuple)

    code = "refused"
    status = 409
    title = _("The request was refused.")

    def __str__(self) -> str:
        return str(self.detail or self.title)

    def extra(self) -> dict[str, object]:
        """More members of the problem document, by subclass."""
        return {}


class Conflict(DomainError):
    code = "conflict"
    title = _("The request conflicts with the present state.")


class InProgress(Conflict):
    code = "in-progress"
    title = _("Another request is changing the same thing; try again.")


class Gone(DomainError):
    code = "gone"
    status = 410
    title = _("This is no longer available.")


class VersionConflict(Conflict):
    code = "version-conflict"
    title = _("Someone else changed it first.")


class PreconditionFailed(VersionConflict):
    status = 412


class Invalid(DomainError):
    code = "validation-error"
    status = 422
    title = _("The request is well formed but cannot be accepted.")


class Malformed(DomainError):
    code = "malformed-request"
    status = 400
    title = _("The request could not be read.")


class TooLarge(Malformed):
    code = "payload-too-large"
    status = 413


class LengthRequired(Malformed):
    code = "length-required"
    status = 411


class Unauthenticated(DomainError):
    code = "unauthenticated"
    status = 401
    title = _("The sender is unknown.")


class NotAllowed(DomainError):
    code = "forbidden"
    status = 403
    title = _("You don't have permission to do this.")


class NotFound(DomainError):
    code = "not-found"
    status = 404
    title = _("Not found.")


class KeyReused(Invalid):
    code = "idempotency-key-reused"
    title = _("This idempotency key was used with another request.")


class KeyMissing(Malformed):
    code = "idempotency-key-missing"
    title = _("This request needs an Idempotency-Key header.")


class PreconditionRequired(DomainError):
    code = "precondition-required"
    status = 428
    title = _("This request needs an If-Match header.")


@dataclass
class RateLimited(DomainError):
    """A key was used more often than it may be in this minute."""

    retry_after_s: int = 60

    code = "rate-limited"
    status = 429
    title = _("Rate limit exceeded; try again later.")


class ChooseAgain(Exception):
    """What was decided on has changed meanwhile: roll back and decide again, under locks."""
