"""Foreign bytes are parsed in the sandbox alone: what can crash, hang or fill the memory is called nowhere else."""

import ast

import pytest

from erp.sandbox.limits import ReaderFailed, ReaderStopped
from erp.wiring import SANDBOXED
from tests.architecture.guards import ROOT, modules

# What parses foreign bytes, and the modules that may load it: their readers run in the sandbox.
# Archives that we wrote ourselves.
OURS = {"erp.backups.files", "erp.backups.point_in_time", "erp.backups.copies"}
WRITTEN = {"erp.privacy.archive"}  # and one that is only written
# What reads in the standard library's XML; elements and what writes them may be anybody's.
OF_ELEMENT_TREE = (
    "fromstring", "fromstringlist", "XML", "XMLID", "parse", "iterparse", "XMLParser", "XMLPullParser",
    "ElementTree", "*",
)  # fmt: skip
PARSERS: dict[str, set[str]] = {
    "python_calamine": {"erp.file_rows"},
    "zipfile": {"erp.file_rows", *WRITTEN},
    "tarfile": {"erp.file_rows", *OURS},
    "zstandard": {"erp.file_rows"},
    "gzip": set(),
    "bz2": set(),
    "lzma": {"erp.file_rows"},
    "zlib.decompress": set(),
    "zlib.decompressobj": set(),
    "shutil.unpack_archive": set(),
    "PIL": {"erp.pictures"},
    "defusedxml": {"erp.foreign_xml", "orders.intake.edi.ubl_documents"},
    "email.parser": {"orders.intake.mail.mail"},
    "email.message_from_bytes": set(),
    "email.message_from_binary_file": set(),
    "email.message_from_string": set(),
    "email.message_from_file": set(),
    **{f"xml.etree.ElementTree.{name}": set() for name in OF_ELEMENT_TREE},
    "xml.etree.cElementTree": set(),
    "xml.dom": set(),
    "xml.sax": set(),
    "xml.parsers": set(),
    "lxml": set(),
}
# Readers that run there, by the modules that may name them.
READERS = {
    "orders.intake.edi.x12.read": {"orders.intake.edi.interchanges"},
    "orders.intake.edi.edifact.read": {"orders.intake.edi.interchanges"},
    "orders.intake.edi.ubl.read": {"orders.intake.edi.interchanges"},
    "orders.intake.edi.ubl_documents.root_of": {
        "orders.intake.edi.ubl",
        "orders.intake.edi.acknowledgements",
    },
    "orders.intake.edi.acknowledgements.written": {"orders.intake.edi.interchanges"},
    "orders.intake.mail.mail.read_mail": {"orders.intake.mail.mail"},
    "erp.file_rows.rows": {"erp.file_rows"},
}


def named(tree: ast.AST) -> set[str]:
    """What a module imports, by name, and what it names of that, whatever it calls it.

    Of `import xml.etree.ElementTree as ET` and `ET.fromstring(…)` the import alone was seen once.
    """
    names, known = set[str](), dict[str, str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
            known |= {a.asname: a.name for a in node.names if a.asname}
            known |= {
                top: top for a in node.names if not a.asname for top in [a.name.split(".")[0]]
            }
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            known |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            top, dot, rest = ast.unparse(node).partition(".")
            names |= {f"{known[top]}{dot}{rest}"} if top in known else set()
    return names


def imports() -> dict[str, set[str]]:
    """What each module imports, by name, with what is named of it."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): named(ast.parse(path.read_text()))
        for path in modules()
    }


IMPORTS = imports()


@pytest.mark.parametrize("parser", PARSERS)
def test_parsers_are_loaded_by_readers_of_the_sandbox_alone(parser):
    users = {module for module, names in IMPORTS.items() if parser in parsers_in(names)}
    assert users == PARSERS[parser]


def parsers_in(names: set[str]) -> set[str]:
    return {
        parser
        for parser in PARSERS
        if any(name == parser or name.startswith(f"{parser}.") for name in names)
    }


@pytest.mark.parametrize(
    "line",
    [
        "from xml.etree.ElementTree import fromstring",
        "from xml.etree.ElementTree import *",
        "import xml.etree.ElementTree as ET; ET.fromstring(b)",
        "import xml.etree.ElementTree; xml.etree.ElementTree.parse(f)",
        "from xml.etree import ElementTree; ElementTree.iterparse(f)",
        "from xml.etree import ElementTree as E; E.XMLParser()",
        "from xml import etree; etree.ElementTree.XML(b)",
        "from xml.dom import minidom",
        "import xml.sax",
        "import gzip as g",
        "from bz2 import decompress",
        "import lzma",
        "import zlib as z; z.decompressobj().decompress(b)",
        "from zlib import decompress",
        "from zipfile import ZipFile",
        "import tarfile",
        "import shutil; shutil.unpack_archive(f)",
        "import email; email.message_from_bytes(b)",
        "from email import message_from_string as m",
    ],
)
def test_a_parser_is_seen_under_any_name(line):
    assert parsers_in(named(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "from xml.etree.ElementTree import Element, ParseError, SubElement, tostring",
        "import xml.etree.ElementTree as ET; ET.SubElement(root, tag)",
        "import zlib; zlib.crc32(b)",
        "from email.message import EmailMessage",
        "import json as ET; ET.loads(b)",
    ],
)
def test_what_writes_is_no_parser(line):
    assert not parsers_in(named(ast.parse(line)))


@pytest.mark.parametrize("reader", READERS)
def test_readers_are_called_in_the_sandbox_alone(reader):
    module, _dot, name = reader.rpartition(".")
    package, _dot, last = module.rpartition(".")
    users = {
        user
        for user, names in IMPORTS.items()
        if user not in READERS[reader]
        and (reader in names or (f"{package}.{last}" in names and _calls(user, last, name)))
    }
    assert not users


def _calls(user: str, module: str, name: str) -> bool:
    tree = ast.parse((ROOT / (user.replace(".", "/") + ".py")).read_text())
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == module
        for node in ast.walk(tree)
    )


def test_the_sandbox_loads_what_it_reads_with():
    """Otherwise each file would wait for its reader to be loaded."""
    reached, waiting = set[str](), [*SANDBOXED]
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += [name for name in IMPORTS[module] if name in IMPORTS]
    assert set().union(*PARSERS.values()) - OURS - WRITTEN <= reached


def _calls_of(tree: ast.AST) -> list[ast.AST]:
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "read_in_sandbox"
    ]


def _catches_what_stops(function: ast.FunctionDef) -> bool:
    return any(
        isinstance(node, ast.ExceptHandler) and "ReaderStopped" in ast.dump(node.type or node)
        for node in ast.walk(function)
    )


def test_whoever_has_a_file_read_says_in_their_own_words_that_it_was_not():
    """A name in GBK was an error of the page once: nobody but one expected that a reader fails."""
    silent = [
        f"{path.relative_to(ROOT)}: {function.name}"
        for path in modules()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef)
        and _calls_of(function)
        and not _catches_what_stops(function)
    ]
    assert not silent
    assert issubclass(ReaderFailed, ReaderStopped)
