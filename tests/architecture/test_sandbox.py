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
PARSERS = {
    "python_calamine": {"erp.file_rows"},
    "zipfile": {"erp.file_rows", *WRITTEN},
    "tarfile": {"erp.file_rows", *OURS},
    "zstandard": {"erp.file_rows"},
    "PIL": {"erp.pictures"},
    "defusedxml": {"erp.foreign_xml", "orders.intake.edi.ubl_documents"},
    "email.parser": {"orders.intake.mail.mail"},
    "xml.etree.ElementTree.fromstring": set(),
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


def imports() -> dict[str, set[str]]:
    """What each module imports, by name, with what is named of it."""
    found: dict[str, set[str]] = {}
    for path in modules():
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        names = found.setdefault(module, set())
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


IMPORTS = imports()


@pytest.mark.parametrize("parser", PARSERS)
def test_parsers_are_loaded_by_readers_of_the_sandbox_alone(parser):
    users = {
        module
        for module, names in IMPORTS.items()
        if any(name == parser or name.startswith(f"{parser}.") for name in names)
    }
    assert users == PARSERS[parser]


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
