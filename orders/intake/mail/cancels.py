"""Knows the words by which letters take an order off as a whole, in languages that are written with us."""

# With a word before and behind: Latin and Cyrillic.
_WORDS = (
    r"cancel\w*|withdraw\w*|storn\w*|annul\w*|anul\w*|widerruf\w*"
    r"|iptal\w*|vazgeç\w*|h[uủ][ỷy]\s+(?:đơn|bỏ|đặt)|(?:xin|muốn)\s+hủy|hủy|huỷ"
    r"|скасу\w*|скасов\w*|відмін\w*|анулю\w*|отмен\w*|аннулир\w*|отмяна|отказвам|откажи\w*"
    r"|avbeställ\w*|avbok\w*|makuler\w*|afbestil\w*|avbestil\w*|peruut\w*|peruu\w*|zruš\w*|zrusen\w*"
    r"|odwoł\w*|zrezygn\w*|rezygn\w*|wycof\w*|skasow\w*|afzeg\w*|afbestel\w*|intrek\w*"
    r"|töröl\w*|lemond\w*|sztorn\w*|otkaz\w*|preklic\w*|ακυρ\w*|batal\w*|membatal\w*|dibatal\w*|pembatal\w*"
    r"|desdiz\w*|disdi\w*|disdett\w*|revoc\w*"
)
# Of scripts whose words run into one another, or whose vowels are marks.
_RUNS = (
    r"取消|撤销|撤銷|作废|作廢|キャンセル|取り?消|취소|철회"
    r"|रद्द|कैंसल|कैंसिल|ยกเลิก|إلغاء|الغاء|ألغ|الغي|ביטול|לבטל|בטל[וי]?"
)
CANCELS = rf"(?<!\w)(?:{_WORDS})(?!\w)|{_RUNS}"
# More ways to send back, or not to want, in these languages.
UNWANTED = (
    r"(?<!\w)(?:iade\w*|istemiyor\w*|göndermeyin|(?:không|chưa)\s+(?:cần|muốn|gửi|giao|lấy)|trả\s+(?:lại|hàng)"
    r"|hoàn\s+(?:tiền|trả)|не\s+(?:потріб\w+|надсил\w+|хоч\w+)|поверн\w+|відмов\w+|ångra\w*|returner\w*"
    r"|behöver\s+inte|vill\s+inte|ikke|inte|nechce\w*|nepotřebuj\w*|nem\s+kér\w*|visszaküld\w*"
    r"|tidak\s+(?:jadi|perlu|mau)|(?:mengembalikan|pengembalian)|δεν\s+(?:θέλ\w+|χρειάζ\w+))(?!\w)"
    r"|वापस|नहीं\s+चाहिए|मत\s+भेज|ไม่ต้องการ|ไม่เอา|คืนสินค้า|คืนเงิน|อย่าส่ง|ขอคืน"
    r"|لا\s+(?:نريد|أريد|نحتاج|ترسل)|إرجاع|ارجاع|استرجاع|استرداد|להחזיר|החזרה|לא\s+(?:צריך|רוצ)"
    r"|반품|환불|退貨|換貨|退[還换換]|別[發送寄]|(?<!衰)退(?=\s*[\d一二三四五六七八九十百两兩A-Z]|[了掉])"
    r"|(?<![更兑替交变改])[换換](?=\s*[\d一二三四五六七八九十百两兩])"
)
