"""Finds sentences of letters that take goods off or back: cancel, return, do not send."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from orders.intake.mail import cancels
from orders.intake.mail.conditions import TAKES_OFF
from orders.intake.mail.courtesies import without_courtesies
from orders.intake.mail.need_by import MONTH

OBJECTS = re.compile(
    rf"{cancels.CANCELS}|{cancels.UNWANTED}|"
    r"\b(?:cancel\w*|withdraw\w*|do\s+not|don['’]?t\s+(?:send|ship|deliver|need|want|order)|no\s+longer"
    r"|not\s+(?:the|any|to)"
    r"|return(?:ing|ed)?(?!\s+(?:address|policy))|send(?:ing)?\s+back|refund\w*|instead\s+of|remove"
    r"|except|leave\s+out"
    r"|storn\w*|abbestell\w*|widerruf\w*|nicht(?!\s+nur)|kein\w*|zurück\w*|rücksend\w*|retour\w*"
    r"|reklam\w*|statt|anstatt|außer"
    r"|annul\w*|n['’]\w+|ne\s+\w+\s+(?:pas|plus)|rembours\w*|renvo\w*|au\s+lieu\s+de?|sauf"
    r"|anul\w*|no\s+(?:env[ií]\w*|necesit\w*|quier\w*|mand\w*)|devol\w*|devuel\w*|reembols\w*"
    r"|en\s+(?:lugar|vez)\s+de|excepto"
    r"|chang(?:ed|ing)\s+(?:my|our)\s+minds?|never\s*mind|(?:put|keep|place)\b[^.!?]{0,60}\bon\s+hold|hold\s+off"
    r"|(?:by|in)\s+(?:mistake|error)|accidental\w*|mistaken\w*|wrongly|stop(?:\s+the)?\s+(?:delivery|shipment"
    r"|order|shipping|sending)|(?:exchange|swap)(?!\s+rate)|no\s+need\s+(?:for|of)|decided\s+against"
    r"|off\s+(?:my|our|the|this)\s+order|rather\s+than|(?:send\w*|sent|ship\w*)\s[^.!?]{0,60}?\bback(?!\s*-?\s*order)"
    r"|erledigt|verzicht\w*|irrtümlich\w*|versehentlich|aus\s+Versehen|umtausch\w*"
    r"|changé\s+d['’]avis|par\s+erreur|échang(?:er|ez|eons)|renonç\w*"
    r"|ya\s+no|no\s+(?:nos?|me|lo|la|los|las|hac\w+|quer\w+|dese\w+|pid\w+|entreg\w+)|por\s+error|equivoc\w*"
    r"|non\s+(?:vogl\w+|serv\w+|mand\w+|invi\w+|sped\w+|abbiamo|ci|mi|desider\w+|consegn\w+|ordin\w+)"
    r"|disdi\w*|disdett\w*|restitu\w*|rimbors\w*|rinunc\w*|per\s+errore"
    r"|não\s+(?!só|apenas)\w+|desist\w*|por\s+engano|niet(?!\s+alleen)|geen|terug\w*|per\s+ongeluk"
    r"|nie\s+(?:chc\w+|potrzeb\w+|wysył\w+|zamaw\w+)|anuluj\w*|rezygn\w*|zwrac\w*"
    r"|не\s+(?:хот\w+|нужн\w*|надо|отправля\w*|присыла\w*)|передума\w*|по\s+ошибке"
    r")(?!\w)"
    r"|取消|撤销|作废|退货|退款|退回|退掉|换货|不要|不需要|不用|不再|别(?:再)?[发送寄]|勿发|而不是|除了"
    r"|先不|暂停|暂缓|[拍下订买搞弄]错|不[订买发想必]|没必要|算了(?!一下)|退还|改主意|停止|无需"
    r"|キャンセル|取り?消|返品|返金|返送|不要|中止|要りません|いりません|ではなく"
    r"|取り?やめ|取り?止め|見送|(?<!で)結構です|間違え|誤って|必要(?:なく|ありません|ない)|要らな|いらな|辞退|交換"
    r"|필요\s*(?:없|하지)|보내지\s*마|잘못|실수로|철회|교환",
    re.I,
)
# An order is taken off as a whole, whatever goods stand beside it.
CANCELS = re.compile(cancels.CANCELS, re.I)
# A list of what is objected to follows: "Please cancel:", "the following items", 以下の商品.
LISTS = re.compile(
    r"[:：]\s*$|\b(?:following|below|folgende\w*|suivant\w*|ci-dessous|siguient\w*)(?:\s+[^\W\d]+){0,6}\W*$"
    r"|(?<![\d个個件])(?:以下|如下|下列|下記|次の)[^\d]{0,30}$",
    re.I,
)
# What begins an order of its own, though no full stop ends the objection before it.
BEGINS = re.compile(
    r"\W*(?:(?:but\s+|and\s+)?(?:instead|in\s+their\s+place)\b(?!\s+of)|(?:please|pls"
    r"|kindly)\s+(?:instead\s+)?(?:send|ship|deliver|order|add|supply)\b"
    r"|stattdessen|(?:und\s+)?dafür\b|bitte\s+(?:stattdessen\s+)?(?:senden|schicken|liefern|bestellen"
    r"|ergänzen)\b"
    r"|à\s+la\s+place(?!\s+de)|(?:veuillez|merci\s+de)\s+(?:nous\s+)?(?:envoyer|livrer|expédier|ajouter"
    r"|commander)\b"
    r"|en\s+su\s+lugar|en\s+cambio|por\s+favor[,\s]+(?:env[ií]\w+|mand\w+|entreg\w+)"
    r"|(?:另外|同时|另)?(?:请)?(?:改为|改成|改订|改发|换成|改要|请发|请寄|请订|另订|另外订|我要订|我们要订)|代わりに|その代わり|かわりに"
    r"|(?-i:(?:We|I)\s+(?:also\s+)?(?:need|order|would\s+like\s+to\s+order|want\s+to\s+order)\b"
    r"|(?:Wir|Ich)\s+(?:bestellen|brauchen|benötigen)\b|(?:Nous|Je)\s+command\w+|(?:Necesitamos|Pedimos"
    r"|Quisiéramos\s+pedir)\b))",
    re.I,
)
BULLET = re.compile(r"\s*(?:[-*•·–—‣▪◦●・‐+]\s*(?=\S)|[(（]?\d{1,2}[.)）、]\s+)")
STOP = re.compile(r"[.!?]+[\"'”’»)\]]*(?:\s+|$)|[。！？]+[」』”）]*\s*")
# What ends in a point and no sentence with it: 1. of a list, z. B., 3. December, No. 4711, 3 pcs. of, an ellipsis.
ABBREVIATED = re.compile(
    r"(?:^\s*[(（]?\d{1,2}|(?<![^\W_])[^\W\d_]|\b(?:approx|ca|incl|inkl|excl|bzw|vs|mrs?|ms|dr|hr|fr|sra?"
    r"|mme|cf|vgl|str)|\.\.)\.$",
    re.I,
)
NUMBERED = re.compile(r"(?:\b(?:nos?|nrn?|num|núm|art|pos|ord|ref|tel)|-nr)\.$", re.I)
NUMBER = re.compile(r"\s*\S*\d")
COUNTED = re.compile(
    r"(?:\b|\d)(?:pcs?|stk|st|uds?|unid|dz|ea|etc|usw|шт|уп|szt|pza?s?|kpl|ks|kom|db|ad)\.$", re.I
)
SENTENCE_BEGINS = re.compile(r"\s*(?:[A-ZÀ-Þ][a-zß-ÿ]|$)")
DAY_OF = re.compile(r"(?:^|\D)\d{1,2}\.$")
OF_MONTH = re.compile(rf"\s*{MONTH}", re.I)
# A line that goes on with the sentence of the one above it; and one that does not, for all its small letters.
GOES_ON = re.compile(
    r"\s*(?:(?-i:[a-zß-ÿ])|都|也|全部|一律|取消|キャンセル|取り?消|返品|中止|不要|[をはがも]|(?:不|退|别|换)[^\d、，,]{0,5}[。！]?\s*$)",
    re.I,
)
PROSE = re.compile(r"\s*[^\W\d_]+\s+[^\W\d_]+.*\b[a-zß-ÿ]{2,}\s*$")
BY_ITSELF = re.compile(
    r"\s*(?:please|pls|kindly|bitte|merci|por\s+favor|do\s+not|don['’]?t|thanks?|but|and|also|we|i|aber"
    r"|und|auch|wir|ich"
    r"|mais|et|aussi|nous|je|pero|y|también)\b",
    re.I,
)
NAMES_GOODS = re.compile(r"\d\s*[x×*]\s|\w[-_]\d|\d\s*[个個件点本]", re.I)
NEAR = 40  # so many letters around a point tell what it is
WIDTH = 64  # a line that the next word would make longer is one that was wrapped
_CJK = "\u3040-\u30ff\u3400-\u9fff"
_BROKEN = re.compile(rf"(?<=[{_CJK}])\n(?=[{_CJK}])|(?<=[a-zß-ÿ])-\n(?=[a-zß-ÿ])")

# A line of Chinese that ends before it says how many: the next one goes on with it.
_UNCOUNTED = re.compile(
    r"(?:^|[、，,和及与])[^\d一二三四五六七八九十百千两、，,和及与。：:]*[\u3400-\u9fff]\s*$"
    r"|[\u3400-\u9fff]\s*[\d一二三四五六七八九十百千两]+\s*$|[都也全]\s*$"
)


@dataclass
class _Sentence:
    """What stands between two full stops: parts of lines, each with the number of its line."""

    parts: list[tuple[int, str]] = field(default_factory=list)
    has_items: bool = False

    def is_without(self, line: str) -> bool:
        """Whether a line is an item of its own, and none of what this objects to."""
        if BULLET.match(line) is None or self.has_items:
            return False
        is_item = BULLET.match(self.parts[0][1]) is not None
        self.has_items = not is_item and self.objects_from() is not None
        return not self.has_items

    def objects_from(self) -> int | None:
        """The first of its parts that objects; None: nothing does.

        A sentence may be wrapped within the words that object; in Chinese and Japanese within a word.
        """
        text = "\n".join(part for _line, part in self.parts)
        broken = {at for found in _BROKEN.finditer(text) for at in range(*found.span())}
        kept = [at for at in range(len(text)) if at not in broken]
        said = without_courtesies("".join(text[at] for at in kept))
        found = OBJECTS.search(said)
        if found is None and len(self.parts) > 1 and ";" not in said:
            found = TAKES_OFF.search(said)
        if found is None:
            return None
        first = text.count("\n", 0, kept[found.start()])
        while first and _goes_on(self.parts[first - 1][1], self.parts[first][1]):
            first -= 1
        return first


def objection(line: str) -> bool:
    """Whether a line objects to goods by itself: cancels, returns or declines some."""
    said = without_courtesies(line)
    return any(x.search(said) for x in (CANCELS, OBJECTS, TAKES_OFF))


def cancellation(text: str) -> str:
    """The sentence of a letter that takes an order off; empty: none does."""
    said = (
        part
        for part, is_off in sentences(text)
        if is_off and CANCELS.search(without_courtesies(part))
    )
    return next(said, "")


def sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a letter, cut into sentences where one objects, and whether it does.

    What objects goes on over line ends until a full stop, an empty line, or a line that begins an order of its own;
    what is listed under it ("Please cancel:") until a line is empty, though not the one that sets the list apart.
    """
    is_listed, above = False, ""
    for block in re.split(r"\n(?:[^\S\n]*\n)+", text):
        lines = block.split("\n")
        goes_on = LISTS.search(above) or (BULLET.match(above) and BULLET.match(lines[0]))
        said, is_listed = _said(lines, is_listed and goes_on is not None)
        for line, parts in zip(lines, said, strict=True):
            yield from parts if any(is_off for _part, is_off in parts) else ((line, False),)
        above = lines[-1]


