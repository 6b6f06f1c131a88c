"""Names what is agreed with a customer: their group, what they may owe, days to pay."""

from dataclasses import dataclass
from decimal import Decimal

from orders.customers.models import Customer, TermsProposal


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
    def of(cls, row: Customer | TermsProposal) -> "Terms":
        """A customer's terms as they are, or as a proposal has them."""
        code = row.group.code if row.group else ""
        return cls(code, row.credit_limit, row.payment_days, row.has_account)

    def most_owed(self) -> Decimal | None:
        """Return what may be owed at once, in the company's currency; None: anything."""
        if self.credit_limit is None:
            return None if self.has_account else Decimal(0)
        return self.credit_limit
