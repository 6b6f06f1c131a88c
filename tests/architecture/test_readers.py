"""Customers, addresses and what they wrote are read through a `Reader`, wherever somebody is shown them."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture import guards
from tests.architecture.each import of_each

# What tells who a customer is, by the names of its columns; a place without a street does not.
CONTACTS = {
    "email",
    "phone",
    "line1",
    "line2",
    "sender",
    "recipient",
    "registered_address",
    "registered_phone",
    "bank_account",
    "raw",
}
ROWS = {"OrderAddress", "CustomerIdentity", "InvoiceRequest", "BlockedContact"}  # of whom these are
SHAPES = {"name", "email", "phone", "identity", "address", "invoice_details", "words", "number"}
SHAPES |= {"message"}
READERS = re.compile(
    r"(\w+\.)*(\w*reader|MASKED|THEMSELVES)|reader_of\(.*\)|resolve\(READER\)\(.*\)"
)
# What shows something to somebody, whatever room it is in.
SHOWING = {"lists", "papers", "document", "queries", "alerts", "scans", "contacts", "details"}

# Whose contacts are nobody's secret here: businesses that we buy from, our own places, what is being typed.
OTHERS = {"supplier", "s", "warehouse", "company", "person.user", "values", "errors"}
# What a module reads past a reader, with the reason; `unused` finds what nobody reads any more.
PAST: dict[str, tuple[set[str], str]] = {
    "orders/customers/admin.py": ({"BlockedContact"}, "what orders are compared with; an owner's"),
    "orders/customers/api.py": ({"found.phone"}, "what its caller has just sent"),
    "orders/customers/contacts.py": (
        {"address.line1", "address.line2", "buyer.email", "buyer.phone", "to.phone"},
        "judges what an order states, shows nothing",
    ),
    "orders/customers/queries.py": ({"CustomerIdentity"}, "ids alone"),
    "orders/desk/entry_views.py": (
        {"address.line1", "address.line2", "address.phone"},
        "the address that is being typed",
    ),
    "orders/desk/customer_views.py": ({"CustomerIdentity"}, "rows, each shown by its reader"),
    "orders/desk/lists/orders.py": (
        {"o.customer.name", "order.customer.name"},
        "the cell for who sees contacts, beside the masked one",
    ),
    "orders/desk/lists/review.py": ({"h.order.customer.name"}, "the cell beside the masked one"),
    "orders/desk/panels.py": ({"InvoiceRequest"}, "how many wait"),
    "orders/desk/suggest_views.py": ({"OrderAddress"}, "rows, each shown by its reader"),
    "orders/intake/mail/views.py": ({"d.sender", "draft.sender"}, "the cell beside the masked one"),
    "orders/invoicing/panels.py": ({"InvoiceRequest"}, "the row, whose details its reader shapes"),
    "orders/invoicing/papers.py": (
        {"InvoiceRequest", "OrderAddress", "at.line1", "at.line2"},
        "rows, each shown by its reader; `at` is a ShownAddress",
    ),
    "orders/order/queries.py": ({"OrderAddress"}, "rows, for whoever gives them to a reader"),
    "orders/risk/gateway.py": (
        {"OrderAddress", "address.line1", "address.line2", "address.phone", "shipping.email"},
        "what a fraud provider is asked about, under its contract",
    ),
    "fulfillment/packing/papers.py": (
        {"to.line1", "to.line2", "to.phone"},
        "`to` is a ShownAddress",
    ),
    "fulfillment/tracking/shipstation_api.py": (
        {"OrderAddress", "ship_to.email"},
        "rows, each shown by its reader; `ship_to` is a ShownAddress",
    ),
    "fulfillment/tracking/views.py": (
        {"OrderAddress", "address.email", "address.phone", "at.email"},
        "compared with what a visitor says, shown to nobody",
    ),
    "erp/web/job_views.py": (
        {"finding.raw"},
        "shown by `words` of its reader, where a job is personal",
    ),
}
# What templates are given: shaped by a view.
SHAPED_IN_TEMPLATES: dict[str, tuple[set[str], str]] = {
    "fulfillment/desk/work.html": ({"address"}, "a ShownAddress"),
    "orders/desk/address.html": ({"address"}, "a ShownAddress"),
    "orders/desk/suggest_customers.html": ({"address", "known"}, "shaped by the view"),
    "orders/invoicing/invoice_facts.html": ({"invoice_details"}, "ShownInvoiceDetails"),
    "orders/invoicing/invoice_request.html": ({"invoice_details"}, "ShownInvoiceDetails"),
    "orders/intake/mail/draft.html": (
        {"draft"},
        "a letter cannot be masked; opening it is recorded",
    ),
}
TEMPLATES = guards.ROOT / "templates"
IN_TEMPLATE = re.compile(rf"([\w.]+)\.({'|'.join(sorted(CONTACTS))})\b|\b(customer)\.(name)\b")


def is_showing(name: str) -> bool:
    stem = name.rpartition("/")[2].removesuffix(".py")
    return stem in SHOWING | guards.EDGES or stem.endswith(("_views", "_api")) or "/lists/" in name


def unshaped(tree: ast.AST, *, shaped: bool = False) -> Iterator[str]:
    """Contacts that are read past a reader: outside the arguments of one of its shapes."""
    for node in ast.iter_child_nodes(tree):
        inside = shaped or (isinstance(node, ast.Call) and is_shape(node.func))
        if isinstance(node, ast.Attribute) and not inside:
            text = ast.unparse(node)
            if node.attr in CONTACTS or re.search(r"\bcustomer\.name$", text):
                yield text
        if isinstance(node, ast.Name | ast.alias) and not inside:
            name = node.id if isinstance(node, ast.Name) else node.name
            if name in ROWS:
                yield name
        yield from unshaped(node, shaped=inside)


def is_shape(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr in SHAPES
        and READERS.fullmatch(ast.unparse(function.value)) is not None
    )


def past_a_reader(tree: ast.AST) -> set[str]:
    return {text for text in unshaped(tree) if text.rpartition(".")[0] not in OTHERS}


def read_in_template(text: str) -> set[str]:
    """Whose contacts a template shows."""
    found = set()
    for tag in re.findall(r"{[{%].*?[%}]}", text, re.DOTALL):
        found |= {one[0] or one[2] for one in IN_TEMPLATE.findall(tag)}
    return found - OTHERS


SHOWING_MODULES = [m for m in guards.modules() if is_showing(guards.relative(m))]
PAGES = [p for p in sorted(TEMPLATES.rglob("*")) if p.suffix in {".html", ".txt"}]


@of_each(SHOWING_MODULES)
def test_what_shows_something_asks_a_reader(module):
    declared = PAST.get(guards.relative(module), (set(), ""))[0]
    assert past_a_reader(guards.tree_of(module)) == declared


@of_each(PAGES)
def test_templates_show_what_was_shaped(page):
    declared = SHAPED_IN_TEMPLATES.get(str(page.relative_to(TEMPLATES)), (set(), ""))[0]
    assert read_in_template(page.read_text()) == declared


def test_every_exception_is_of_a_module_and_a_template_that_there_is():
    assert PAST.keys() <= {guards.relative(module) for module in SHOWING_MODULES}
    assert SHAPED_IN_TEMPLATES.keys() <= {str(page.relative_to(TEMPLATES)) for page in PAGES}


def test_masks_are_put_on_in_one_place():
    users = {
        guards.relative(module)
        for module in guards.modules()
        if "orders.customers.masking" in module.read_text()
    }
    assert users == {"orders/customers/readers.py"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("show(order.customer.name)", {"order.customer.name"}),
        ("show(address.line1)", {"address.line1"}),
        ("OrderAddress.objects.first()", {"OrderAddress"}),
        ("from orders.models import OrderAddress as A", {"OrderAddress"}),
        ("reader.name(order.customer.name)", set()),
        ("MASKED.email(draft.sender)", set()),
        ("reader.address(OrderAddress.objects.first())", set()),
        ("other.name(order.customer.name)", {"order.customer.name"}),
        ("supplier.email", set()),
    ],
)
def test_the_guard_sees(line, found):
    assert past_a_reader(ast.parse(line)) == found


def test_the_guard_sees_in_templates():
    assert read_in_template("{{ order.customer.name }} {{ a.email|default:b.phone }}") == {
        "customer",
        "a",
        "b",
    }
    assert read_in_template("{{ supplier.email }} a.email") == set()
