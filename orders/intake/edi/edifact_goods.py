"""Notes all that lines of a UN/EDIFACT message call their goods (LIN, PIA)."""

from collections.abc import Sequence

from orders.intake.edi.edifact_segments import Segment, at
from orders.intake.edi.purchases import Purchase

OURS = "SA"  # the supplier's number of an article (7143)
NO_ARTICLE = frozenset({"BB", "NB", "SN", "SRN", "HS", "CC", "GN", "PV"})  # batches, customs codes


def note_goods(purchase: Purchase, segments: Sequence[Segment]) -> None:
    """Note the names of each line's goods; two numbers of ours for one line are doubted."""
    line, ours = -1, set[str]()
    for segment in segments:
        if segment[0][0] == "LIN":
            line, ours = line + 1, set()
            pairs = [(at(segment, 3), at(segment, 3, 1))]
        elif segment[0][0] == "PIA" and line >= 0:
            pairs = [(at(segment, n), at(segment, n, 1)) for n in range(2, len(segment))]
        else:
            continue
        item = purchase.items[line]
        item.called += [code for code, kind in pairs if code and kind not in NO_ARTICLE]
        ours |= {code for code, kind in pairs if code and kind == OURS}
        if len(ours) > 1:
            purchase.doubt(f"goods_unclear:LIN {item.key}"[:54])
