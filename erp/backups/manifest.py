"""Reads and writes the manifest of a backup: what is in it, and the hash of each of its files."""

import hashlib
import os
from datetime import datetime
from pathlib import Path

import msgspec

from erp.bounds import NO_JSON

FORMAT = 2
FILE = "manifest.json"
DATABASE, FILES, KEYS = "database.dump", "files.tar", "keys.json"
SEALED = ".age"
BLOCK = 1 << 20


class NoBackup(Exception):
    """A folder that holds no backup, or one that is not what its manifest says; the message says why."""


class Part(msgspec.Struct, frozen=True):
    """One file of a backup, as it lies there."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds.

    format        of the backup; a later one than ours is refused
    migrations    "app.name" of those that its database had
    tables        rows by table, counted in the snapshot that was dumped
    is_sealed     whether its files are encrypted
    parts         by file name
    """

    format: int = 1
    made_at: datetime
    migrations: list[str] = []
    tables: dict[str, int]
    is_sealed: bool = False
    parts: dict[str, Part] = {}
    sha256: str = ""  # of the dump, in format 1, which had nothing else

    def file_of(self, part: str) -> str:
        """The name of a part's file; "" where this backup has none."""
        name = part + SEALED if self.is_sealed else part
        return name if name in self.parts else ""


def write_manifest(manifest: Manifest, folder: Path) -> None:
    """Write the manifest to its folder, and have all of it on the disk when this returns."""
    path = folder / FILE
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on the disk when this returns."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a backup, of this format or an earlier one. Raises NoBackup."""
    try:
        manifest = msgspec.json.decode((folder / FILE).read_bytes(), type=Manifest)
    except (OSError, *NO_JSON) as error:
        raise NoBackup(f"{folder} holds no backup: {error}") from error
    if manifest.format > FORMAT:
        raise NoBackup(
            f"{folder} was made by a later version (format {manifest.format}; this one reads {FORMAT})."
        )
    if manifest.format == 1:
        size = (folder / DATABASE).stat().st_size if (folder / DATABASE).exists() else 0
        return msgspec.structs.replace(manifest, parts={DATABASE: Part(manifest.sha256, size)})
    return manifest


def verify(manifest: Manifest, folder: Path) -> None:
    """Compare every file with its hash. Raises NoBackup, which names the file."""
    for name, part in manifest.parts.items():
        if "/" in name or name.startswith("."):
            raise NoBackup(f"The manifest names a file outside the backup: {name}")
        try:
            found = _hash_of(folder / name)
        except OSError as error:
            raise NoBackup(f"{name} of the backup is missing: {error}") from error
        if found != part.sha256:
            raise NoBackup(
                f"{name} is not the one its manifest describes: it was changed or cut off."
            )


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
