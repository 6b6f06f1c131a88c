"""Packs the files that lie on this machine's disk (logos, pictures) into a backup, and puts them back."""

import os
import tarfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def packed(folder: Path) -> Iterator[IO[bytes]]:
    """Read a folder's files as an archive; one that does not exist is an empty one.

    Raises OSError at its end, where a file could not be read.
    """
    failures: list[Exception] = []
    out, into = os.pipe()
    thread = threading.Thread(target=_pack, args=(folder, into, failures), daemon=True)
    thread.start()
    with os.fdopen(out, "rb") as readable:
        yield readable
    thread.join()
    if failures:
        raise OSError(f"The files of {folder} could not be read: {failures[0]}")


def _pack(folder: Path, into: int, failures: list[Exception]) -> None:
    with os.fdopen(into, "wb") as writable:
        try:
            with tarfile.open(fileobj=writable, mode="w|") as archive:
                for path in sorted(folder.rglob("*")):
                    if path.is_file() and not path.is_symlink():
                        archive.add(path, str(path.relative_to(folder)), recursive=False)
        except Exception as error:
            failures.append(error)


def unpack(source: IO[bytes], folder: Path) -> int:
    """Put the files of an archive back, in place of those of the same name; return how many.

    None is written outside the folder, and no links are made.
    """
    count = 0
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=source, mode="r|") as archive:
        for member in archive:
            if member.isfile():
                archive.extract(member, folder, filter="data")
                count += 1
    return count
