"""Orders as people and files write them."""

from orders.placement.incoming import IncomingOrder


def structs_of(body):
    import msgspec

    order = msgspec.convert(body, IncomingOrder)
    return {name: getattr(order, name) for name in order.__struct_fields__}


def desk_form(client, **changes):
    """Enter an order at the desk, filled in but for what is changed; the answer."""
    page = client.get("/orders/new/")
    values = page.context["values"] | {
        "channel": "desk",
        "name": "李娜",
        "phone": "13800001234",
        "line1": "南京西路1号",
        "city": "上海市",
        "region": "上海市",
        "postal_code": "200040",
        "country": "CN",
        "service": "standard",
        "sku": ["TEA-001"],
        "quantity": ["2"],
    }
    return client.post("/orders/new/", values | changes)


WHO = {"name": "Li", "email": "li@tea.example", "phone": ""}


def asked_for(body):
    """What a quote is asked for: those fields of an order that decide its price."""
    names = (
        "currency",
        "customer",
        "lines",
        "shipping_address",
        "shipping_service",
        "coupon_codes",
    )
    return {name: body[name] for name in names}
