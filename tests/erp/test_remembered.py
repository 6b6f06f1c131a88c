"""What is read once for a turn of background work."""

from erp.remembered import remembered, remembering


def test_a_turn_reads_once_what_seldom_changes():
    read: list[tuple[int, str]] = []

    @remembered
    def reading(one: int, *, other: str = "") -> int | None:
        read.append((one, other))
        return one or None

    reading(1), reading(1)
    assert len(read) == 2
    with remembering():
        assert [
            reading(1),
            reading(1),
            reading(2),
            reading(1, other="x"),
            reading(0),
            reading(0),
        ] == [
            1,
            1,
            2,
            1,
            None,
            None,
        ]
        with remembering():
            reading(1)
        assert reading(2) == 2
    assert read[2:] == [(1, ""), (2, ""), (1, "x"), (0, "")]
    with remembering():
        reading(1)
    assert len(read) == 7
