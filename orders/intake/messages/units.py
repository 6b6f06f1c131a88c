"""Turns quantities in cases, packs and dozens into pieces, where a message says how many are in one."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType

ONE = Decimal(1)
MOST_IN_A_PACK = 1_000_000

# UN/ECE recommendation 20, X12 element 355, and words: what is counted one by one. No unit is one, too.
PIECES = frozenset(
    {"", "EA", "EACH", "PCE", "PC", "PCS", "PIECE", "PIECES", "C62", "H87", "NAR", "NMB", "UN"}
    | {"UNIT", "UNITS", "ITEM", "ITEMS", "STK", "STÜCK"}
    | set("件个個只隻支条條瓶张張把本块塊台份枚颗顆罐桶개")
    | {
        "STCK",
        "STUECK",
        "STÜCKE",
        "PIÈCE",
        "PIÈCES",
        "UNITÉ",
        "UNITÉS",
        "UNIDAD",
        "UNIDADES",
        "UD",
        "UDS",
    }
    | {
        "PZ",
        "PZA",
        "PZAS",
        "PIEZA",
        "PIEZAS",
        "PEZZO",
        "PEZZI",
        "UNITÀ",
        "PEÇA",
        "PEÇAS",
        "UNIDADE",
    }
    | {"STUK", "STUKS", "SZT", "SZTUKA", "SZTUK", "STYCK", "ШТ", "ШТУКА", "ШТУК", "ADET", "CÁI"}
)
COUNTED: Mapping[str, int] = MappingProxyType(
    {"DZ": 12, "DZN": 12, "DPC": 12, "GRO": 144, "HC": 100, "CEN": 100, "MIL": 1000, "T3": 1000}
    | {"DOZEN": 12, "打": 12}
)


def pieces_in(unit: str, pack: Decimal | None = None) -> Decimal | None:
    """How many pieces one unit is; None where nobody can say.

    pack   how many pieces its message says are in one, for units that are no number by themselves
    """
    code = unit.strip().upper()
    code = code.rstrip(".") if code != "ST." else "STK"
    if code in PIECES:
        return ONE
    if code in COUNTED:
        return Decimal(COUNTED[code])
    if pack is not None and pack == int(pack) and 1 <= pack <= MOST_IN_A_PACK:
        return pack
    return None
