"""Notes what came of proving the invariants."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from erp.audit.models import AuditRun
from erp.audit.proof import Finding
from erp.once import OnceKey, claim

KEPT = timedelta(days=400)


@transaction.atomic(savepoint=False)
def claim_proof(*, now: datetime) -> bool:
    """Claim this hour's proof for one worker; return whether it is ours."""
    return claim(OnceKey("tick:audit", f"{now:%Y-%m-%dT%H}"))


@transaction.atomic(savepoint=False)
def note_audit(*, findings: Sequence[Finding], seconds: float, now: datetime) -> AuditRun:
    """Note which invariants held and which did not; notes older than 400 days go."""
    found = {finding.law.code: finding.breaches for finding in findings if finding.breaches}
    AuditRun.objects.filter(at__lt=now - KEPT).delete()
    return AuditRun.objects.create(
        at=now, seconds=seconds, laws=len(findings), broken=len(found), found=found
    )
