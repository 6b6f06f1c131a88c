"""Letters as people write them: courtesies hold nothing up; what objects, changes or depends never passes."""

from datetime import date

import pytest

from orders.intake.mail.catalogue import Catalogue, Good
from orders.intake.mail.email_orders import read_email_order

SHOP = Catalogue(
    [
        Good("POT-009", "Stoneware teapot, ochre", ("赭石茶壶",)),
        Good("MUG-007", "Stoneware mug, ochre", ("赭石马克杯", "青花瓷杯")),
    ]
)
TODAY = date(2026, 11, 29)
A, B = "POT-009", "MUG-007"


def read(text):
    letter = read_email_order(text, SHOP, TODAY)
    issues = {issue.code: dict(issue.params) for issue in letter.issues}
    issues.pop("address_missing", None)
    return {line.sku: line.quantity for line in letter.lines}, issues


# Each orders three of POT-009 and nothing else.
FRIENDLY = [
    f"Hello,\n\nwe would like to order 3 x {A}, if possible by 15 January 2027.\n\nKind regards,\nJane Miller",
    f"Please send 3 x {A}. Let me know if anything is missing.",
    f"3 x {A} please. If you have any questions, call me on 020 7946 0018.",
    f"3 x {A}, thanks. Should you need anything else, I am on extension 204.",
    f"Please ship 3 x {A}, and do not hesitate to call me on 020 7946 0018.",
    f"It would be great if you could send 3 x {A} by 15 January 2027.",
    f"I would appreciate it if you could ship 3 x {A}.",
    f"Please send 3 x {A} and confirm by return.",
    f"As per your quotation of last week, please send 3 x {A}.",
    f"I just received your catalogue and would like 3 x {A}.",
    f"Don't forget to gift-wrap it please. 3 x {A}",
    f"3 x {A}\n\nRegards\nTom\n\nThis e-mail is confidential. If you are not the intended recipient, please delete it"
    " and do not copy it. Registered in England no. 4711234.",
    f"3 x {A}\n\nThanks\nTom\n\nUnless otherwise agreed, our terms of purchase (2024) apply.",
    f"No rush at all, but please send 3 x {A}, no need to call first.",
    f"3 x {A}. Please call 020 7946 0018 if nobody is at home.",
    f"Please send 3 x {A} to the usual address.\n\nOn Mon, 2 Nov 2026 at 10:12, Shop <a@b.example> wrote:\n"
    "> Let us know if you want to cancel.",
    f"Guten Tag,\n\nbitte liefern Sie 3 x {A}. Falls Sie Fragen haben, erreichen Sie mich unter 030 1234567."
    "\n\nMit freundlichen Grüßen\nAnna Schmidt",
    f"Bitte 3 Stück {A} an die bekannte Adresse. Wenn etwas fehlt, geben Sie bitte unter 030 1234567 Bescheid.",
    f"Bitte 3 x {A}, sonst nichts. Danke!",
    f"Es wäre schön, wenn Sie uns 3 x {A} schicken könnten.",
    f"gemäß Ihrem Angebot vom Montag bestellen wir 3 x {A}.",
    f"3 x {A} bitte, es eilt nicht. Bei Rückfragen rufen Sie bitte zurück: 030 1234567.",
    f"Bitte senden Sie 3 x {A}, zögern Sie nicht, mich anzurufen.",
    f"Bonjour,\n\nmerci de nous envoyer 3 x {A}, n'hésitez pas à m'appeler au 01 42 68 53 00."
    "\n\nCordialement,\nMarie Dubois",
    f"Je voudrais commander 3 x {A}. Si vous avez besoin d'un renseignement, appelez le 01 42 68 53 00.",
    f"Ce serait gentil si vous pouviez m'envoyer 3 x {A}.\nDans l'attente de votre retour",
    f"3 x {A} s'il vous plaît. Si possible avant le 15 janvier 2027.",
    f"Suivant votre devis, nous commandons 3 x {A}.",
    f"Buenos días, necesitamos 3 x {A}. Si tienen alguna duda, llámenme al 91 123 45 67.",
    f"Por favor envíen 3 x {A}, no dude en llamarme al 91 123 45 67.",
    f"Quisiéramos pedir 3 unidades de {A}, si es posible antes del 15 de enero de 2027. No hay prisa.",
    f"Vorremmo ordinare 3 x {A}. Se avete domande, chiamate lo 06 1234567. Non esitate a scriverci.",
    f"Bom dia, gostaríamos de encomendar 3 x {A}. Se tiver alguma dúvida, ligue 21 123 4567.",
    f"Graag 3 x {A}. Als u vragen heeft, bel 020 1234567, aarzel niet.",
    f"你好，我要订 {A} 三个。如有问题请联系我，电话13800138000。",
    f"你好，请发 {A} 3个，如果方便的话尽快，谢谢。",
    f"{A} 3个，不用着急，谢谢！",
    f"按照您的报价，我们订 {A} 3个。如果有疑问请打13800138000。",
    f"{A}を3個お願いします。ご不明な点があれば03-1234-5678までご連絡ください。",
    f"{A}を3個、領収書は不要です。",
    f"{A}を3個お送りいただければ幸いです。何か問題があれば03-1234-5678へ。",
    f"Hi,\n\nCould you please send us 3 x {A}? If you need anything else from us, my direct line is 555-0134.",
    f"Please ship 3 x {A}. If the driver can't find it, he should call 0171 555 0199.",
    f"3 x {A} please. We'd be happy to pay by card if that's easier for you.",
    f"Kindly supply 3 x {A}. Delivery before 12:00 if you can.",
    f"Order: 3 x {A}\nPlease use our account 123456.",
    f"3 x {A}. I might also visit your shop next month.",
    f"3 x {A}. I will not be at home before 5 pm.",
    f"3 x {A} - a return label is not needed.",
    f"Hallo, 3 x {A} bitte. Wenn ihr wollt, könnt ihr die Rechnung auch per Mail schicken.",
    f"Bitte 3 x {A}. Zahlung wie immer innerhalb von 14 Tagen, ohne Abzug.",
    f"Wir bestellen 3 x {A}. Bitte keine Werbung beilegen.",
    f"Bonjour, je souhaite 3 x {A}. Pas de facture papier, merci.",
    f"您好，订 {A} 3个，如果不在家请放门卫，电话13800138000。",
    f"{A} 3个，发票抬头不变，谢谢。",
    f"{A}を3個。不在の場合は宅配ボックスへお願いします。",
    f"{A} 3개 주문합니다. 문의사항이 있으시면 02-123-4567로 연락 주세요.",
    f"Добрый день! Прошу отправить 3 шт. {A}. Если есть вопросы, звоните 8 495 123-45-67.",
]  # fmt: skip
# Each speaks of three of POT-009 and orders none of them.
REFUSING = [
    f"We have changed our mind about the 3 x {A}.",
    f"Never mind the 3 x {A}",
    f"Please put the 3 x {A} on hold.",
    f"I ordered 3 x {A} by mistake.",
    f"Please stop the delivery of 3 x {A}",
    f"Please exchange the 3 x {A}.",
    f"No need for the 3 x {A} any more",
    f"We are sending 3 x {A} back",
    f"Do not hesitate to cancel 3 x {A}",
    f"Please cancel 3 x {A}, and let me know if you have any questions.",
    f"Wir brauchen die 3 x {A} nun doch nicht.",
    f"Die Bestellung von 3 x {A} hat sich erledigt.",
    f"Von den 3 x {A} treten wir zurück.",
    f"Wir verzichten auf die 3 x {A}.",
    f"Nous avons changé d'avis pour les 3 x {A}",
    f"Les 3 x {A} ne sont plus nécessaires",
    f"Ya no queremos 3 x {A}",
    f"No nos hacen falta 3 x {A}",
    f"Non vogliamo più 3 x {A}",
    f"Disdico 3 x {A}",
    f"Não queremos mais 3 x {A}",
    f"Wij willen 3 x {A} niet meer",
    f"Nie chcemy już 3 x {A}",
    f"{A} 3个先不发了",
    f"{A} 3个拍错了",
    f"{A} 3个暂停发货",
    f"{A}を3個、注文を取りやめます",
    f"{A}を3個間違えて注文しました",
    f"{A} 3개 필요 없습니다",
    f"Can you take 3 x {A} off my order?",
    f"{A}を3個は結構です",
    f"Doch lieber keine 3 x {A}",
    f"{A} 3个我不想要了",
]
# Each makes an order of three of POT-009 uncertain: it says so.
UNCERTAIN = [
    f"Correction: 3 x {A}, not 5.",
    f"3 x {A} — pls hold shipment until I confirm",
    f"Please wait with 3 x {A} until Monday",
    f"3 x {A}, warten Sie noch auf unsere Freigabe",
    f"{A} 3个，等我通知再发",
    f"{A} 3个，价格不超过20就要",
    f"{A}を3個、まだ確定ではありません",
    f"3 x {A}. Don't ship yet!",
    f"3 x {A}. Please do not ship until payment is confirmed.",
    f"3 x {A} if my wife agrees",
    f"Change the 5 x {B} to 3 x {A}.",
    f"Please reduce {A} from 5 to 3.",
    f"Replace 3 x {A} with 3 x {B}",
    f"3 x {A}, subject to our director's approval",
    f"3 x {A}\n\nThis is subject to approval by our director.",
    f"3 x {A}.\nOnly if you can deliver before Christmas.",
    f"3 x {A}, unless the price went up.",
    f"3 x {A}. If you have it in stock.",
    "If in stock, please send three Stoneware teapot, ochre",
    f"Let me know if 3 x {A} is in stock.",
    f"We might need 3 x {A}.",
    f"We are thinking of ordering 3 x {A}",
    f"3 x {A} as soon as our budget is approved",
    f"Maybe 3 x {A}",
    f"Please reserve 3 x {A}, we will confirm next week",
    f"3 x {A}, vorbehaltlich der Zustimmung unseres Chefs",
    f"3 x {A}, aber nur wenn sie vor Weihnachten kommen",
    f"Eventuell 3 x {A}",
    f"Ändern Sie bitte 5 x {A} auf 3 x {A}",
    f"3 x {A} sous réserve de l'accord de notre direction",
    f"Peut-être 3 x {A}",
    f"3 x {A} seulement si vous livrez avant Noël",
    f"Remplacez 3 x {A} par 3 x {B}",
    f"3 x {A}, siempre que lleguen antes de Navidad",
    f"Quizás 3 x {A}",
    f"Cambiar 5 x {B} por 3 x {A}",
    f"3 x {A} solo se disponibili",
    f"3 x {A}, mits op voorraad",
    f"{A} 3个，等老板确认后再发",
    f"可能要 {A} 3个",
    f"{A} 3个，除非涨价",
    f"把 {B} 5个改成 {A} 3个",
    f"{A} 3个，有货的话就发",
    f"{A}を3個、在庫がある場合のみ",
    f"{A}を3個検討しています",
    f"{A} 3개, 재고가 있으면 보내 주세요",
    f"{A} 3 шт., при условии наличия",
    f"Возможно, 3 шт. {A}",
]


