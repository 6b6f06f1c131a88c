"""Reads pictures that somebody gave, in the sandbox, and makes plain ones of them."""

from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from time import time
from typing import IO, NamedTuple

from django import forms
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image

from erp.sandbox.call import read_in_sandbox
from erp.sandbox.limits import ReaderStopped

MOST_BYTES = 5 * 1024 * 1024
WIDEST = 2000  # pixels either way: twice what a paper's head is printed with
MOST_PIXELS = 40_000_000  # of a picture before it is made smaller


class NoPicture(Exception):
    """Bytes that are no picture, or one that is broken or too large."""

    def said(self) -> dict[str, str]:
        """What it is made of again on the other side of the sandbox."""
        return {}


class Picture(NamedTuple):
    """A picture as PNG, and its size in pixels."""

    width: int
    height: int
    png: bytes


def read_picture(data: bytes) -> Picture:
    """A picture however it is kept, as PNG. Raises NoPicture."""
    try:
        found = list(read_in_sandbox(f"{__name__}:plain_picture", data, refusals=[NoPicture]))
    except ReaderStopped as error:
        raise NoPicture from error
    return Picture(*found[0])


@lru_cache(maxsize=4)
def _read_once(name: str, _version: object) -> Picture:
    try:
        with default_storage.open(name) as file:
            data = file.read()
    except OSError:
        raise
    except Exception as error:  # what a store says in words of its own
        raise OSError(f"{type(error).__name__}: {error}") from error
    return read_picture(data)


def read_kept_picture(name: str) -> Picture:
    """A picture that is kept, by its name, as PNG; one that did not change is read once. Raises NoPicture, OSError."""
    return _read_once(name, _version(name))


def _version(name: str) -> object:
    """What differs where another file has the name.

    A store gives a name once; it is asked again after a minute, to hear that the file is gone.
    """
    try:
        kept = Path(default_storage.path(name)).stat()
    except NotImplementedError:  # only a disk has paths
        return int(time() // 60)
    return default_storage.path(name), kept.st_size, kept.st_mtime_ns


def plain_picture(stream: IO[bytes]) -> Iterator[tuple[int, int, bytes]]:
    """Give a picture's size and its pixels as PNG; runs in the sandbox."""
    try:
        with Image.open(stream) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise NoPicture
            small = picture.convert("RGBA")
        small.thumbnail((WIDEST, WIDEST))
        out = BytesIO()
        small.save(out, "PNG")
    except Exception as error:  # whatever a broken file makes Pillow raise
        raise NoPicture from error
    yield *small.size, out.getvalue()


class PictureField(forms.FileField):
    """A picture in a form: what is kept is made anew of its pixels, whatever else the file holds.

    So it gives another file than was uploaded, which the types of Django's own field do not foresee.
    """

    widget = forms.ClearableFileInput

    def to_python(self, data: "UploadedFile[bytes] | None") -> "ContentFile[bytes] | None":  # type: ignore[override]
        """The picture as PNG. Raises ValidationError for what is none."""
        given = super().to_python(data)
        if given is None:
            return None
        if (given.size or 0) > MOST_BYTES:
            raise forms.ValidationError(
                _("The picture %(name)s is larger than 5 MB.") % {"name": given.name}
            )
        try:
            picture = read_picture(given.read())
        except NoPicture:
            raise forms.ValidationError(
                _(
                    "%(name)s is no picture that can be read, or it is too large. Choose a PNG or JPEG."
                )
                % {"name": given.name}
            ) from None
        return ContentFile(picture.png, name="picture.png")
