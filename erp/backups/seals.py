"""Encrypts what a backup holds to public keys, and reads it with the private one (age; SSH keys will do).

What is sealed passes through as it comes: no readable copy of it is ever on disk.
"""

import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

import pyrage

BLOCK = 1 << 20


class Unsealable(Exception):
    """A key that is none, or one that does not open this backup; the message says which."""


class Recipient(Protocol):
    """A public key."""


class Identity(Protocol):
    """A private key."""


def recipients_of(texts: Sequence[str]) -> list[Recipient]:
    """Read public keys: "age1…", or a line of an SSH public key. Raises Unsealable."""
    return [_recipient(text.strip()) for text in texts if text.strip()]


def _recipient(text: str) -> Recipient:
    kind = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    try:
        return cast(Recipient, kind.Recipient.from_str(text))
    except pyrage.RecipientError as error:
        raise Unsealable(f"This is no public key of age or SSH: {text[:40]}") from error


def identities_of(file: Path) -> list[Identity]:
    """Read the private keys of a file as `age-keygen` or `ssh-keygen` write it. Raises Unsealable."""
    try:
        text = file.read_text()
    except (OSError, UnicodeError) as error:
        raise Unsealable(f"The file of the private key cannot be read: {error}") from error
    try:
        if "PRIVATE KEY-----" in text:
            return [cast(Identity, pyrage.ssh.Identity.from_buffer(text.encode()))]
        lines = [line.strip() for line in text.splitlines()]
        keys = [line for line in lines if line and not line.startswith("#")]
        found = [cast(Identity, pyrage.x25519.Identity.from_str(key)) for key in keys]
    except pyrage.IdentityError as error:
        raise Unsealable(
            f"{file} holds no private key of age or SSH without a password."
        ) from error
    if not found:
        raise Unsealable(f"{file} holds no private key.")
    return found


class Counted:
    """A writer that counts and hashes what passes through it to a file."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.size, self.hash = file, 0, hashlib.sha256()

    def write(self, block: bytes) -> int:
        self.hash.update(block)
        self.size += len(block)
        self.file.write(block)
        return len(block)

    def flush(self) -> None:
        self.file.flush()


def store(source: IO[bytes], path: Path, recipients: Sequence[Recipient]) -> tuple[str, int]:
    """Write all that comes to a file that only its owner reads; return its SHA-256 and its size."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        counted = Counted(file)
        if recipients:
            pyrage.encrypt_io(source, counted, list(recipients))
        else:
            while block := source.read(BLOCK):
                counted.write(block)
        file.flush()
        os.fsync(file.fileno())
    return counted.hash.hexdigest(), counted.size


@contextmanager
def opened(path: Path, identities: Sequence[Identity] | None) -> Iterator[IO[bytes]]:
    """Read a file of a backup as it was before it was sealed; no identities: it is not sealed.

    Raises Unsealable when the body ends, where it could not be opened to its end.
    """
    if identities is None:
        with path.open("rb") as file:
            yield file
        return
    failures: list[Exception] = []
    out, into = os.pipe()
    thread = threading.Thread(target=_unseal, args=(path, into, identities, failures), daemon=True)
    thread.start()
    try:
        with os.fdopen(out, "rb") as readable:
            yield readable
            readable.read()  # what is left: an end that was cut off shows there
    except Exception as error:
        thread.join()
        if _is_reason(failures):
            raise _unsealable(path, failures) from error
        raise
    thread.join()
    if failures:
        raise _unsealable(path, failures)


def _is_reason(failures: Sequence[Exception]) -> bool:
    """Whether it could not be opened: whoever stops reading makes the writer fail as well."""
    return bool(failures) and not isinstance(failures[0], OSError)


def _unsealable(path: Path, failures: Sequence[Exception]) -> Unsealable:
    return Unsealable(f"{path.name} cannot be opened with this private key: {failures[0]}")


def _unseal(
    path: Path, into: int, identities: Sequence[Identity], failures: list[Exception]
) -> None:
    with os.fdopen(into, "wb") as writable, path.open("rb") as sealed:
        try:
            pyrage.decrypt_io(sealed, writable, list(identities))
        except Exception as error:
            failures.append(error)
