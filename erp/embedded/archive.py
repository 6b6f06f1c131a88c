"""Has PostgreSQL keep its log, so that a point in time can be restored."""

from pathlib import Path


def archiving(folder: Path) -> list[str]:
    """PostgreSQL's settings that keep its log in a folder (its manual, 25.3.1); at most a minute is lost.

    A segment that is kept already is not written again, and is an error where it is another one.
    """
    kept, part = f"{folder}/%f.gz", f"{folder}/.%f.part"
    command = (
        f"umask 077; if [ -e '{kept}' ]; then gzip -dc '{kept}' | cmp -s - '%p'; else"
        f" gzip -1 <'%p' >'{part}' && sync '{part}' && mv '{part}' '{kept}'; fi"
    )
    return ["archive_mode=on", "archive_timeout=60s", f"archive_command={command}"]
