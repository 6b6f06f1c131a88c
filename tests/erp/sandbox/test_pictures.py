"""What somebody gives as a picture is made anew of its pixels, or refused with what to do."""

import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import ValidationError
from PIL import Image

from erp.pictures import WIDEST, NoPicture, PictureField, read_picture


def drawn(kind: str, *, size: tuple[int, int] = (40, 20), mode: str = "RGB") -> bytes:
    out = BytesIO()
    Image.new(mode, size, "green" if mode == "RGB" else 1).save(out, kind)
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says how large it is."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    packed = zlib.compress(b"\0" * 1000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_of_any_kind_becomes_png(kind):
    picture = read_picture(drawn(kind))

    assert (picture.width, picture.height) == (40, 20)
    assert Image.open(BytesIO(picture.png)).format == "PNG"


def test_nothing_but_its_pixels_is_kept():
    picture = read_picture(drawn("PNG") + b"<script>alert(1)</script>")
    assert b"script" not in picture.png


def test_a_large_one_is_made_smaller():
    picture = read_picture(drawn("PNG", size=(5000, 2500)))
    assert (picture.width, picture.height) == (WIDEST, WIDEST // 2)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no picture",
        drawn("PNG")[:60],
        claiming(60_000, 60_000),
        claiming(2**31 - 1, 2**31 - 1),
        claiming(0, 0),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='x()'/>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) (r) file",
        b"GIF89a" + b"\xff" * 3000,
        b"\0\0\1\0" + b"\xff" * 3000,
        b"8BPS" + b"\xff" * 3000,
        b"II*\0" + b"\xff" * 3000,
    ],
    ids=range(12),
)
def test_what_is_no_picture_is_refused(data):
    with pytest.raises(NoPicture):
        read_picture(data)
    if data:
        with pytest.raises(ValidationError, match=r"a\.png is no picture .* PNG"):
            PictureField().to_python(SimpleUploadedFile("a.png", data))
