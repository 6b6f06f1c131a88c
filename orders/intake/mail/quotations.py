"""Tells letters that ask for a price from those that order by one they were given."""

import re

QUOTE = re.compile(
    r"\b(?:quote|quotation|price\s+list|how\s+much|availability\s+for|angebot|preisanfrage|devis"
    r"|cotización|presupuesto)\b|报价|询价|多少钱|見積",
    re.I,
)


# A quotation that we gave, by which goods are ordered now.
AS_QUOTED = re.compile(
    r"\b(?:as\s+per|per|according\s+to|based\s+on|following|with\s+reference\s+to|refer\w*\s+to|thanks\s+for"
    r"|thank\s+you\s+for)\s+(?:your|the)\s+(?:quote|quotation|price\s+list)"
    r"|\b(?:gemäß|laut|entsprechend|auf|für|zu|nach)\s+(?:Ihre?[mrs]?|das|dem)\s+Angebot"
    r"|\b(?:suivant|selon|suite\s+à|conformément\s+à|merci\s+pour)\s+votre\s+devis"
    r"|\b(?:según|conforme\s+a|gracias\s+por)\s+su\s+(?:presupuesto|cotización)"
    r"|(?:按照?|根据|依据?)(?:您|你们?|贵司|贵公司)?的?报价|(?:お|御)見積(?:書|り)?(?:の通り|どおり|通り|に基づ)",
    re.I,
)


def asks_for_a_quote(text: str) -> bool:
    """Whether a letter asks for a price; one that orders as it was quoted does not."""
    return QUOTE.search(AS_QUOTED.sub(" ", text)) is not None
