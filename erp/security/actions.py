"""Records security events: a row, a line of the log and a count."""

import logging
from collections.abc import Mapping

from django.db import transaction

from erp.client_address import network_of
from erp.logs.origin import current_origin
from erp.metrics.tally import count
from erp.rates import within
from erp.security.kinds import EVERY_MINUTE, KINDS, TRIED
from erp.security.models import SecurityEvent

logger = logging.getLogger("erp.security")


class UnknownKind(ValueError):
    """A kind of security event that the catalogue does not have."""


@transaction.atomic(savepoint=False)
def record_security_event(
    *,
    kind: str,
    actor: int | None = None,
    address: str = "",
    facts: Mapping[str, object] | None = None,
) -> None:
    """Record a security event in the caller's transaction; an edge calls it through `perform`.

    actor     the id of the actor who did it; None for whoever the request is known to be from
    address   "" for the request's own
    facts     ids, codes and plain values: never a name, an e-mail address or what somebody typed
    Of what strangers cause by trying, a network has twenty rows a minute; all are counted.
    """
    if kind not in KINDS:
        raise UnknownKind(kind)
    origin = current_origin()
    if origin is not None:
        actor = origin.actor() if actor is None else actor
        address = address or origin.address
    said = dict(facts or {})
    count("security_events", kind)
    if kind in TRIED and not within(f"security:{kind}:{network_of(address)}", EVERY_MINUTE):
        return
    SecurityEvent.objects.create(
        kind=kind,
        actor_id=actor,
        address=address[:45],
        request_id=origin.request_id if origin else "",
        facts=said,
    )
    logger.info(kind, extra={"facts": {"actor": actor, "address": address, "about": said}})
