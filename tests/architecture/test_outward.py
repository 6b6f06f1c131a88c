"""Connections outward are opened in three places, and each asks whether effects are paused."""

import ast

import pytest

from tests.architecture import guards
from tests.architecture.each import of_each

# Libraries that reach another machine; what only reads formats (email, urllib.parse) is not among them.
REACHING = (
    "socket",
    "ssl",
    "http.client",
    "urllib.request",
    "urllib3",
    "requests",
    "httpx",
    "aiohttp",
    "smtplib",
    "imaplib",
    "imap_tools",
    "poplib",
    "ftplib",
    "telnetlib",
    "xmlrpc",
    "paramiko",
    "asyncio",
    "django.core.mail.backends",
    "boto3",
    "botocore",
    "storages",
)
DOORS = {
    "erp/events/webhook_client.py",
    "erp/messages/mail_server.py",
    "orders/intake/mail/mailbox.py",
}
# What imports such a library and opens nothing outward, with the reason.
INWARD = {
    "erp/embedded/processes.py": "sockets of this machine's own servers",
    "erp/embedded/up.py": "asks the web server that it started",
    "erp/environment.py": "names the bucket of our own files; Django's storage opens it",
    "erp/sandbox/call.py": "a pair of sockets with the reader's process",
    "erp/sandbox/child.py": "the reader's end of it",
    "erp/sandbox/keeper.py": "the keeper's ends of them",
    "erp/sandbox/packets.py": "what is sent between the two",
    "erp/mail_connection.py": "the connection kept open; get_connection gives the door",
    "erp/messages/send.py": "the errors of mail servers",
}
MODULES = [m for m in guards.modules() if guards.relative(m) not in DOORS | INWARD.keys()]


def reaching(tree: ast.Module) -> set[str]:
    """Names of libraries that reach another machine, as a module imports them."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return {n for n in names if any(n == r or n.startswith(r + ".") for r in REACHING)}


@of_each(MODULES)
def test_nothing_else_opens_connections(module):
    assert reaching(guards.tree_of(module)) == set()


@pytest.mark.parametrize("name", sorted(DOORS))
def test_every_door_asks_whether_effects_are_paused(name):
    tree = guards.tree_of(guards.ROOT / name)
    called = {ast.unparse(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    assert "refuse_while_paused" in called


def test_every_exception_is_still_one():
    for name in INWARD:
        assert reaching(guards.tree_of(guards.ROOT / name)), f"{name} reaches nothing any more"


@pytest.mark.parametrize(
    "line",
    [
        "import socket",
        "from http import client",
        "import http.client as c",
        "from urllib.request import urlopen",
        "from imap_tools import MailBox",
        "from django.core.mail.backends.smtp import EmailBackend",
        "import boto3",
        "from botocore.config import Config",
        "from storages.backends.s3 import S3Storage",
    ],
)
def test_the_guard_sees(line):
    assert reaching(ast.parse(line))
    assert not reaching(ast.parse("from urllib.parse import quote\nimport email\n"))
