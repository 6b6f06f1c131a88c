"""Changes customers' notes, groups, credit terms and tax exemptions."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from erp.access.models import Actor
from erp.access.queries import require, sign_history
from erp.errors import FieldError, Invalid, NotFound
from erp.queries import find_one
from orders.customers.contacts import is_country
from orders.customers.models import Customer, CustomerGroup, TaxExemption
from orders.customers.tax_ids import tax_id_of


@dataclass(frozen=True)
class Terms:
    """What was agreed: the customer's group ("" for none), what may be owed, days to pay.

    credit_limit   None: nothing was agreed, or anything, where `has_account` says so
    """

    group: str = ""
    credit_limit: Decimal | None = None
    payment_days: int = 30
    has_account: bool = False

    @classmethod
    def of(cls, customer: Customer) -> "Terms":
        """A customer's terms as they are."""
        code = customer.group.code if customer.group else ""
        return cls(code, customer.credit_limit, customer.payment_days, customer.has_account)


@transaction.atomic(savepoint=False)
def change_customer(
    *,
    customer_id: int,
    min_shelf_life_days: int,
    note: str,
    terms: Terms | None = None,
    by: Actor,
    now: datetime,
) -> Customer:
    """Change a customer's minimum shelf life, note, group and credit terms.

    min_shelf_life_days   lots that expire sooner are passed over when their parcels are shipped
    terms                 None leaves them as they are; changing them is a right of its own
    Raises Invalid, NotFound, NotAllowed.
    """
    require(by, "customers.edit")
    sign_history(by)
    if not 0 <= min_shelf_life_days <= 3650:
        raise Invalid(_("Between 0 and 3,650 days."))
    customer = find_one(Customer.objects.select_for_update().filter(pk=customer_id))
    customer.min_shelf_life_days, customer.note = min_shelf_life_days, note[:5000]
    if terms is not None and terms != Terms.of(customer):
        require(by, "customers.terms")
        if terms.credit_limit is not None and not 0 <= terms.credit_limit < 10**13:
            raise Invalid(_("A credit limit cannot be negative."))
        if not 0 <= terms.payment_days <= 365:
            raise Invalid(_("A payment term is between 0 and 365 days."))
        group = CustomerGroup.objects.filter(code=terms.group).first()
        if terms.group and group is None:
            raise Invalid(_("There is no such customer group."))
        customer.group, customer.credit_limit = group, terms.credit_limit
        customer.payment_days, customer.has_account = terms.payment_days, terms.has_account
    customer.save()
    return customer


@transaction.atomic(savepoint=False)
def exempt_customer(
    *,
    customer_id: int,
    country: str,
    tax_id: str,
    valid_from: date | None = None,
    valid_until: date | None = None,
    by: Actor,
    now: datetime,
) -> TaxExemption:
    """Exempt a customer's orders to a country from tax, for a tax id with valid check digits.

    The one there was for that country is replaced. Raises Invalid naming the field, NotFound, NotAllowed.
    """
    require(by, "customers.terms")
    sign_history(by)
    country = country.strip().upper()
    if not is_country(country):
        raise Invalid(
            errors=[FieldError("/country", "unknown", _("Give an ISO 3166-1 code such as CN."))]
        )
    written = tax_id_of(tax_id, country)
    if not written:
        why = _("Invalid tax id: wrong format or check digits.")
        raise Invalid(errors=[FieldError("/tax_id", "malformed", why)])
    if valid_from and valid_until and valid_from >= valid_until:
        raise Invalid(
            errors=[
                FieldError("/valid_until", "out-of-range", _("The end has to be after the start."))
            ]
        )
    customer = find_one(Customer.objects.select_for_update().filter(pk=customer_id))
    made, _new = TaxExemption.objects.update_or_create(
        customer=customer,
        country=country,
        defaults={
            "tax_id": written,
            "valid_from": valid_from,
            "valid_until": valid_until,
            "by": by,
            "agreed_at": now,
        },
    )
    return made


@transaction.atomic(savepoint=False)
def end_exemption(*, exemption_id: int, by: Actor, now: datetime) -> None:
    """End a customer's tax exemption for a country from now on. Raises NotFound."""
    require(by, "customers.terms")
    sign_history(by)
    if not TaxExemption.objects.filter(pk=exemption_id).delete()[0]:
        raise NotFound
