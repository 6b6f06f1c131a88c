"""Lists the headings of columns whose days are asked for, by what is asked."""

SHIP_BY = (
    "ship by|ship by date|latest ship date|ship no later than|requested ship date|required ship date|must ship by"
    "|versand bis|versandtermin|versenden bis|expédier avant|fecha de envío|spedire entro|verzenden voor"
    "|最晚发货时间|最晚发货日期|要求发货日期|发货期限|出荷期限|出荷希望日|출고 희망일"
)
DELIVER_BY = (
    "deliver by|deliver by date|delivery by|latest delivery date|delivery deadline|must arrive by|arrive by"
    "|need by|need by date|needed by|required by|due date|due by|liefern bis|lieferung bis|spätester liefertermin"
    "|livrer avant|entregar antes de|consegnare entro|uiterste leverdatum|最晚交货日期|最晚到货日期|交货期限|納品期限"
)
DELIVER_ON = (
    "delivery date|requested delivery date|requested delivery|requested date|required date|required delivery date"
    "|date required|wanted date|delivery requested|preferred delivery date|desired delivery date|expected delivery"
    "|liefertermin|lieferdatum|wunschtermin|wunschlieferdatum|date de livraison|livraison souhaitée"
    "|date souhaitée|fecha de entrega|fecha requerida|data di consegna|data consegna|data de entrega|leverdatum"
    "|gewenste leverdatum|termin dostawy|data dostawy|leveransdatum|leveringsdato|дата доставки|дата поставки"
    "|срок поставки|交货日期|交货期|交期|交付日期|送货日期|到货日期|要求到货日期|期望送达日期|要求交期|希望送达时间"
    "|交貨日期|納期|希望納期|納品日|配達希望日|お届け希望日|납기|납기일|배송 희망일|ngày giao hàng|teslim tarihi"
)
