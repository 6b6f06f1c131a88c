"""Finds what makes of goods in a letter no plain order: they are not wanted, are spoken of, or depend on something."""

import re
from collections.abc import Iterator

from orders.intake.mail.courtesies import without_courtesies, without_phones
from orders.intake.mail.quantities import in_digits

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
# What makes an order depend on something, whether goods stand beside it or not.
_STOCK = (
    r"in\s+stock|available|approv\w*|budget|cheaper|(?<!list\s)prices?|in\s+time|lieferbar|verfügbar|vorrätig"
    r"|auf\s+Lager|günstiger|Preis|rechtzeitig|en\s+stock|disponib\w*|prix|precio|existencias|voorraad|leverbaar"
    r"|beschikbaar"
)
DEPENDS_ANYWAY = re.compile(
    rf"\b(?:if|falls|wenn|sofern|si|se|als|indien)\b[^.!?。\n]{{0,60}}?\b(?:{_STOCK})(?!\w)"
    rf"|\b(?:if|whether)\b[^.!?。\n]{{0,60}}?\b(?:{_STOCK})(?!\w)"
    r"|\bsubject\s+to\b(?!\s+(?:(?:our|the|your)\s+)?(?:general\s+|standard\s+)?(?:terms|conditions))"
    r"|\bonly\s+(?:if|when|once|provided)\b|\bunless\b|\bon\s+(?:the\s+)?condition\b|\bprovid(?:ed|ing)\s+(?:that"
    r"|you|it|they|we|there)\b|\b(?:pending|awaiting|subject\s+to)\s+(?:\w+\s+){0,2}(?:approval|confirmation|budget)\b"
    r"|\b(?:as\s+soon\s+as|once|when)\b[^.!?\n]{0,40}\b(?:approv\w+|confirmed?|signed\s+off)\b"
    r"|\bnot\s+(?:yet\s+)?(?:final|binding|confirmed)\b|\b(?:provisional|tentativ)\w*"
    r"|\bvorbehaltlich\b|\bunter\s+(?:dem\s+)?Vorbehalt\b|\bnur\s*,?\s+(?:wenn|falls|sofern)\b|\berst\s*,?\s+wenn\b"
    r"|\bvorausgesetzt\b|\bunter\s+der\s+(?:Voraussetzung|Bedingung)\b|\bes\s+sei\s+denn\b|\bunverbindlich\w*"
    r"|\bsobald\b[^.!?\n]{0,40}\b(?:genehmigt|freigegeben|bestätigt|zustimm\w*|zugestimmt)\b"
    r"|\bsous\s+réserve\b|\b(?:seulement|uniquement|sauf)\s+si\b|\bà\s+(?:condition|moins\s+qu)|\bpourvu\s+qu"
    r"|\bsiempre\s+(?:que|y\s+cuando)\b|\b(?:s[oó]lo|solamente|únicamente)\s+si\b|\b(?:a\s+menos|salvo)\s+que\b"
    r"|\bsujet[oa]s?\s+a\b|\bpendiente\s+de\b|\ba\s+condici[oó]n\b"
    r"|\bsolo\s+se\b|\ba\s+condizione\b|\bpurché\b|\ba\s+meno\s+che\b|\bmits\b|\btenzij\b|\balleen\s+als\b"
    r"|\bonder\s+voorbehoud\b|\b(?:somente|só|apenas)\s+se\b|\ba\s+não\s+ser\s+que\b|\bsujeit[oa]s?\s+a\b"
    r"|(?<!\w)при\s+условии|(?<!\w)только\s+если|(?<!\w)если\b[^.!?\n]{0,40}\bналичи"
    r"|\b(?:hold|postpone|suspend|delay)\s+(?:(?:the|our|my|this)\s+)?(?:shipment|delivery|order|shipping)\b"
    r"|\bwait\s+with\b|\buntil\s+(?:we|i|you|\w+\s+is)\s+(?:hear|confirm\w*|approv\w*|say|tell|paid|received)\b"
    r"|\b(?:do\s+not|don['’]?t)\s+(?:ship|send|dispatch|deliver)(?:\s+(?:it|them|this|these|anything"
    r"|the\s+(?:order|goods)))?"
    r"\s*(?:\b(?:yet|before|until)\b|[.!]|\n|$)"
    r"|\bauf\s+(?:unsere|meine)\s+(?:\w+\s+)?(?:Freigabe|Bestätigung|Zusage)\b|\bnoch\s+nicht\s+(?:liefern"
    r"|versenden|verschicken)\b"
    r"|等(?:我|老板|通知|确认|领导)[^。\n]{0,10}(?:再|后|才)|(?:不超过|低于|少于)[^。\n]{0,10}(?:就|才)|先别"
    r"|確定(?:では|して)(?:あり)?ま?せん|未確定|まだ確定|確定し(?:たら|次第)"
    r"|除非|仅当|前提|(?:确认|批准|同意|审批|通过|批)(?:之|以)?后?(?:再|才)|待(?:确认|批|定)|暂定|视[^。\n]{0,12}而定"
    r"|有(?:现|存)?货(?:的话|就|才|再)|场合のみ|場合(?:のみ|に限|だけ)|(?:在庫|入荷|承認|価格|予算)[^。\n]{0,4}次第"
    r"|(?:在庫|承認)[^。\n]{0,6}(?:れば|たら)|경우에만|조건으로|재고가?\s*있으면",
    re.I,
)
# Goods that are spoken of and not asked for, or only under a condition.
DEPENDS = re.compile(
    r"\b(?:if|in\s+case|as\s+long\s+as|otherwise|or\s+else|depending\s+on)\b"
    r"|\b(?:falls|wenn|sofern|andernfalls|ansonsten|sonst)\b|\b(?:sinon|au\s+cas\s+où)\b"
    r"|(?<!\w)s['’]il\s+(?:y\s+a|en\s+reste|est)"
    r"|\bsi\s+(?:est[aá]n?|hay|tienen?|vous|disponible|c['’]est)|\b(?:de\s+lo\s+contrario"
    r"|se\s+(?:houver|tiver|estiver|avete|è|sono)|caso\s+contrário|altrimenti|anders)\b"
    r"|(?<!\w)если|(?<!\w)иначе|如果|若(?:有|没|无)|要是|否则|不然|的话|もし|なければ|あれば|있으면|만약"
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
    r"|(?:加到|加进|追加到|并入)[^。\n]{0,20}(?:订单|单)"
    # perhaps
    r"|\b(?:maybe|perhaps|possibly|potentially|might|(?:thinking|think)\s+(?:of|about)|consider(?:ing)?|not\s+sure"
    r"|unsure|undecided|reserve)\b|\b(?:vielleicht|eventuell|evtl|möglicherweise|überleg\w*|erwäg\w*"
    r"|reservier\w*|vormerken)\b|\b(?:peut-être|éventuellement|envisag\w+|pens(?:ons|e)\s+(?:à\s+)?command\w+"
    r"|réserve[rz]?)\b|\b(?:quizás?|tal\s+vez|a\s+lo\s+mejor|posiblemente|pensando|reserv(?:ar|en?)|forse|magari"
    r"|misschien|eventueel|talvez|reservar)\b|(?<!\w)(?:возможно|может\s+быть|наверн\w+)(?!\w)"
    r"|(?<!尽)(?<!不)可能(?!な限り|な範囲)|也许|或许|考虑|预留|打算|かもしれ|検討|多分|たぶん|おそらく|아마|검토"
    # asked whether there are some; what was before
    r"|\b(?:do|would)\s+you\s+(?:still\s+|currently\s+)?(?:have|stock|carry|sell|keep)\b|\bhave\s+you\s+got\b"
    r"|\b(?:is|are)\b[^.!?\n]{0,60}\b(?:in\s+stock|available)\b[^.!?\n]{0,20}\?"
    r"|\b(?:haben|hätten|führen)\s+(?:Sie|ihr)\b|\bauf\s+Lager\s*\?|\b(?:avez|auriez)[\s-]vous\b"
    r"|¿\s*(?:tienen?|hay|disponen)|\b(?:avete|heeft\s+u|hebben\s+jullie|vocês\s+têm|tem\s+em\s+estoque)\b"
    r"|(?<!\w)(?:есть\s+ли|у\s+вас\s+есть)|有没有|有沒有|(?:有货|有貨|现货|有)[吗嗎]|(?:在庫|あり)[^。\n]{0,8}ます?か|있나요|있습니까"
    r"|\b(?:it|that)\s+was\s+\d|\b(?:last\s+time|previously|the\s+last\s+order|letztes\s+Mal|beim\s+letzten\s+Mal)\b"
    r"|\bla\s+(?:dernière\s+fois|última\s+vez)\b|\bl['’]ultima\s+volta\b|(?<!\w)в\s+прошлый\s+раз"
    r"|上次|上回|之前是|原来是|前回|지난번"
    # another number or other goods than before
    r"|\b(?:correction|korrektur|rectification|corrección)\b|更正|訂正|\bmake\s+(?:that|it)\b|\b(?:not"
    r"|nicht)\s+\d+\b|不是\s*\d"
    r"|\b(?:change|amend|modify|correct|adjust|alter|reduce|lower|raise|increase|replace|substitute|swap)\s+"
    r"(?:(?:the|my|our|this|that)\s+)?(?:[A-Z]+[-_]?\d|\d|(?:\w+\s+)?(?:order|quantit\w+|items?)\b)"
    r"|\b(?:änder(?:n|e|t)|reduzier\w*|ersetz\w*|erhöh\w*)\b|\b(?:changer|changez|modifi\w+|remplac\w+|rédui\w+"
    r"|augment\w+)\b|\b(?:cambi(?:ar|en?|o)|modifi\w+|reempla\w+|reduzca\w*|reducir|aument\w+|sustitu\w+)\b"
    r"|(?<!\w)замени\w*|(?<!\w)измени\w*|改成|改为|换成|(?:减|增|加)(?:少|加)?到|変更|減らし|増やし|변경|바꿔|줄여",
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
    return TAKES_OFF.search(without_courtesies(piece)) is not None


def conditions(text: str) -> list[str]:
    """The sentences of a letter whose goods depend on something, or are only spoken of."""
    plain = without_courtesies(text)
    said = dict.fromkeys([*_anyway(text, plain), *_with_goods(text, plain)])
    return list(said)


def _anyway(text: str, plain: str) -> Iterator[str]:
    """The lines that make an order depend on something, wherever its goods stand and its lines are wrapped."""
    flat = re.sub(r"(?<!\n)\n(?!\s*\n)", " ", plain)
    for found in DEPENDS_ANYWAY.finditer(flat):
        yield text[text.rfind("\n", 0, found.start()) + 1 :].split("\n", 1)[0].strip()


def _with_goods(text: str, plain: str) -> Iterator[str]:
    """The sentences that speak of some number of goods and order none; one that is not ended goes on below."""
    lines = plain.split("\n")
    for line, below, shown in zip(lines, [*lines[1:], ""], text.split("\n"), strict=True):
        for part in sentences(line):
            rest = "" if part.rstrip().endswith((".", "!", "?", "。", "！", "？", ":")) else below
            if DEPENDS.search(part) and _counts(f"{part} {rest}" if line.endswith(part) else part):
                yield next((x for x in sentences(shown) if part.strip() in x), shown).strip()


def _counts(part: str) -> bool:
    """Whether a sentence says some number that is no telephone number."""
    return _COUNTS.search(in_digits(without_phones(part))) is not None
