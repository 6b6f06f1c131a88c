"""A real wholesaler's first days through the verbs; `make bench NAME=replay` does all 205."""

import pytest

from bench import replay

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        not replay.DATA.exists(), reason="the real data set is not beside this checkout"
    ),
]


@pytest.mark.parametrize("share", [1.0, 0.01])
def test_a_real_day_ends_with_the_stock_it_should(share):
    done = replay.replay(share=share, days=1)

    assert replay.verdict(done, share) == []
    assert done.lines > 2000
    assert (sum(done.backordered.values()) > 0) == (share < 1)
