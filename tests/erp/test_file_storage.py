"""Files are kept on a disk or in an S3-compatible store, on loopback here, and are in backups either way."""

import re
from io import BytesIO
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.core.management import CommandError, call_command
from PIL import Image

from erp import environment
from erp.access.queries import own_company
from erp.pdf import has_lost_logo, logo
from tests.servers import Server, serving

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


class Bucket(Server):
    """As much of S3 as keeps files: PUT, GET, HEAD, DELETE and a list; and who signed the last request."""

    methods = ("GET", "HEAD", "PUT", "DELETE")
    kept: ClassVar[dict[str, bytes]] = {}
    signed: ClassVar[list[str]] = []

    def reply(self):
        self.signed.append(self.headers.get("Authorization", ""))
        parts = urlsplit(self.path)
        _slash, bucket, name = (
            unquote(parts.path).split("/", 2) if parts.path.count("/") > 1 else ("", parts.path, "")
        )
        assert bucket.strip("/") == "house"
        if self.command == "PUT":
            self.kept[name] = self.rfile.read(int(self.headers["Content-Length"]))
            return self.answer(200)
        if self.command == "DELETE":
            self.kept.pop(name, None)
            return self.answer(204)
        if not name:
            return self.answer(200, self.listed(parse_qs(parts.query)).encode())
        if name not in self.kept:
            return self.answer(404)
        return self.answer(200, self.kept[name])

    def listed(self, asked):
        prefix = asked.get("prefix", [""])[0]
        below = [name.removeprefix(prefix) for name in sorted(self.kept) if name.startswith(prefix)]
        files = "".join(
            f"<Contents><Key>{escape(prefix + n)}</Key></Contents>" for n in below if "/" not in n
        )
        folders = {n.partition("/")[0] for n in below if "/" in n}
        folders = "".join(
            f"<CommonPrefixes><Prefix>{prefix}{f}/</Prefix></CommonPrefixes>"
            for f in sorted(folders)
        )
        return (
            f"<ListBucketResult><IsTruncated>false</IsTruncated>{files}{folders}</ListBucketResult>"
        )

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Mon, 30 Nov 2026 12:00:00 GMT")
        self.send_header("ETag", '"x"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture(params=["disk", "store"])
def kept(request, settings, tmp_path):
    """Where files are kept; gives the bytes that are, by name."""
    Bucket.kept.clear()
    Bucket.signed.clear()
    settings.MEDIA_ROOT = tmp_path / "media"
    if request.param == "disk":
        yield lambda: {
            str(path.relative_to(settings.MEDIA_ROOT)): path.read_bytes()
            for path in Path(settings.MEDIA_ROOT).rglob("*")
            if path.is_file()
        }
        return
    secret = tmp_path / "secret"
    secret.write_text("of-the-house\n")
    with serving(Bucket) as url:
        env = {
            "FILES_S3_BUCKET": "house",
            "FILES_S3_ENDPOINT": url,
            "FILES_S3_REGION": "eu-central-1",
            "FILES_S3_KEY": "throughline",
            "FILES_S3_SECRET_FILE": str(secret),
        }
        settings.STORAGES = environment.storages(env=env)
        assert type(storages["default"]).__name__ == "S3Storage"
        yield lambda: dict(Bucket.kept)
        assert Bucket.signed
        assert all("Credential=throughline/" in said for said in Bucket.signed)


def picture() -> ContentFile:
    out = BytesIO()
    Image.new("RGB", (4, 3), "red").save(out, "PNG")
    return ContentFile(out.getvalue(), name="picture.png")


def with_logo():
    company = own_company()
    company.logo.save("picture.png", picture())
    return company


def test_a_logo_is_on_papers_until_it_is_gone(kept, shop, monkeypatch):
    company = with_logo()
    assert list(kept()) == [company.logo.name]
    assert 'viewBox="0 0 4 3"' in logo(company)

    default_storage.delete(company.logo.name)
    monkeypatch.setattr("erp.pictures.time", lambda: 10**9)  # a minute later
    assert has_lost_logo(company)


def test_another_logo_has_another_name(kept, shop):
    first = with_logo().logo.name
    second = with_logo().logo.name
    assert first != second
    assert kept().keys() == {first, second}


def test_a_backup_has_what_is_kept_and_gives_it_back(kept, shop, tmp_path, settings):
    company = with_logo()
    default_storage.save("a/b/c d ü.bin", ContentFile(b"\x00" * 70_000))
    before = kept()
    assert len(before) == 2

    call_command("backup", tmp_path / "b")
    for name in before:
        default_storage.delete(name)
    default_storage.save(company.logo.name, ContentFile(b"another"))
    call_command("restore", tmp_path / "b", "--replace", "--replace-files")

    assert kept() == before
    assert re.search(r"<svg", logo(own_company()))


def test_a_copy_leaves_the_files_alone_that_its_original_goes_on_with(
    kept, shop, tmp_path, settings
):
    """In a bucket: on its own machine, what is replaced is one's own."""
    company = with_logo()
    call_command("backup", tmp_path / "b")
    gone = company.logo.name
    default_storage.delete(gone)
    default_storage.save("of-the-original.bin", ContentFile(b"new"))
    before, shared = kept(), "S3Storage" in settings.STORAGES["default"]["BACKEND"]

    if shared:
        with pytest.raises(CommandError, match=r"--replace-files.*--without-files"):
            call_command("restore", tmp_path / "b", "--replace")
        assert kept() == before
    call_command("restore", tmp_path / "b", "--replace", "--without-files")
    assert kept() == before
    call_command("restore", tmp_path / "b", "--replace", *["--replace-files"] * shared)
    assert kept().keys() == {*before, gone}


def test_an_empty_database_says_nothing_of_whose_the_files_are(kept, shop, tmp_path, monkeypatch):
    call_command("backup", tmp_path / "b")
    default_storage.save("of-another.bin", ContentFile(b"a"))
    monkeypatch.setattr("erp.management.commands.restore._is_used", lambda: False)
    with pytest.raises(CommandError, match="another installation's"):
        call_command("restore", tmp_path / "b")
    default_storage.delete("of-another.bin")
    call_command("restore", tmp_path / "b")


def test_a_store_that_does_not_answer_stops_a_restore_before_anything_is_replaced(
    shop, settings, tmp_path
):
    call_command("backup", tmp_path / "b")
    env = {"FILES_S3_BUCKET": "house", "FILES_S3_ENDPOINT": "http://127.0.0.1:9"}
    env |= {"FILES_S3_KEY": "k", "FILES_S3_SECRET": "s", "FILES_S3_REGION": "r"}
    settings.STORAGES = environment.storages(env=env)
    with pytest.raises(CommandError, match="could not be read"):
        call_command("restore", tmp_path / "b", "--replace")


def test_a_link_on_the_disk_is_not_kept(settings, tmp_path, shop):
    from erp.backups.files import _names

    settings.MEDIA_ROOT = tmp_path / "media"
    default_storage.save("a.bin", ContentFile(b"a"))
    (tmp_path / "media/link").symlink_to("/etc/passwd")
    (tmp_path / "media/folder").symlink_to("/etc")
    assert list(_names(default_storage)) == ["a.bin"]


def test_a_store_that_does_not_answer_stops_no_paper(shop, settings):
    env = {"FILES_S3_BUCKET": "house", "FILES_S3_ENDPOINT": "http://127.0.0.1:9"}
    env |= {"FILES_S3_KEY": "k", "FILES_S3_SECRET": "s", "FILES_S3_REGION": "r"}
    settings.STORAGES = environment.storages(env=env)
    company = own_company()
    company.logo.name = "company/of-nobody.png"
    assert has_lost_logo(company)
