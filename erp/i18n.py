"""Compiles translations at start: `.po` files are committed, `.mo` files are not."""

from pathlib import Path

import polib
from django.conf import settings


def compile_translations() -> int:
    """Compile every catalogue that is newer than its compiled form; return how many were."""
    compiled = 0
    for source in Path(settings.BASE_DIR, "locale").glob("*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            polib.pofile(str(source)).save_as_mofile(str(target))
            compiled += 1
    return compiled
