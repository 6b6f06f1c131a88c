"""What a hostile file is, and how packings are made that unpack to far more than they weigh."""

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

MB = 1024 * 1024
HEAD = b"order number,sku,quantity,unit price,order date,total\n"
PAST = b"external_id,sku,quantity,unit_price,placed_at,total\n"  # the same, as imports of history call it
ROW = b"1,S00,1,19.90,2026-01-31,19.90\n"


@dataclass(frozen=True)
class HostileFile:
    """A file that is made to break whoever reads it; the same bytes each time it is made.

    kind   of what it is, or says it is: `ways.WAYS` tells which ways take that
    name   what its sender calls it
    make   its bytes
    """

    title: str
    kind: str
    name: str
    make: Callable[[], bytes]


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An archive whose members bear the names that they are given, whatever those are."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def zip_bomb(name: str, size: int, head: bytes = HEAD, filler: bytes = b"0") -> bytes:
    """An archive of one member that unpacks to so many bytes: one packed piece of it, again and again.

    What it says of its sum is wrong, which only who has unpacked all of it can know.
    """
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(filler * (MB // len(filler))) + packer.flush(zlib.Z_FULL_FLUSH)
    data = first + piece * (size // MB) + packer.flush(zlib.Z_FINISH)
    return _one_member(name.encode(), data, min(len(head) + size // MB * MB, 2**32 - 2))


def _one_member(name: bytes, packed: bytes, unpacked: int) -> bytes:
    """A zip of one member, written by hand: zipfile would unpack it to count it (APPNOTE 4.3)."""
    sizes = len(packed).to_bytes(4, "little") + unpacked.to_bytes(4, "little")
    common = b"\x14\0\0\0\x08\0\0\0\x21\x5c\0\0\0\0" + sizes + len(name).to_bytes(2, "little")
    local = b"PK\x03\x04" + common + b"\0\0" + name + packed
    central = b"PK\x01\x02\x14\0" + common + b"\0" * 16 + name
    where = len(central).to_bytes(4, "little") + len(local).to_bytes(4, "little")
    return local + central + b"PK\x05\x06\0\0\0\0\x01\0\x01\0" + where + b"\0\0"


def taped(name: str, data: bytes = b"", *, says: int | None = None, link: str = "") -> bytes:
    """A tape archive of one file, which may say another length than it has; or of a link."""
    member = tarfile.TarInfo(name)
    member.size = len(data) if says is None else says
    if link:
        member.type, member.linkname, member.size = tarfile.SYMTYPE, link, 0
    padding = b"\0" * (-len(data) % 512)
    return member.tobuf(tarfile.GNU_FORMAT) + data + padding + b"\0" * 1024