def fresh(text):
    from orders.intake.mail.mail import fresh_text

    return fresh_text(text)


@pytest.mark.parametrize("text", FRIENDLY)
def test_courtesies_hold_nothing_up(text):
    assert read(fresh(text)) == ({A: 3}, {})


def test_a_weekday_is_a_doubt_about_the_day_alone():
    assert set(read(f"3 x {A}, if possible by Friday")[1]) == {"date_unclear"}


@pytest.mark.parametrize("text", REFUSING)
def test_what_is_refused_is_no_order(text):
    found, issues = read(text)
    assert found == {}
    assert "says_no" in issues


@pytest.mark.parametrize("text", UNCERTAIN)
def test_what_is_uncertain_says_so(text):
    _found, issues = read(text)
    assert {"conditional", "says_no"} & set(issues)


@pytest.mark.parametrize("order", UNCERTAIN)
@pytest.mark.parametrize(
    "courtesy",
    ["If you have any questions, call me.", "如有问题请联系我。", "Falls Sie Fragen haben, rufen Sie an."],
)  # fmt: skip
def test_a_courtesy_hides_no_condition(order, courtesy):
    for text in (f"{order}\n{courtesy}", f"{courtesy} {order}"):
        assert {"conditional", "says_no"} & set(read(text)[1]), text
