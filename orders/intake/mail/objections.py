"""Finds sentences of letters that take goods off or back: cancel, return, do not send."""

import re
from collections.abc import Iterator

OBJECTS = re.compile(
    r"\b(?:cancel\w*|withdraw\w*|do\s+not|don['’]?t\s+(?:send|ship|deliver|need|want|order)|no\s+longer|not\s+(?:the|any|to)"
    r"|return(?:ing|ed)?(?!\s+(?:address|policy))|send(?:ing)?\s+back|refund\w*|instead\s+of|remove|except|leave\s+out"
    r"|storn\w*|abbestell\w*|widerruf\w*|nicht(?!\s+nur)|kein\w*|zurück\w*|rücksend\w*|retour\w*|reklam\w*|statt|anstatt|außer"
    r"|annul\w*|n['’]\w+|ne\s+\w+\s+(?:pas|plus)|rembours\w*|renvo\w*|au\s+lieu\s+de?|sauf"
    r"|anul\w*|no\s+(?:env[ií]\w*|necesit\w*|quier\w*|mand\w*)|devol\w*|devuel\w*|reembols\w*|en\s+(?:lugar|vez)\s+de|excepto"
    r")(?!\w)"
    r"|取消|撤销|作废|退货|退款|退回|退掉|换货|不要|不需要|不用|不再|别(?:再)?[发送寄]|勿发|而不是|除了"
    r"|キャンセル|取り?消|返品|返金|返送|不要|中止|要りません|いりません|ではなく",
    re.I,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
LISTS = re.compile(r"[:：]\s*$|\b(?:following|folgende\w*|suivant\w*|siguient\w*)\W*$|(?:以下|如下|下列)\W*$", re.I)  # fmt: skip


def sentences(text: str) -> Iterator[tuple[str, bool]]:
    """The lines of a letter, cut into sentences where one objects, and whether it does.

    What is listed under one that does ("Please cancel:") is objected to until a line is empty.
    """
    is_listed = False
    for line in text.split("\n"):
        if OBJECTS.search(line) is None:
            is_listed = is_listed and bool(line.strip())
            yield line, is_listed
            continue
        parts = SENTENCE.split(line)
        yield from ((part, OBJECTS.search(part) is not None) for part in parts)
        is_listed = bool(OBJECTS.search(parts[-1]) and LISTS.search(parts[-1]))
