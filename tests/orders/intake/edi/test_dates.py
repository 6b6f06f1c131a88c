"""Days and places that a purchase order asks for: asked about, never dropped."""

import pytest

from tests.orders.intake.edi.test_notations import edifact_of, x12_of

LINE = ("LIN+1++A", "QTY+21:1")
ON = "DTM+137:20260301:102"


@pytest.mark.parametrize("kind", ["001", "002", "010", "063"])
def test_days_asked_for_in_x12(kind):
    line = "PO1*1*2*EA*5**VP*A"
    for written in ("20260401", "20269999"):
        asked = x12_of(line, f"DTM*{kind}*{written}")
        assert asked.doubts == [f"date_requested:DTM {kind} {written}"]
    assert x12_of(line, f"DTM*{kind}*20260301").doubts == []  # the day it was ordered on


@pytest.mark.parametrize("kind", ["2", "63", "64"])
def test_days_asked_for_in_edifact(kind):
    for written in ("20260401", "20269999"):
        doubts = [f"date_requested:DTM {kind} {written}"]
        assert edifact_of(ON, f"DTM+{kind}:{written}:102", *LINE).doubts == doubts
        assert edifact_of(ON, *LINE, f"DTM+{kind}:{written}:102").doubts == doubts
    assert edifact_of(ON, f"DTM+{kind}:20260301:102", *LINE).doubts == []


def test_several_places_or_days():
    line = "PO1*1*2*EA*5**VP*A"
    for split in ("SCH*1*EA***002*20260401", "SDQ*EA*92*S1*1*S2*1"):
        assert x12_of(line, split).doubts == [f"delivery_split:{split[:3]}"]
    assert edifact_of(*LINE, "LOC+7+1", "LOC+7+2").doubts == ["delivery_split:LOC"]
    assert edifact_of(*LINE, "LOC+7+1").doubts == []
