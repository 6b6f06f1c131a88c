"""Knows the headings of columns that say what a quantity counts, and reads what stands in them: case of 12."""

import re
from decimal import Decimal
from typing import NamedTuple

from orders.intake.messages.units import COUNTED, PIECES

# Headings that nothing but a unit is meant by.
UNITS = (
    "unit of measure|uom|quantity unit|sales unit|单位|计量单位|销售单位|unit of sale|order unit|selling unit"
    "|u o m|mengeneinheit|bestelleinheit|verkaufseinheit|unité de mesure|unité de vente|unidad de medida"
    "|unità di misura|unidade de medida|besteleenheid|jednostka miary|единица измерения|ед изм|計量單位|單位"
    "|単位|販売単位|단위|đơn vị tính|ölçü birimi"
)
# Headings that mean a unit where units stand below them: a "Unit" may be a flat, or a department.
MAYBE_UNITS = (
    "unit|units|unit pack|pack unit|packaging|packaging unit|package|packing|pack|pack type|um|u m|me"
    "|einheit|einheiten|verpackungseinheit|vpe|ve|verpackung|gebinde|unité|unités|unite|conditionnement|emballage"
    "|colisage|unidad|unidades|udm|embalaje|envase|presentación|unità|unita|confezione|imballo|unidade"
    "|embalagem|eenheid|eenheden|verpakking|jednostka|j m|jm|opakowanie|enhet|enhed|förpackning|emballasje"
    "|birim|paket|единица|ед|упаковка|包装|包装单位|包装规格|包裝|包裝單位|荷姿|梱包|梱包単位|包装形態|포장|포장 단위"
    "|đơn vị|đvt|yksikkö|jednotka|balení|unitate|egység|μονάδα"
)
# What is counted and is no piece: packs, as recommendation 21 and people write them, and measures.
_PACKS = frozenset(
    [
        "CASE",
        "CASES",
        "CS",
        "CA",
        "BOX",
        "BOXES",
        "BX",
        "CARTON",
        "CARTONS",
        "CTN",
        "CTNS",
        "CT",
        "CRATE",
        "CRATES",
        "PACK",
        "PACKS",
        "PK",
        "PKT",
        "PACKET",
        "PACKETS",
        "PKG",
        "PKGS",
        "PACKAGE",
        "BAG",
        "BAGS",
        "BG",
        "PALLET",
        "PALLETS",
        "PL",
        "PLT",
        "PAL",
        "BUNDLE",
        "BDL",
        "TRAY",
        "TRAYS",
        "SET",
        "SETS",
        "PAIR",
        "PAIRS",
        "PR",
        "DISPLAY",
        "INNER",
        "OUTER",
        "KARTON",
        "KARTONS",
        "KTN",
        "KRT",
        "KISTE",
        "KISTEN",
        "KI",
        "PALETTE",
        "PALETTEN",
        "PACKUNG",
        "PACKUNGEN",
        "PCK",
        "VE",
        "VPE",
        "BEUTEL",
        "PAAR",
        "GEBINDE",
        "BOÎTE",
        "BOÎTES",
        "BOITE",
        "CAISSE",
        "CAISSES",
        "COLIS",
        "LOT",
        "LOTS",
        "SACHET",
        "PAQUET",
        "PAQUETS",
        "PAIRE",
        "CAJA",
        "CAJAS",
        "CJ",
        "PAQUETE",
        "PAQUETES",
        "BOLSA",
        "PAR",
        "PARES",
        "SCATOLA",
        "SCATOLE",
        "CONFEZIONE",
        "CONFEZIONI",
        "CONF",
        "PACCO",
        "CARTONE",
        "CARTONI",
        "CAIXA",
        "CAIXAS",
        "CX",
        "PACOTE",
        "FARDO",
        "DOOS",
        "DOZEN-DOOS",
        "DOOSJE",
        "ZAK",
        "PAK",
        "OPAKOWANIE",
        "OP",
        "OPAK",
        "PUDEŁKO",
        "KUTU",
        "KOLI",
        "PAKET",
        "THÙNG",
        "HỘP",
        "КОРОБКА",
        "КОР",
        "УП",
        "УПАК",
        "ЯЩИК",
        "箱",
        "盒",
        "套",
        "包",
        "双",
        "雙",
        "对",
        "對",
        "袋",
        "托",
        "捆",
        "扎",
        "整箱",
        "ケース",
        "セット",
        "箱入",
        "足",
        "박스",
        "상자",
        "세트",
        "묶음",
        "팩",
        "KG",
        "KGM",
        "G",
        "GR",
        "GRM",
        "L",
        "LT",
        "LTR",
        "ML",
        "M",
        "MTR",
        "CM",
        "T",
        "TON",
        "TNE",
        "LB",
        "LBR",
        "OZ",
        "ONZ",
        "公斤",
        "千克",
        "斤",
        "克",
        "吨",
        "升",
        "米",
    ]
)
_NAME = r"(?P<name>[^\W\d_][^\d,;:=×*/()（）]{0,30}?)"
_OF = r"\s*(?:\b(?:of|de|di|da|von|zu|mit|à|a|van|med|по)\b|[x×*/,;:=(（-])?\s*"
_PIECES = r"\s*\.?\s*(?P<pieces>[^\W\d_]{1,12})?\.?\s*[)）]?"
_FORMS = (
    re.compile(rf"(?:1\s*)?{_NAME}{_OF}(?P<many>\d{{1,6}}){_PIECES}", re.I),
    re.compile(
        r"(?P<many>\d{1,6})\s*(?P<pieces>[^\W\d_]{1,12}?)?\.?\s*"
        r"(?:/|\bper\b|\bpro\b|\bpar\b|\bpor\b|(?<=\d)-?er\b|-|\bin\s+an?\b|入り?)\s*(?P<name>[^\W\d_]{1,20})?",
        re.I,
    ),
)
_WORD = re.compile(r"[^\W\d_]+")


class Packed(NamedTuple):
    """What a quantity counts, and how many pieces are in one, where it says so."""

    unit: str
    pieces: Decimal | None = None


def packed(text: str) -> Packed:
    """What a cell says of a unit: "case of 12" is twelve pieces, "CA" one case of nobody knows how many."""
    plain = text.strip()
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found and _is_pack(found["name"] or "pack") and _is_piece(found["pieces"] or ""):
            return Packed((found["name"] or "pack").strip(), Decimal(found["many"]))
    return Packed(plain)


def is_unit(text: str) -> bool:
    """Whether a cell says what is counted: a piece, a dozen, a case, so many in a case, a measure."""
    said = packed(text)
    code = _code(said.unit)
    words = [code, *(word for word in _WORD.findall(code) if len(word) > 1)]
    return said.pieces is not None or any(
        (word and _is_piece(word)) or word in COUNTED or _is_pack(word) for word in words
    )


def _code(word: str) -> str:
    return word.strip().upper().rstrip(".")


def _is_pack(word: str) -> bool:
    return _code(word) in _PACKS


def _is_piece(word: str) -> bool:
    return _code(word) in PIECES
