"""Compiles translations at start: `.po` files are committed, `.mo` files are not."""

from pathlib import Path

import polib
from django.conf import settings
from django.http import HttpRequest


def compile_translations() -> int:
    """Compile every catalogue that is newer than its compiled form; return how many were."""
    compiled = 0
    for source in Path(settings.BASE_DIR, "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            compiled += 1
    return compiled


def language_chosen(request: HttpRequest) -> str:
    """The language of ours that a browser's cookie names; "" where it names none.

    Django keeps a catalogue of whatever name it is told to speak, for ever: strangers' cookies filled the memory.
    """
    named = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return named if named in dict(settings.LANGUAGES) else ""
