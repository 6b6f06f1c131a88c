"""Notes what became of backups and drills; pauses effects and lets them run again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from erp.access.models import Actor
from erp.access.queries import require
from erp.backups.models import BackupRun
from erp.effects.door import ask_anew
from erp.effects.models import EffectsPause
from erp.errors import Conflict
from erp.once import OnceKey, claim
from erp.security.actions import record_security_event


class NotErasedAgain(Conflict):
    """Who was erased after a backup was made is known in it again."""


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
def pause_effects(*, by: Actor, now: datetime, restored_of: datetime | None = None) -> bool:
    """Let nothing leave this installation from now on; return whether anything did until now.

    restored_of   when what it holds was so, where it was recovered by hand
    """
    require(by, "settings.edit")
    ask_anew()
    if EffectsPause.objects.select_for_update().filter(resumed_at=None).exists():
        return False
    EffectsPause.objects.create(at=now, restored_of=restored_of)
    record_security_event(kind="effects_paused", actor=by.pk)
    return True


@transaction.atomic(savepoint=False)
def note_erased_again(*, now: datetime) -> None:
    """Note that everybody was erased again whom the backup still knew: effects may be resumed."""
    EffectsPause.objects.filter(resumed_at=None).update(erased_again_at=now)


@transaction.atomic(savepoint=False)
def resume_effects(*, by: Actor, now: datetime, still_known: int = 0) -> bool:
    """Let mails, webhooks and calls leave again, those that waited too; return whether they were paused.

    still_known   how many people the register of erasures names whom this database does not know as erased

    Raises NotErasedAgain where there are any, or where nobody has looked since it was restored: mails would go to
    people who have asked to be forgotten.
    """
    require(by, "settings.edit")
    paused = EffectsPause.objects.filter(resumed_at=None)
    if still_known:
        raise NotErasedAgain(
            ngettext(
                "%(n)s person whom the register of erasures names has to be erased again first:"
                " manage.py erase_again.",
                "%(n)s people whom the register of erasures names have to be erased again first:"
                " manage.py erase_again.",
                still_known,
            )
            % {"n": still_known}
        )
    if paused.exclude(restored_of=None).filter(erased_again_at=None).exists():
        raise NotErasedAgain(
            _(
                "Since this copy was restored nobody has looked whom it still knows of those who were erased:"
                " run manage.py erase_again first."
            )
        )
    if not paused.update(resumed_at=now, resumed_by_id=by.pk):
        return False
    record_security_event(kind="effects_resumed", actor=by.pk)
    return True
