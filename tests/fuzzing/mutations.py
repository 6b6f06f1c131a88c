"""Changes bytes at random: flips, cuts, repeats, joins, and puts in what parsers trip over."""

from random import Random

WORDS = [
    b"\x00",
    b"\xff" * 4,
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"-1",
    b"0",
    b"1e400",
    b"NaN",
    b"9" * 60,
    b"2147483648",
    b"18446744073709551616",
    b"\r\n",
    b"\n\n",
    b'"',
    b"''",
    b"<!--",
    b"]]>",
    b"&a;",
    b"<!DOCTYPE a [",
    b"%s%n",
    b"?'",
    b"~",
    b"*",
    b"+",
    b":",
    b"=?utf-8?B?/w==?=",
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n",
    b"PK\x01\x02",
    b"PK\x05\x06",
    "１２，３".encode(),
    "\u202e\u0000\ufeff".encode(),
    b'r="XFD1048576"',
    b"\x7f\xff\xff\xff",
    b"\x80\x00\x00\x00",
]
MOST_BYTES = 200_000


def mutated(data: bytes, others: list[bytes], random: Random) -> bytes:
    """Return the bytes with one to eight changes; parts of the others may come in."""
    changed = bytearray(data)
    for _change in range(random.randint(1, 8)):
        random.choice(CHANGES)(changed, others, random)
    return bytes(changed[:MOST_BYTES])


def _place(data: bytearray, random: Random) -> int:
    return random.randint(0, len(data))


def _flip(data: bytearray, _others: list[bytes], random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _set(data: bytearray, _others: list[bytes], random: Random) -> None:
    if data:
        data[random.randrange(len(data))] = random.randrange(256)


def _put_in(data: bytearray, _others: list[bytes], random: Random) -> None:
    at = _place(data, random)
    data[at:at] = random.choice(WORDS)


def _put_over(data: bytearray, _others: list[bytes], random: Random) -> None:
    word = random.choice(WORDS)
    at = _place(data, random)
    data[at : at + len(word)] = word


def _cut_out(data: bytearray, _others: list[bytes], random: Random) -> None:
    at = _place(data, random)
    del data[at : at + random.randint(1, 1 + len(data) // 4)]


def _cut_off(data: bytearray, _others: list[bytes], random: Random) -> None:
    del data[_place(data, random) :]


def _repeat(data: bytearray, _others: list[bytes], random: Random) -> None:
    at = _place(data, random)
    part = bytes(data[at : at + random.randint(1, 200)])
    data[at:at] = part * random.choice([1, 2, 10, 300])


def _join(data: bytearray, others: list[bytes], random: Random) -> None:
    other = random.choice(others)
    at, start = _place(data, random), random.randint(0, len(other))
    data[at:at] = other[start : start + random.randint(1, 2000)]


CHANGES = (_flip, _flip, _set, _put_in, _put_in, _put_over, _cut_out, _cut_off, _repeat, _join)
