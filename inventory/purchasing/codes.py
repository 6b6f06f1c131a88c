"""Finds suppliers by the codes that programs use."""

from django.utils.translation import gettext as _

from erp.errors import FieldError, Invalid
from inventory.purchasing.models import Supplier


def supplier_named(code: str, pointer: str = "/supplier") -> Supplier:
    """The supplier with this code. Raises Invalid."""
    found = Supplier.objects.filter(code=code).first()
    if found is None:
        raise Invalid(errors=[FieldError(pointer, "unknown", _("There is no such supplier."))])
    return found
