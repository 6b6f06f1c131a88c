"""Packs the files that are kept beside the database (logos, pictures) into a backup, and puts them back."""

import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import Storage


@contextmanager
def packed(storage: Storage) -> Iterator[IO[bytes]]:
    """Read the files of a storage as an archive; one that holds nothing is an empty one.

    Raises OSError at its end, where a file could not be read.
    """
    failures: list[Exception] = []
    out, into = os.pipe()
    thread = threading.Thread(target=_pack, args=(storage, into, failures), daemon=True)
    thread.start()
    with os.fdopen(out, "rb") as readable:
        yield readable
    thread.join()
    if failures:
        raise OSError(f"The files that are kept could not be read: {failures[0]}")


def _pack(storage: Storage, into: int, failures: list[Exception]) -> None:
    with os.fdopen(into, "wb") as writable:
        try:
            with tarfile.open(fileobj=writable, mode="w|") as archive:
                for name in _names(storage):
                    member = tarfile.TarInfo(name)
                    member.size = storage.size(name)
                    member.mtime = int(storage.get_modified_time(name).timestamp())
                    with storage.open(name) as file:
                        archive.addfile(member, file)
        except Exception as error:
            failures.append(error)


def _names(storage: Storage, folder: str = "") -> Iterator[str]:
    """Every file below a folder; links are none."""
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(filter(None, files)):
        path = f"{folder}/{name}" if folder else name
        if not _is_link(storage, path):
            yield path
    for name in sorted(filter(None, folders)):
        path = f"{folder}/{name}" if folder else name
        if not _is_link(storage, path):
            yield from _names(storage, path)


def _is_link(storage: Storage, name: str) -> bool:
    try:
        return Path(storage.path(name)).is_symlink()
    except NotImplementedError:  # only a disk has links
        return False


def holds_files(storage: Storage) -> bool:
    """Whether anything is kept in a storage already. Raises OSError where it cannot be looked into."""
    try:
        return next(_names(storage), None) is not None
    except Exception as error:  # of a store elsewhere, which has errors of its own
        raise OSError(f"The files that are kept could not be read: {error}") from error


def unpack(source: IO[bytes], storage: Storage) -> int:
    """Put the files of an archive back, in place of those of the same name; return how many.

    None is written outside the storage, and no links are made.
    """
    count = 0
    with tarfile.open(fileobj=source, mode="r|") as archive:
        for member in archive:
            content = archive.extractfile(member) if member.isfile() else None
            if content is None:
                continue
            storage.delete(member.name)
            storage.save(member.name, ContentFile(content.read()))
            count += 1
    return count
