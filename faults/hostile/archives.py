"""Hostile archives: bombs, archives in archives, sizes that lie, names and links that lead out."""

import gzip
from collections.abc import Callable

import zstandard

from faults.hostile.file import MB, PAST, ROW, HostileFile, taped, zip_bomb, zipped
from faults.hostile.tables import headings, workbook


def _archive(title: str, make: Callable[[], bytes], ending: str = "zip") -> HostileFile:
    return HostileFile(title, "archive", f"{title.replace(' ', '-')}.{ending}", make)


def _nested(depth: int) -> bytes:
    data = zipped({"a.csv": PAST + ROW})
    for n in range(depth):
        data = zipped({f"{n}.zip": data, f"{n}b.zip": data})
    return data


def _lying() -> bytes:
    """Of a member of 5 KB it is said that it has 4 GB."""
    member = PAST * 100
    return zipped({"a.csv": member}).replace(len(member).to_bytes(4, "little"), b"\xff" * 4)


def _locked() -> bytes:
    data = zipped({"a.csv": PAST + ROW})
    at = data.index(b"PK\x01\x02") + 8
    return data[:at] + b"\x01" + data[at + 1 :]


FILES = (
    _archive("member of 600 MB", lambda: zip_bomb("a.csv", 600 * MB, PAST)),
    _archive(
        "member of 4 GB of rows", lambda: zip_bomb("a.csv", 4095 * MB, PAST, filler=ROW + b" ")
    ),
    _archive("member of 4 GB of one line", lambda: zip_bomb("a.csv", 4095 * MB, PAST)),
    _archive("workbook of 4 GB", lambda: zip_bomb("a.xlsx", 4095 * MB)),
    _archive("archive of archives", lambda: _nested(12)),
    _archive(
        "names and links that lead out",
        lambda: zipped(
            {
                "../../../etc/cron.d/a.csv": PAST + ROW,
                "/etc/passwd.csv": PAST + ROW,
                "..\\..\\windows\\a.csv": PAST + ROW,
            }
        ),
    ),
    _archive("5000 members", lambda: zipped({f"{n}.csv": PAST + ROW for n in range(5000)})),
    _archive(
        "500 workbooks", lambda: zipped({f"{n}.xlsx": workbook(headings()) for n in range(500)})
    ),
    _archive("sizes that lie", _lying),
    _archive("locked", _locked),
    _archive("half of one", lambda: zipped({"a.csv": PAST + ROW * 5000})[:900]),
    _archive("no table in it", lambda: zipped({"readme.txt": b"nothing", "x.exe": b"MZ"})),
    _archive("nothing in it", lambda: zipped({})),
    _archive(
        "tape of 400 MB",
        lambda: gzip.compress(taped("a.csv", PAST + b"0" * (400 * MB)), 1),
        "tar.gz",
    ),
    _archive("tape that says 8 exabytes", lambda: taped("a.csv", PAST, says=2**63 - 1), "tar"),
    _archive("tape of a link out of it", lambda: taped("a.csv", link="/etc/passwd"), "tar"),
    _archive(
        "tape with names that climb", lambda: taped("../../../tmp/evil.csv", PAST + ROW), "tar"
    ),
    _archive(
        "tape that ends", lambda: zstandard.compress(taped("a.csv", PAST * 40))[:200], "tar.zst"
    ),
    _archive("tape whose window is 2 GB", lambda: bytes.fromhex("28b52ffd00a8010000"), "tar.zst"),
    _archive(
        "tape that is a bomb",
        lambda: zstandard.compress(taped("a.csv", PAST + b"0" * (400 * MB)), 3),
        "tar.zst",
    ),
)
