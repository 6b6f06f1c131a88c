"""The map of the rooms, docs/rooms.md, built from the folders, their sentences and the contracts.

`make rooms` writes it; `test_rooms.py` compares it with what is there.
"""

import ast
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MAP = "docs/rooms.md"
APPS = [
    "analytics",
    "returns",
    "fulfillment",
    "orders",
    "inventory",
    "erp",
]  # top of the ladder first
# Packages that Django asks for; they are not rooms.
DJANGO = {"migrations", "management", "templatetags"}
# Rooms whose inside is not in the contract "Inside every room": the ground floor has no layers in it.
WITHOUT_LAYERS = {"erp", "analytics"}
INSIDE = "Inside every room"

HEAD = """\
# Rooms

<!-- `make rooms` writes this page from the rooms' own sentences and the contracts. Do not edit it by hand. -->

An app is divided into rooms: packages named by a noun of the trade. A room's sentence is the docstring of its
`__init__.py`. The apps, and the rooms of an app, stand here from the highest to the lowest: a room may import the rooms
of its own table from the named one down, and every app below its own. Rooms that name the same one stand side by side
and do not import each other. The order is that of the import-linter contracts in `pyproject.toml`.
"""


@dataclass(frozen=True)
class Room:
    """path     "orders/pricing"
    sentence    the docstring of its package
    imports     names of the rooms of the same folder that it may import, the highest first
    """

    path: str
    sentence: str
    imports: tuple[str, ...]


def settings_of(root: Path = ROOT) -> dict[str, Any]:
    """What pyproject.toml says to import-linter."""
    return tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]


def contract(start: str, root: Path = ROOT) -> dict[str, Any]:
    """The contract whose name begins so."""
    found = [c for c in settings_of(root)["contracts"] if c["name"].startswith(start)]
    assert len(found) == 1, f"{len(found)} contracts begin with {start!r}"
    return found[0]


def packages(folder: Path) -> list[Path]:
    """The rooms that lie in a folder."""
    return sorted(
        path.parent for path in folder.glob("*/__init__.py") if path.parent.name not in DJANGO
    )


def is_group(room: Path) -> bool:
    """Whether a room only holds rooms: nothing but its sentence lies beside them."""
    return [p.name for p in room.glob("*.py")] == ["__init__.py"] and bool(packages(room))


def rooms_of(app: str, root: Path = ROOT) -> list[Room]:
    """An app's rooms, highest first, those of a group behind it."""
    found = []
    for room in _in_order(root / app, root):
        found.append(_room(room, root))
        if is_group(room):
            found += [_room(inner, root) for inner in _in_order(room, root)]
    return found


def _in_order(folder: Path, root: Path) -> list[Path]:
    order = [name for layer in layers_of(dotted(folder, root), root) for name in layer]
    last = len(order)
    return sorted(packages(folder), key=lambda p: order.index(p.name) if p.name in order else last)


def _room(room: Path, root: Path) -> Room:
    return Room(str(room.relative_to(root)), sentence_of(room), below(room, root))


def dotted(folder: Path, root: Path = ROOT) -> str:
    return ".".join(folder.relative_to(root).parts)


def sentence_of(package: Path) -> str:
    """The first line of a package's docstring."""
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text())) or ""
    return said.partition("\n")[0]


def layers_of(container: str, root: Path = ROOT) -> list[list[str]]:
    """The layers of the contract "The rooms of …" on a container, each with its modules."""
    for each in settings_of(root)["contracts"]:
        if each.get("containers") == [container]:
            return [layer.replace(":", "|").replace(" ", "").split("|") for layer in each["layers"]]
    return []


def below(room: Path, root: Path = ROOT) -> tuple[str, ...]:
    """Names of the rooms that a room may import: those in the layers under its own."""
    layers = layers_of(dotted(room.parent, root), root)
    own = [number for number, layer in enumerate(layers) if room.name in layer]
    if not own:
        return ()
    beside = {p.name for p in packages(room.parent)}
    return tuple(name for layer in layers[own[0] + 1 :] for name in layer if name in beside)


def with_layers(root: Path = ROOT) -> list[str]:
    """Dotted names of the rooms that hold layers: what "Inside every room" has to name."""
    return sorted(
        dotted(root / room.path, root)
        for app in APPS
        if app not in WITHOUT_LAYERS
        for room in rooms_of(app, root)
        if not is_group(root / room.path)
    )


def page(root: Path = ROOT) -> str:
    """docs/rooms.md as it should be."""
    parts = [HEAD]
    for app in APPS:
        parts.append(f"\n## {app}\n\n{sentence_of(root / app)}\n")
        if rooms := rooms_of(app, root):
            lines = "".join(_line(room) for room in rooms)
            parts.append(f"\n| room | what it is for | may import |\n|---|---|---|\n{lines}")
        else:
            parts.append("\nIt is small and has no rooms.\n")
    return "".join(parts)


def _line(room: Room) -> str:
    imports = f"from {room.imports[0]} down" if room.imports else "–"
    return f"| `{room.path}/` | {room.sentence} | {imports} |\n"


if __name__ == "__main__":
    (ROOT / MAP).write_text(page())
