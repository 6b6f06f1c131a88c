"""Reads what became of backups and drills, and finds the backups in their folder."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.apps import apps
from django.conf import settings

from erp.backups.decisions import is_old
from erp.backups.models import BackupRun
from erp.effects.models import EffectsPause
from erp.privacy.register import known_here, places, read_register, to_erase_again
from erp.shapes import Words
from erp.wiring import WAITING

NAMED = "%Y-%m-%dT%H%M%SZ"


def folder_name(at: datetime) -> str:
    """What the backup of a moment is called in BACKUP_DIR."""
    return at.astimezone(UTC).strftime(NAMED)


def backups_in(folder: Path) -> dict[datetime, Path]:
    """The finished backups in a folder, by the moment their name says; nothing else that lies there."""
    found: dict[datetime, Path] = {}
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            at = datetime.strptime(path.name, NAMED).replace(tzinfo=UTC)
        except ValueError:
            continue
        if path.is_dir():
            found[at] = path
    return found


def newest_backup() -> Path | None:
    """The newest finished backup in BACKUP_DIR."""
    found = backups_in(Path(settings.BACKUP_DIR)) if settings.BACKUP_DIR else {}
    return found[max(found)] if found else None


def last_good(kind: str) -> BackupRun | None:
    """The newest backup, or drill, that ended well."""
    return BackupRun.objects.filter(kind=kind, is_good=True).order_by("-began_at").first()


def last_run(kind: str) -> BackupRun | None:
    """The newest backup, or drill, however it ended."""
    return BackupRun.objects.filter(kind=kind).order_by("-began_at").first()


@dataclass(frozen=True)
class Safeguard:
    """How old the last good backup, or drill, is.

    label    what it is called
    at       when it was made; None: never
    since    the same as text
    said     what the newest run found, good or not
    """

    kind: str
    label: Words
    at: datetime | None
    is_old: bool
    said: str

    @property
    def since(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} UTC" if self.at else "–"


def safeguards(now: datetime) -> list[Safeguard]:
    """How old the last good backup and the last good drill are; nothing where no backups are configured."""
    return [_safeguard(kind, now) for kind in BackupRun.Kind] if settings.BACKUP_DIR else []


def _safeguard(kind: BackupRun.Kind, now: datetime) -> Safeguard:
    good, last = last_good(kind), last_run(kind)
    at = good.began_at if good else None
    return Safeguard(kind.value, kind.label, at, is_old(at, now), last.said if last else "")


def open_pause() -> EffectsPause | None:
    """The pause that lasts; None where effects run."""
    return EffectsPause.objects.filter(resumed_at=None).order_by("-at").first()


def still_known(*more: Path) -> int:
    """How many people the register of erasures names whom a restored copy may still know.

    more   further files of the register
    """
    pause = open_pause()
    if pause is None or pause.erased_again_at:
        return 0
    entries = read_register([*places(), *more])
    if pause.restored_of is None:  # restored by hand, maybe: it does not know of them at all then
        return len(entries.keys() - known_here().keys())
    return len(to_erase_again(entries, made_at=pause.restored_of))


def waiting_effects() -> list[tuple[Words, int]]:
    """What would leave at once if effects ran: what it is called, and how many of it."""
    return [
        (name, apps.get_model(model).objects.filter(status=status).count())
        for name, (model, status) in WAITING.items()
    ]
