"""docs/rooms.md says what rooms there are, and every room stands in the contracts."""

import shutil

import pytest

from tests.architecture import rooms

HOW = "docs/rooms.md differs from the rooms: run `make rooms` and commit what it writes"


def test_the_map_is_as_the_rooms_are():
    assert (rooms.ROOT / rooms.MAP).read_text() == rooms.page(), HOW


def test_every_room_says_what_it_is_for():
    said = {room.path: room.sentence for app in rooms.APPS for room in rooms.rooms_of(app)}

    assert [path for path, sentence in said.items() if not sentence.endswith(".")] == []
    assert len(set(said.values())) == len(said)


def test_every_room_has_its_layers_watched():
    named = rooms.contract(rooms.INSIDE)["containers"]

    assert sorted(named) == rooms.with_layers(), (
        "name the room in pyproject.toml: Inside every room"
    )


class TestTheMapSees:
    """A copy of the rooms, with one thing changed in it."""

    @pytest.fixture
    def house(self, tmp_path):
        shutil.copy(rooms.ROOT / "pyproject.toml", tmp_path)
        for app in rooms.APPS:
            for source in (rooms.ROOT / app).rglob("*.py"):
                copy = tmp_path / source.relative_to(rooms.ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        assert rooms.page(tmp_path) == rooms.page()
        return tmp_path

    def test_a_new_room(self, house):
        (house / "orders/gifts").mkdir()
        (house / "orders/gifts/__init__.py").write_text('"""Wraps gifts."""\n')

        assert "| `orders/gifts/` | Wraps gifts. | – |" in rooms.page(house)
        assert "orders.gifts" in rooms.with_layers(house)

    def test_a_new_room_in_a_room_of_rooms(self, house):
        (house / "orders/intake/fax").mkdir()
        (house / "orders/intake/fax/__init__.py").write_text('"""Reads faxes."""\n')

        assert "`orders/intake/fax/`" in rooms.page(house)
        assert "orders.intake.fax" in rooms.with_layers(house)

    def test_a_room_that_has_gone(self, house):
        shutil.rmtree(house / "returns/refunds")

        assert "`returns/refunds/`" not in rooms.page(house)
        assert "returns.refunds" not in rooms.with_layers(house)

    def test_a_room_with_another_name(self, house):
        (house / "orders/risk").rename(house / "orders/fraud")

        assert rooms.page(house) != rooms.page()
        assert set(rooms.with_layers(house)) - set(rooms.with_layers()) == {"orders.fraud"}

    def test_a_room_with_another_sentence(self, house):
        (house / "orders/risk/__init__.py").write_text('"""Does something else."""\n')

        assert rooms.page(house) != rooms.page()

    def test_a_room_in_another_place_of_the_order(self, house):
        settings = house / "pyproject.toml"
        text = settings.read_text()
        settings.write_text(text.replace('"review",\n  "routing",', '"routing",\n  "review",'))

        assert rooms.page(house) != rooms.page()

    def test_a_room_whose_inside_nobody_watches(self, house):
        settings = house / "pyproject.toml"
        settings.write_text(settings.read_text().replace('  "orders.risk",\n', ""))

        assert rooms.contract(rooms.INSIDE, house)["containers"] != rooms.with_layers(house)
        assert "orders.risk" in rooms.with_layers(house)
