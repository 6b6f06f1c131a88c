"""Tells letters that ask for a price from those that order by one they were given."""

import re

QUOTE = re.compile(
    r"\b(?:quote|quotation|rfq|rfp|price\s+list|how\s+much|availability\s+for|angebot|preisanfrage|devis"
    r"|angebotsanfrage|cotización|cotizar|presupuesto|preventivo|orçamento|cotação|offerte(?:\s*aanvraag)?|prijsopgave"
    r"|prijsaanvraag|wycen\w*|zapytanie\s+ofertowe|offertförfrågan|tilbud|teklif\w*|báo\s+giá|penawaran"
    r"|fiyat\s+teklif\w*)\b"
    r"|\bprices?\s*(?:please|pls)?\s*\?|\bprice\s+(?:request|enquiry|inquiry)\b|\b(?:request"
    r"|ask\w*)\s+for\s+(?:\w+\s+)?pric\w+"
    r"|\bwhat(?:['’]?s|\s+(?:is|are|would|will))\b[^.!?\n]{0,40}\b(?:prices?|cost|charge)\b"
    r"|\b(?:send|give|tell|need|get|let|know|provide|want|like|offer)\b[^.!?\n]{0,30}\bprices?\s+(?:for|on|of)\b"
    r"|\bwas\s+kost\w*|\bcombien\s+co[uû]t\w*|\bcu[aá]nto\s+(?:cuest\w*|val\w*)|\bquanto\s+cost\w*"
    r"|(?<!\w)(?:запрос\s+цен\w*|коммерческое\s+предложение|сколько\s+стоит)"
    r"|报价|報價|询价|詢價|多少钱|多少錢|价格是|什么价|見積|いくら|견적|얼마|ใบเสนอราคา|عرض\s+(?:سعر|أسعار)|कोटेशन",
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
