"""Hostile pictures, and what pretends to be one: bombs of pixels, fonts, SVG, animations without end."""

import struct
import zlib
from collections.abc import Callable
from io import BytesIO

from PIL import Image

from faults.hostile.file import MB, HostileFile
from faults.hostile.tables import LAUGHS


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, *, bits: int = 1, colour: int = 0, more: bytes = b"") -> bytes:
    """A PNG that says this size and holds as many rows of zeros, packed."""
    channels = {0: 1, 2: 3, 6: 4}[colour]
    row = 1 + (width * bits * channels + 7) // 8
    packer = zlib.compressobj(9)
    piece = b"\0" * row
    body = b"".join(packer.compress(piece) for _ in range(min(height, 400_000_000 // row)))
    head = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    data = body + packer.flush()
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + more
        + _chunk(b"IDAT", data)
        + _chunk(b"IEND", b"")
    )


def _jpeg(width: int, height: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (16, 16), (9, 9, 9)).save(stream, "JPEG")
    data = stream.getvalue()
    at = data.index(b"\xff\xc0") + 5
    return data[:at] + struct.pack(">HH", height, width) + data[at + 4 :]


def _webp() -> bytes:
    """A lossless WebP that says 16,384 x 16,384."""
    bits = (16383 | 16383 << 14).to_bytes(4, "little")
    data = b"\x2f" + bits + b"\0" * 200
    body = b"WEBPVP8L" + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _gif(frames: int) -> bytes:
    frame = b"\x2c\0\0\0\0\x10\x27\x10\x27\0\x02\x02\x4c\x01\0"
    return b"GIF89a\x10\x27\x10\x27\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b"\x3b"


def _tiff() -> bytes:
    """A TIFF whose one directory names itself as the next."""
    entry = struct.pack("<HHII", 256, 3, 1, 65535) + struct.pack("<HHII", 257, 3, 1, 65535)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 2) + entry + struct.pack("<I", 8)


def _text_chunk() -> bytes:
    text = zlib.compress(b"x" * (60 * MB), 9)
    return png(8, 8, more=_chunk(b"zTXt", b"k\0\0" + text))


def _picture(title: str, ending: str, make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(title, "picture", f"{title.replace(' ', '-')}.{ending}", make)


FILES = (
    _picture("PNG 65535 x 65535", "png", lambda: png(65_535, 65_535)),
    _picture("PNG 2147483647 wide", "png", lambda: png(2**31 - 1, 1)[:5000]),
    _picture("PNG 6000 x 6000 in 16 bits", "png", lambda: png(6_000, 6_000, bits=16, colour=6)),
    _picture("PNG 6300 x 6300", "png", lambda: png(6_300, 6_300, bits=8, colour=2)),
    _picture("PNG 40000000 x 1", "png", lambda: png(40_000_000, 1, bits=8)),
    _picture("PNG with a text of 60 MB", "png", _text_chunk),
    _picture("PNG that is cut", "png", lambda: png(100, 100, bits=8)[:60]),
    _picture("JPEG 65535 x 65535", "jpg", lambda: _jpeg(65_535, 65_535)),
    _picture("JPEG 6000 x 6000", "jpg", lambda: _jpeg(6_000, 6_000)),
    _picture("WebP 16384 x 16384", "webp", _webp),
    _picture("GIF 10000 x 10000 of 9000 frames", "gif", lambda: _gif(9_000)),
    _picture("TIFF that names itself", "tiff", _tiff),
    _picture(
        "SVG billion laughs", "svg", lambda: f"{LAUGHS}<svg><text>&a11;</text></svg>".encode()
    ),
    _picture(
        "SVG with a script",
        "svg",
        lambda: b"<svg onload='alert(1)'><script>alert(1)</script></svg>",
    ),
    _picture("font", "ttf", lambda: b"\0\x01\0\0\xff\xff\0\0\0\0\0\0" + b"glyf" + b"\xff" * 20_000),
    _picture("font called a picture", "png", lambda: b"wOF2\0\x01\0\0" + b"\xff" * 200_000),
    _picture(
        "PostScript", "eps", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{ } loop\n"
    ),
    _picture("picture of 6 MB", "png", lambda: png(100, 100, bits=8) + b"\0" * (6 * MB)),
)
