"""What several tests of orders need."""

import pytest
from django.utils import timezone

from erp.once import perform
from orders.review.actions.rules import activate_rule, write_rule
from tests.conftest import NOON


@pytest.fixture
def write(shop, system):
    """Write a rule and put it in force."""

    def make(code, tree, *, in_force=True, **does):
        revision = perform(
            write_rule,
            code=code,
            name=code,
            condition=tree,
            by=system,
            now=NOON,
            **does,
        )
        if in_force:
            perform(activate_rule, revision_id=revision.pk, by=system, now=timezone.now())
        return revision

    return make
