"""Blanks the courtesies of letters: they sound like objections and conditions, and are neither.

Each names what it is about (questions, a call, a misdirected mail): "if you have any questions" is a courtesy,
"if you have any left" is none.
"""

import re

_COURTESIES = (
    # English
    r"\b(?:(?:if|should|in\s+case)\s+(?:you|there)\s+(?:have|has|had|are|is|be|need|require)\s+"
    r"(?:(?:any|some|an?|further|more|other|additional)\s+){0,3}(?:questions?|quer(?:y|ies)|concerns?"
    r"|problems?|issues?|doubts?|comments?|info(?:rmation)?|details|help|assistance|anything(?:\s+else)?)\b)",
    r"\bif\s+(?:at\s+all\s+)?(?:possible|convenient|needed|necessary|required|applicable|any|not\s+already)\b",
    r"(?:\bgreat|nice|lovely|kind|helpful|appreciated?|grateful|glad|happy|good|wonderful|perfect|thankful"
    r"|pleased)(?:\s+(?:it|of\s+you))?\s*,?\s+if\s+you\s+(?:could|can|would|might)\b",
    r"\blet\s+(?:me|us)\s+know\s+(?:at\s+[\d\s+()-]+\s+)?(?:if|should|in\s+case)\s+"
    r"(?:(?:any|some)thing(?:\s+(?:is|was|should\s+be)\s+\w+)?|there"
    r"|you\s+(?:need|require)|delivery|that|this\s+is\s+unclear)\b",
    r"\b(?:if|in\s+case|when)\s+(?:no\s*body|no\s+one|somebody|any\s*one)\s+(?:is|answers)\b",
    r"\b(?:some|any)thing\s+is\s+(?:missing|unclear)\b|\bif\s+(?:some|any)thing\s+is\s+unclear\b",
    r"\bif\s+you\s+(?:are\s+not|(?:have\s+)?received)\s+(?:the\s+)?(?:intended|named|correct|right|this\s+e-?mail"
    r"|this\s+message|this\s+mail)\b(?:\s+recipient|\s+addressee)?",
    r"\bunless\s+otherwise\s+(?:agreed|stated|noted|specified)\b|\beven\s+if\b",
    r"\b(?:please\s+)?(?:do\s+not|don['’]?t)\s+(?:hesitate|worry|rush|hurry|(?:ring|bend|fold|leave)\b"
    r"|(?:print|copy|forward|distribute|disclose)\b)",
    r"\b(?:do\s+not|don['’]?t)\s+forget\s+(?:to|about|the|that|my|our)?",
    r"\b(?:not\s+to\s+worry|no\s+(?:need|reason)\s+to\s+(?:call|hurry|rush|reply|worry|ring)|no\s+(?:rush|hurry))\b",
    r"\b(?:delete|destroy|disregard|ignore)\s+(?:it|this\s+(?:e-?mail|message|mail))\b",
    r"\bby\s+return(?:\s+(?:of\s+)?(?:e-?mail|mail|post))?\b|\bin\s+return\b|\breturn\s+(?:my|our)\s+call\b"
    r"|\breturn(?:ing)?\s+customers?\b|\b(?:cancellation|returns?|refund)\s+(?:policy|terms|conditions|period)\b",
    r"\b(?:received|got)\s+(?:your|the)\s+(?:\w+\s+)?(?:catalogue|catalog|e-?mail|message|newsletter|letter|brochure"
    r"|leaflet|flyer|voucher|price\s+list)\b|\barrived\s+(?:safely|well|on\s+time|quickly|in\s+good)\b",
    r"\bif\s+you\s+can(?:\s+please)?(?=\s*(?:[.!,;)]|\n|$))|\breturn\s+(?:labels?|slips?|envelopes?|form)\b",
    # German
    r"\bnicht\s+vor(?=\s+(?:dem\s+)?\d)",
    r"\b(?:falls|wenn|sofern|sollten)\s+(?:Sie|ihr|es|du|noch)\s+(?:(?:noch|irgendwelche|weitere|eine|Ihrerseits)\s+)"
    r"{0,2}(?:Fragen|Rückfragen|Probleme|Unklarheiten|Informationen|Angaben|Hilfe)\b|\bbei\s+(?:Rück)?fragen\b",
    r"\b(?:falls|wenn|sofern)\s+(?:irgend)?etwas\s+(?:fehlt|unklar\s+ist|fehlen\s+sollte)\b|\b(?:wenn"
    r"|falls)\s+möglich\b",
    r"\b(?:schön|nett|toll|freuen|dankbar|super|prima|hilfreich|lieb|gut)\s*,?\s+(?:wenn|falls)\s+"
    r"(?:Sie|ihr|du|wir|ich)\b",
    r"\bsonst\s+(?:nichts|noch\s+(?:etwas|Fragen))\b|\bauch\s+wenn\b",
    r"\b(?:wenn|falls|sofern)\s+(?:Sie\s+nicht\s+der|niemand)\b|\b(?:diese\s+)?E-?Mail\s+irrtümlich\b",
    r"\bzögern\s+Sie\s+(?:bitte\s+)?nicht\b|\b(?:eilt|pressiert)\s+nicht\b|\bnicht\s+(?:vergessen|zögern|eilig|dringend"
    r"|knicken|werfen|klingeln|nötig,?\s+anzurufen|gestattet)\b",
    r"\bkein(?:e|en)?\s+(?:Problem|Eile|Sorge|Stress|Hektik|Fragen)\b",
    r"\b(?:ruf\w*|meld\w*|schreib\w*)\s+(?:(?:Sie|mich|uns|sich|bitte|einfach|gerne?)\s+){0,4}zurück\b"
    r"|\bzurück(?:ruf|meld)\w*|\bkomm\w*\s+(?:\w+\s+){0,4}zurück\b|\baußer\s+Haus\b",
    r"\b(?:Widerrufs(?:belehrung|recht)|Stornierungsbedingungen|Stornobedingungen)\b",
    # French
    r"\bsi\s+vous\s+(?:avez|aviez)\s+(?:(?:des|une|la\s+moindre|d['’]autres|besoin)\s+)?(?:questions?|besoin"
    r"|d['’](?:\w+\s+)?renseignements?|d['’]informations?|d['’]aide|problème)",
    r"\bsi\s+vous\s+avez\s+besoin\b|\bsi\s+(?:possible|nécessaire|besoin)\b",
    r"\b(?:gentil|aimable|bien|super|reconnaissante?s?|parfait|ravie?s?)\s*,?\s+si\s+vous\s+(?:pouviez|pourriez"
    r"|pouvez)\b",
    r"\bs['’]il\s+(?:vous|te)\s+plaît|\bs['’]il\s+manque\b|\bmême\s+si\b",
    r"\bn['’](?:hésitez|hésite|oubliez|oublie)\s+(?:surtout\s+)?pas\b|\bne\s+(?:tardez|vous\s+inquiétez|pliez"
    r"|plier|sonnez)\s+pas\b|\bn['’]est\s+pas\s+(?:urgent|pressé)",
    r"\b(?:attente|par|en|votre)\s+(?:de\s+votre\s+|de\s+votre\s+prompt\s+)?retour(?:\s+de\s+(?:mail|courrier))?\b",
    r"\bn['’](?:êtes|étiez)\s+pas\s+(?:le\s+)?destinataire\b",
    # Spanish, Portuguese, Italian, Dutch
    r"\bsi\s+(?:usted(?:es)?\s+)?(?:tienen?|hay|tuviera[ns]?|surge)\s+(?:alguna?\s+|cualquier\s+|más\s+)?(?:dudas?"
    r"|preguntas?|problemas?|consultas?|inconvenientes?)\b|\bsi\s+(?:es\s+)?posible\b|\bsi\s+falta\b|\baunque\b",
    r"\bno\s+(?:duden?|se\s+preocupen?|(?:se\s+)?olviden?|hay\s+prisa|es\s+urgente|corre\s+prisa|hace\s+falta\s+llamar)"
    r"(?:\s+en)?\b",
    r"\bse\s+(?:tiver(?:em)?|houver)\s+(?:alguma?\s+|quaisquer\s+)?(?:dúvidas?|perguntas?|questões|questão"
    r"|problemas?)\b"
    r"|\bse\s+(?:for\s+)?possível\b|\bnão\s+(?:hesitem?|se\s+esqueçam?|há\s+pressa|é\s+urgente)\b",
    r"\bse\s+(?:avete|ha|hai|ci\s+sono)\s+(?:delle\s+|altre\s+)?(?:domande|dubbi|problemi)\b|\bse\s+possibile\b"
    r"|\bnon\s+(?:esit\w+|c['’]è\s+fretta|è\s+urgente|dimenticat\w*|si\s+preoccup\w*)",
    r"\b(?:als|mocht)\s+(?:u|je|er)\s+(?:nog\s+)?vragen\b|\bindien\s+mogelijk\b|\baarzel\s+niet\b|\bgeen\s+haast\b"
    r"|\bniet\s+(?:dringend|vergeten)\b",
    # Russian
    r"(?<!\w)если\s+(?:у\s+вас\s+)?(?:есть|будут|возникнут|появятся)\s+(?:\w+\s+)?вопрос\w*|(?<!\w)если\s+(?:возможно"
    r"|можно)",
    # Chinese
    r"(?:如果?|若|要是)(?:您|你|还)?(?:有|存在)(?:什么|任何|其他|其它)?(?:问题|疑问|不清楚|不明白|需要|不便|事情?)",
    r"(?:如果?|若|要是)(?:方便|可以|可能|能行|不麻烦|没问题|需要)(?:的话)?|方便的话|可以的话|(?:有|没)问题的话",
    r"(?:如果?|要是)能(?=[^。！？\n]{0,40}(?:太好|最好|感谢|感激|就好))",
    r"(?:不用|不要|别|不必|无需)(?:太?着急|急|客气|谢|担心|麻烦|回复|忘记?了?|折叠?|压|挤|打电话|发?票|开票|包装)"
    r"|不要紧|不急|(?:请)?勿(?:折|压|回复|念)",
    r"(?:如果?|若|要是)(?:我|家里|收件人)?(?:不在|没人|没有人|无人|来不及|联系不上|打不通)|(?:不要|别)早于",
    # Japanese, Korean
    r"(?:ご?不明な?点|ご?質問|ご?不備|何か|何かお?気づきの点|ご?要望|問題|お?困りのこと|不足|ご?連絡事項)(?:が|等|など|"
    r"等が|などが|点が|問題が)*(?:ございましたら|ありましたら|あれば|なければ)|もし(?:よ|宜|よろし)ければ|可能であれば|できれば"
    r"|もし可能なら",
    r"(?:領収書|納品書|請求書|ご?返信|お?返事|包装|ラッピング|ご?連絡|のし|お?電話)[はも]?(?:特に)?(?:不要|要りません"
    r"|いりません|必要ありません|結構です)|急ぎではありません|(?:ご?返信|ご?返送先)",
    r"(?:문의\s*사항|질문|궁금한\s*점|문제)[이가]?\s*있으(?:시)?면|가능하(?:시)?면|급하지\s*않",
)  # fmt: skip
_COURTESY = re.compile("|".join(_COURTESIES), re.I)
# Figures that reach somebody: a telephone number counts no goods.
_PHONE = re.compile(r"(?<![\w-])\+?[(]?\d{1,4}[)]?(?:[\s./-]?\d{2,4}){2,5}(?![\w-]|\s*[xｘ×*个個])")
_LETTER = re.compile(r"[^\n]")


def without_courtesies(text: str) -> str:
    """A text of the same length and lines, with blanks for what is said out of courtesy."""
    return _COURTESY.sub(_blank, text)


def without_phones(text: str) -> str:
    """A text of the same length and lines, with blanks for telephone numbers."""
    return _PHONE.sub(_blank, text)


def _blank(found: re.Match[str]) -> str:
    return _LETTER.sub(" ", found[0])
