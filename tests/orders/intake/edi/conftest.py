"""A partner who hands messages in."""

import pytest

from orders.intake.inbox.tasks import read_some
from orders.models import IncomingMessage


@pytest.fixture
def handed(api, shop):
    def hand(body):
        answer = api.client.post(
            "/api/v1/channels/web/messages", body, content_type="application/octet-stream"
        )
        assert answer.status_code == 202, answer.content
        while read_some():
            pass
        return IncomingMessage.objects.latest("pk")

    return hand
