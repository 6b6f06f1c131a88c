"""Keeps who is named in a purchase order: who buys, where it goes, who pays."""

from dataclasses import dataclass

from orders.customers.contacts import Address
from orders.customers.countries import country_code

# How long the texts of a party may be; what is longer is cut, and doubted.
LONGEST = {
    "name": 200,
    "number": 80,
    "line1": 250,
    "line2": 250,
    "city": 120,
    "region": 120,
    "postal_code": 20,
    "email": 254,
    "phone": 40,
}


@dataclass
class Party:
    """Somebody named in a purchase order: who buys, where it goes, who pays."""

    name: str = ""
    number: str = ""  # what the trading partners call them: a GLN, a customer number
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""
    email: str = ""
    phone: str = ""

    def too_long(self) -> list[str]:
        """What of it is longer than can be kept."""
        return [name for name, most in LONGEST.items() if len(getattr(self, name)) > most]

    def address(self) -> Address:
        return Address(
            name=self.name[: LONGEST["name"]],
            line1=self.line1[: LONGEST["line1"]],
            line2=self.line2[: LONGEST["line2"]],
            city=self.city[: LONGEST["city"]],
            region=self.region[: LONGEST["region"]],
            postal_code=self.postal_code[: LONGEST["postal_code"]],
            country=country_code(self.country),
            phone=self.phone[: LONGEST["phone"]],
        )
