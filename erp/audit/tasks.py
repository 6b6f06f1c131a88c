"""Proves the invariants every night."""

from time import monotonic

from celery import shared_task
from django.utils import timezone

from erp.audit.actions import claim_proof, note_audit
from erp.audit.proof import prove_at_once
from erp.audit.queries import is_audit_due
from erp.once import perform
from erp.turns import takes_a_place

OPTIONS = {"ignore_result": True, "acks_late": True, "soft_time_limit": 800, "time_limit": 840}


@shared_task(name="erp.tasks.prove_nightly", **OPTIONS)
@takes_a_place("rounds", alone="prove_nightly")
def prove_nightly(**_: object) -> None:
    """Prove every invariant once a night, and note what came of it; asked every ten minutes."""
    now = timezone.now()
    if not is_audit_due(now) or not perform(claim_proof, now=now):
        return
    began = monotonic()
    findings = prove_at_once()
    perform(note_audit, findings=findings, seconds=monotonic() - began, now=now)
