"""Keeps the free texts of a purchase order for its staff, and doubts those that object to sending it."""

import re

from orders.intake.edi.purchases import Purchase

# Words that take an order back or keep it from leaving, in the languages of letters. What asks for a person only
# where it is told (not before a day, hold for pick-up) is told to one as well.
_SENDS = (
    r"(?:ship|send|deliver|process|fulfil|fill|dispatch|despatch|release|pack|pick)(?!\s+up)\w*"
)
TAKES_BACK = (
    rf"\b(?:cancel\w*|withdraw\w*|void(?:ed)?|(?:do\s*n[o'’]t|not\s+to|never|no\s+longer)\s+(?:be\s+)?{_SENDS}"
    rf"|not\s+(?:to\s+)?be\s+{_SENDS}|stop\s+(?:the\s+|this\s+)?(?:order|{_SENDS})"
    r"|storn\w*|abbestell\w*|widerruf\w*"
    r"|nicht\s+(?:aus|ver|ab)?(?:liefer\w*|send\w*|schick\w*)"
    r"|annul\w*|ne\s+pas\s+(?:exp[ée]di\w*|livr\w*|envoy\w*)"
    r"|anul\w*|no\s+(?:env[ií]\w*|entreg\w*|despach\w*)"
    r"|disdi\w*|non\s+(?:sped\w*|consegn\w*|invi\w*)|niet\s+(?:lever\w*|verzend\w*))(?!\w)"
    r"|取消|撤销|作废|[勿别](?:发|送|寄)|不要(?:发|送|寄)|停止|キャンセル|取り?消|出荷(?:しない|不可|停止)"
)
KEEPS = (
    r"\b(?:on\s*hold|hold(?!\s*-?\s*all)|halt|zurück(?:halt|stell)\w*|suspend\w*|reten(?:er|gan)|sospes\w*)(?!\w)"
    r"|暂停|暂缓|先不|保留"
)
OBJECTS = re.compile(f"{TAKES_BACK}|{KEEPS}", re.I)
NAME_OBJECTS = re.compile(rf"\bcancel(?:led|ed)\b|\bdo\s*n[o'’]t\s+{_SENDS}", re.I)


def keep_text(purchase: Purchase, *texts: str, line: str = "") -> None:
    """Keep a text in the note, of a line behind its number."""
    if words := " ".join(" ".join(texts).split()):
        told = f"{line}: {words}" if line else words
        purchase.note = f"{purchase.note}\n{told}".strip()


def doubt_texts(purchase: Purchase) -> None:
    """Doubt what takes the order back or keeps it from leaving, in its texts and in what its goods are called."""
    texts = [text for text in purchase.note.splitlines() if OBJECTS.search(text)]
    texts += [item.name for item in purchase.items if NAME_OBJECTS.search(item.name)]
    for text in texts:
        purchase.doubt(f"text_objects:{text.strip()}"[:54])
