"""Knows which countries there are: what a field may hold, by the codes of ISO 3166-1."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    _Text = models.CharField[str, str]
else:
    _Text = models.CharField  # it has no types when it runs

# ISO 3166-1 alpha-2, as of 2025. CLDR names more: unions (EU, UN), parts of countries (IC), tests (XA), nobody (ZZ).
_ISO = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
"""
ISO_3166 = frozenset(_ISO.split())
# Kosovo has no code there; carriers, shops and customs write this one, which is free for such use.
COUNTRIES = ISO_3166 | {"XK"}


def is_country(code: object) -> bool:
    """Whether `code` is the code of a country (ISO 3166-1 alpha-2), as it is written there."""
    return isinstance(code, str) and code in COUNTRIES


def check_country(code: object) -> None:
    """Raise ValidationError for what is no country's code."""
    if not is_country(code):
        raise ValidationError(_("Give an ISO 3166-1 code such as CN."), code="unknown")


class CountryField(_Text):
    """The code of a country; forms, the back office and `save_checked` refuse any other text.

    Every model declares its country by this field, unless it keeps what a source wrote (tests/erp/test_codes.py).
    """

    default_validators = [check_country]

    def __init__(self, *args: Any, **kwargs: object) -> None:
        options: dict[str, Any] = {"max_length": 2, **kwargs}
        super().__init__(*args, **options)

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """A column of text, to migrations."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", list(args), dict(kwargs)