def _said(lines: Sequence[str], is_listed: bool) -> tuple[list[list[tuple[str, bool]]], bool]:
    """The parts of each line, whether each is objected to, and whether a list of such was going on at the end."""
    said: list[list[tuple[str, bool]]] = [[] for _line in lines]
    for sentence in _sentences_of(lines):
        is_listed = is_listed and BEGINS.match(sentence.parts[0][1]) is None
        first = 0 if is_listed else sentence.objects_from()
        for at, (number, part) in enumerate(sentence.parts):
            is_off = first is not None and at >= first
            said[number].append((part, is_off))
            is_listed = is_listed or (is_off and LISTS.search(part) is not None)
            is_listed = is_listed or (is_off and at != first and BULLET.match(part) is not None)
    return said, is_listed


def _sentences_of(lines: Sequence[str]) -> Iterator[_Sentence]:
    """The sentences of lines without an empty one between them."""
    sentence = _Sentence()
    for number, line in enumerate(lines):
        if sentence.parts and (BEGINS.match(line) or sentence.is_without(line)):
            yield sentence
            sentence = _Sentence()
        for part, is_ended in _parts(line, lines[number + 1] if number + 1 < len(lines) else ""):
            sentence.parts.append((number, part))
            if is_ended:
                yield sentence
                sentence = _Sentence()
    if sentence.parts:
        yield sentence


