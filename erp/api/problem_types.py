"""Lists the types of problem documents: when each is answered, and what the caller does then."""

from collections.abc import Iterator
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from erp.errors import DomainError
from erp.shapes import Words


class ProblemType(NamedTuple):
    """A type of problem, as docs/api.md lists it and as its page at /docs/problems/ shows it."""

    statuses: tuple[int, ...]
    when: Words
    advice: Words


MEND = _("Mend what the errors point at, and send the request again.")
MEND_CALL = _("Mend the request as its documentation says, and send it again.")
READ_AGAIN = _("Read it again, decide on what it is now, and send a new request.")
NOT_AGAIN = _("Don't repeat the request as it is: it would be refused again.")
LOOK = _("Read the detail and the present state first; the same request may be refused again.")
WAIT = _("Wait as long as Retry-After says, and send the same request again.")
ASK = _("Ask whoever manages the API keys for one that may do this.")
LATER = _("Send the same request again later, with the same idempotency key.")

PROBLEM_TYPES = {
    "malformed-request": ProblemType(
        (400,), _("body, cursor or parameter cannot be read, or is unknown"), MEND
    ),
    "idempotency-key-missing": ProblemType(
        (400,),
        _("the call needs an Idempotency-Key"),
        _("Send a key of your own with each new request, and the same one when you repeat it."),
    ),
    "unauthenticated": ProblemType(
        (401,),
        _("no key, or one that is unknown, revoked or has ended; a signature that is wrong"),
        _("Send a key that is valid as a bearer token; for webhooks, check the secret."),
    ),
    "forbidden": ProblemType((403,), _("the key may not do this"), ASK),
    "not-found": ProblemType(
        (404,),
        _("there is no such thing, or it is another channel's"),
        _("Check the address, and that the key is of the right channel."),
    ),
    "method-not-allowed": ProblemType(
        (405,), _("the address takes other methods: Allow"), MEND_CALL
    ),
    "not-acceptable": ProblemType((406,), _("no answer of the kind that is asked for"), MEND_CALL),
    "gone": ProblemType(
        (410,),
        _("it was there, and is no more"),
        _("Stop asking for it; of events, begin anew without “after”."),
    ),
    "version-conflict": ProblemType(
        (409, 412), _("somebody else changed it first; 412 by If-Match"), READ_AGAIN
    ),
    "length-required": ProblemType(
        (411,), _("the body does not state its length"), _("Send it with a Content-Length.")
    ),
    "payload-too-large": ProblemType(
        (413,), _("the body is too large"), _("Send it in several smaller requests.")
    ),
    "unsupported-media-type": ProblemType(
        (415,), _("the body is of another type than JSON"), MEND_CALL
    ),
    "validation-error": ProblemType(
        (422,), _("read, and cannot be accepted: errors say what"), MEND
    ),
    "idempotency-key-reused": ProblemType(
        (422,),
        _("the key was used with another request"),
        _("Use a new key for a new request."),
    ),
    "precondition-required": ProblemType(
        (428,),
        _("the call needs If-Match"),
        _("Read it, and send its ETag as If-Match."),
    ),
    "rate-limited": ProblemType(
        (429,), _("more calls in a minute than the key has: Retry-After"), WAIT
    ),
    "conflict": ProblemType((409,), _("what is asked contradicts what is"), LOOK),
    "refused": ProblemType((409,), _("likewise, for a reason that detail says"), LOOK),
    "second-person-needed": ProblemType(
        (409,),
        _(
            "above the limit another person approves than proposed it: reason is own-proposal or"
            " job-above-limit. A key is the person who created it"
        ),
        _("Have somebody else approve it, by their own sign-in or key."),
    ),
    "in-progress": ProblemType(
        (409,), _("another call is changing the same: try again after Retry-After"), WAIT
    ),
    "illegal-transition": ProblemType((409,), _("not from this status"), READ_AGAIN),
    "insufficient-stock": ProblemType(
        (409,),
        _("too few units: errors name each SKU"),
        _("Ask for fewer units, or wait until more have come."),
    ),
    "duplicate-external-id": ProblemType(
        (409,), _("the order is here already, with another body"), NOT_AGAIN
    ),
    "payment-reference-used": ProblemType((409,), _("the payment is another order's"), NOT_AGAIN),
    "already-shipped": ProblemType((409,), _("it has left"), NOT_AGAIN),
    "too-late-to-change": ProblemType((409,), _("the order is too far along"), NOT_AGAIN),
    "changed-meanwhile": ProblemType(
        (409,), _("the order is no longer what was previewed"), READ_AGAIN
    ),
    "edited-meanwhile": ProblemType((409,), _("the field is no longer what was shown"), READ_AGAIN),
    "cannot-combine": ProblemType((409,), _("these orders cannot be merged"), NOT_AGAIN),
    "taken-by-another": ProblemType((409,), _("somebody else has claimed it"), READ_AGAIN),
    "order-stopped": ProblemType(
        (409,),
        _("the order is stopped: nothing of it leaves"),
        _("Release the order first; then send the request again."),
    ),
    "frozen-for-count": ProblemType(
        (409,),
        _("the bin is being counted"),
        _("Send the request again when the count has ended."),
    ),
    "not-capturable": ProblemType((409,), _("the payment does not hold that much"), LOOK),
    "not-refundable": ProblemType((409,), _("the payment does not hold that much"), LOOK),
    "internal": ProblemType((500,), _("a failure of ours"), LATER),
    "unavailable": ProblemType((503,), _("the database is not there just now"), LATER),
}


def title_of(code: str) -> Words:
    """What a type of problem is called: as its refusal says, else when it is answered."""
    titles = (kind.title for kind in _refusals(DomainError) if kind.code == code)
    return next(titles, PROBLEM_TYPES[code].when)


def _refusals(kind: type[DomainError]) -> Iterator[type[DomainError]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _refusals(one)
