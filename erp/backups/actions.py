"""Notes what became of backups and drills; pauses effects and lets them run again."""

from datetime import datetime

from django.db import transaction

from erp.access.models import Actor
from erp.access.queries import require
from erp.backups.models import BackupRun
from erp.effects.door import ask_anew
from erp.effects.models import EffectsPause
from erp.once import OnceKey, claim
from erp.security.actions import record_security_event


@transaction.atomic(savepoint=False)
def claim_night(*, what: str, now: datetime) -> bool:
    """Claim the backup, or the drill, of this hour for one worker; return whether it is ours."""
    return claim(OnceKey(f"tick:{what}", f"{now:%Y-%m-%dT%H}"))


@transaction.atomic(savepoint=False)
def begin_run(*, kind: str, name: str, now: datetime) -> BackupRun:
    """Note that a backup or a drill begins."""
    return BackupRun.objects.create(kind=kind, name=name[:120], began_at=now)


@transaction.atomic(savepoint=False)
def end_run(*, run_id: int, wrong: str, said: str, size: int | None, now: datetime) -> None:
    """Note how a backup or a drill ended.

    wrong   what is wrong, in a plain line; "" where all is well
    """
    BackupRun.objects.filter(pk=run_id).update(
        ended_at=now, is_good=not wrong, said=(wrong or said)[:1000], size=size
    )
    if size is not None and not wrong:
        record_security_event(kind="backup_made", facts={"run": run_id, "bytes": size})


@transaction.atomic(savepoint=False)
def pause_effects(*, by: Actor, now: datetime) -> bool:
    """Let nothing leave this installation from now on; return whether anything did until now."""
    require(by, "settings.edit")
    ask_anew()
    if EffectsPause.objects.select_for_update().filter(resumed_at=None).exists():
        return False
    EffectsPause.objects.create(at=now)
    record_security_event(kind="effects_paused", actor=by.pk)
    return True


@transaction.atomic(savepoint=False)
def resume_effects(*, by: Actor, now: datetime) -> bool:
    """Let mails, webhooks and calls leave again, those that waited too; return whether they were paused."""
    require(by, "settings.edit")
    paused = EffectsPause.objects.filter(resumed_at=None)
    if not paused.update(resumed_at=now, resumed_by_id=by.pk):
        return False
    record_security_event(kind="effects_resumed", actor=by.pk)
    return True
