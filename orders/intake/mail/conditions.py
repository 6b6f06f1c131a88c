"""Finds what makes of goods in a letter no plain order: they are not wanted, are spoken of, or depend on something."""

import re

# More ways to take goods off than `objections` lists.
TAKES_OFF = re.compile(
    r"\b(?:(?:wo|do|does|did|ca|could|would|should|is|are)n['’]?t|(?:will|can|would|should|could)\s*not"
    r"|cannot)\s+(?:be\s+)?(?:need|want|require|tak|order|accept|us|buy|send|ship)\w*"
    r"|\b(?:scrap|scratch|drop|skip|forget(?:\s+about)?|strike|delete|call\s+off|disregard|ignore|nix"
    r"|void|omit)\s+(?:(?:the|my|our|those|these|that|this|all)\b|\d)"
    r"|\b(?:streichen|streicht|weglassen|lasst?\s+weg|laisse[rz]\s+tomber|supprime[rz]?|enlev\w+"
    r"|retire[rz]|quit(?:en|ar|e)|elimin\w+|cancele\w*|cancelar|retirar)(?!\w)"
    r"|отмен\w*|аннулир\w*|отказ\w*|не\s+(?:нужн\w*|надо|отправля\w*|присыла\w*)|верн(?:у|ите|уть)\b"
    r"|возврат\w*|취소|반품|환불",
    re.I,
)
# Goods that are spoken of and not asked for, or only under a condition.
DEPENDS = re.compile(
    r"\b(?:if|unless|in\s+case|provided|as\s+long\s+as|otherwise|or\s+else"
    r"|depending\s+on)\b(?!\s+(?:you\s+(?:have|need)\s+any|(?:there\s+are\s+)?any\s+questions?"
    r"|(?:at\s+all\s+)?possible|not\s+already))"
    r"|\b(?:falls|wenn|sofern|andernfalls|ansonsten|sonst)\b(?!\s+möglich)|\b(?:sinon|au\s+cas\s+où"
    r"|à\s+condition)\b|(?<!\w)s['’]il\s+(?:y\s+a|en\s+reste|est)"
    r"|\bsi\s+(?:est[aá]n?|hay|tienen?|vous|disponible|en\s+stock|c['’]est)|\b(?:de\s+lo\s+contrario"
    r"|se\s+(?:houver|tiver|estiver)|caso\s+contrário)"
    r"|(?<!\w)если|(?<!\w)иначе|如果|若(?:有|没|无)|要是|否则|不然|もし|なければ|あれば"
    r"|\b(?:i|we)\s+(?:have\s+)?(?:only\s+|just\s+)?(?:received|got|bought|ordered)\b|\bof\s+the\s+\d+\b"
    r"|\b(?:only|nur|seulement|solo|sólo)\s+(?:received|got|arrived|erhalten|bekommen|angekommen|reçu"
    r"|recib\w+|lleg\w+)"
    r"|\b(?:(?:have|has|did|was|were)(?:n['’]?t|\s+not)|never"
    r"|not)\s+(?:yet\s+)?(?:been\s+)?(?:receive[d]?|arrived?|got|get|come|delivered)\b"
    r"|\b(?:arrived|were\s+(?:missing|broken|damaged)|is\s+missing|are\s+missing|haben\s+wir\s+erhalten"
    r"|nous\s+avons\s+reçu|hemos\s+recibido|recib[ií]\w*)\b"
    r"|\b(?:less|minus|abzüglich|moins|menos)\s+(?:the\s+|die\s+|les\s+|las?\s+|los\s+|os\s+|as\s+)?\d+\b"
    r"|\b(?:you\s+owe|still\s+owed)\b|只收到|收到了|少发|欠"
    r"|\b(?:add|adding|increase|raise|top\s+up|append|hinzu\w*|ergänz\w*|ajoute[rz]?|añad\w+|agreg\w+"
    r"|adicion\w+|acrescent\w+)\b[^.!?\n]{0,80}?\b(?:my|our|the|existing|open|meiner|unserer|ma|notre|mi"
    r"|nuestro|meu|nosso)\s+(?:\w+\s+){0,2}?(?:order|po|bestellung|commande|pedido|encomenda)\b"
    r"|(?:加到|加进|追加到|并入)[^。\n]{0,20}(?:订单|单)",
    re.I,
)


# Where one sentence of a line ends and another begins: no abbreviation (pcs., шт.) is the end of one.
_STOP = re.compile(
    r"(?:(?<=[^\W\d_]{4}[.!?])|(?<=\d\d\d[.!?])|(?<=[.!?][.!?]))\s+(?=[A-ZÀ-ÞА-Я][a-zß-ÿа-я]|\d|[IA]\s)"
    r"|(?<=[。！？])"
)
_COUNTS = re.compile(r"\d|[一二三四五六七八九十两]")


def sentences(piece: str) -> list[str]:
    """The sentences of a line."""
    return [part for part in _STOP.split(piece) if part.strip()]


def takes_off(piece: str) -> bool:
    """Whether a piece of a letter says that goods are not wanted."""
    return TAKES_OFF.search(piece) is not None


def conditions(text: str) -> list[str]:
    """The sentences of a letter whose goods depend on something, or are only spoken of."""
    said = (part for line in text.split("\n") for part in sentences(line))
    return [part.strip() for part in said if DEPENDS.search(part) and _COUNTS.search(part)]
