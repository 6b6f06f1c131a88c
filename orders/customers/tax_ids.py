"""Validates and formats tax ids by country. Check digits by python-stdnum."""

from stdnum import get_cc_module
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import ValidationError

EU = {code.upper() for code in eu_vat.MEMBER_STATES} | {"EL"}


def tax_id_of(text: str, country: str) -> str:
    """A tax id as it is written, of the country that gave it; "" for what cannot be one.

    Ids of the European Union are known by their prefix wherever they are used; others by the country's own
    rules: VAT or business numbers, 统一社会信用代码 in China.
    """
    text = text.strip().upper()
    if text[:2] in EU:
        try:
            return str(eu_vat.validate(text))
        except ValidationError:
            return ""
    for kind in ("uscc", "vat", "businessid", "tin", "ein", "abn", "gst"):
        module = get_cc_module(country.lower(), kind)
        if module is None:
            continue
        try:
            return str(module.validate(text))
        except ValidationError:
            continue
    return ""
