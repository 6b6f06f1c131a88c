"""Names what is agreed with a customer: their group, what they may owe, days to pay."""

from dataclasses import dataclass
from decimal import Decimal

from orders.customers.models import Customer, TermsProposal


@dataclass(frozen=True)
class Terms:
    """What was agreed: the customer's group ("" for none), what may be owed (None: anything), days to pay."""

    group: str = ""
    credit_limit: Decimal | None = None
    payment_days: int = 30

    @classmethod
    def of(cls, row: Customer | TermsProposal) -> "Terms":
        """A customer's terms as they are, or as a proposal has them."""
        return cls(row.group.code if row.group else "", row.credit_limit, row.payment_days)