def _parts(line: str, below: str) -> Iterator[tuple[str, bool]]:
    """A line cut at its full stops, and whether one ends each part."""
    at = 0
    for found in STOP.finditer(line):
        if not _is_stop(_until(line, found.end()), line[found.end() :][:NEAR] or below):
            continue
        yield line[at : found.end()].strip(), True
        at = found.end()
    if at < len(line):
        yield line[at:], False


def _until(line: str, end: int) -> str:
    """What stands just before a place of a line; the mark in front says that the line begins earlier."""
    return line[:end].rstrip() if end <= NEAR else "/" + line[end - NEAR : end].rstrip()


def _is_stop(said: str, rest: str) -> bool:
    """Whether a point ends a sentence, and no abbreviation or number before what follows it."""
    if ABBREVIATED.search(said):
        return False
    if NUMBERED.search(said) and NUMBER.match(rest):
        return False
    if DAY_OF.search(said) and OF_MONTH.match(rest):
        return False
    return COUNTED.search(said) is None or SENTENCE_BEGINS.match(rest) is not None


def _goes_on(above: str, line: str) -> bool:
    """Whether a line goes on with the sentence that the one above it began."""
    if BULLET.match(line) or above.rstrip().endswith((":", "：")):
        return False
    if len(above) + 1 + len(line.split(" ", 1)[0]) > WIDTH:
        return True
    if BY_ITSELF.match(line):
        return False
    if _UNCOUNTED.search(above):
        return True
    if above.rstrip().endswith((",", "，", "、")) or line.lstrip().startswith(("，", "、")):
        return True
    is_going_on = GOES_ON.match(line) or PROSE.match(above)
    return is_going_on is not None and NAMES_GOODS.search(line) is None
