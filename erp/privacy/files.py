"""Erases a person from files: mails that an installation without a mail server writes to its disk."""

from pathlib import Path

from django.conf import settings

from erp.privacy.person import Found

LARGEST = 20 * 1024 * 1024


def erase_files(person: Found) -> int:
    """Delete the mails on this machine's disk that name a person; return how many.

    Where EMAIL_URL names a server there are none.
    """
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", "") or "")
    words = [word.encode() for word in person.get("contacts", ())]
    if not words or not getattr(settings, "EMAIL_FILE_PATH", "") or not folder.is_dir():
        return 0
    gone = 0
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.stat().st_size <= LARGEST and _names(path, words):
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def _names(path: Path, words: list[bytes]) -> bool:
    content = path.read_bytes()
    return any(word in content for word in words)
