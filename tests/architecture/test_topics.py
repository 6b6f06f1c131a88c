"""The catalogue of topics says what is really told: nothing else is recorded, and nothing in it never is."""

import re

import pytest
from django.db import transaction
from django.utils import translation

from erp.events.record import record_event
from erp.events.topics import TOPICS, UnknownTopic
from erp.management.commands.topics import page
from erp.wiring import SUBSCRIPTIONS
from tests.architecture import guards

WORD = re.compile(r"[a-z_]+\.[a-z_]+")


def test_a_topic_that_nobody_declared_is_not_recorded(system):
    with pytest.raises(UnknownTopic), transaction.atomic():
        record_event("order.confimred", subject="order:1", channel_id=None)


def test_subscriptions_are_to_topics_that_there_are():
    assert set(SUBSCRIPTIONS) <= set(TOPICS)


def test_every_topic_is_written_down_where_it_is_recorded():
    """By its name in the code, or by the pattern that its last word is put into: f"shipment.{parcel.status}"."""
    said: set[str] = set()
    patterns: set[str] = set()
    for module in guards.modules():
        names, begun = guards.recorded_topics(module)
        said |= names
        patterns |= begun
    never = {t for t in TOPICS if t not in said and f"{t.partition('.')[0]}." not in patterns}
    assert never == set()


def test_a_topic_that_is_only_subscribed_to_is_not_recorded(tmp_path):
    module = tmp_path / "wiring.py"
    module.write_text('SUBSCRIPTIONS = {"order.lost": ["x"]}\n')
    assert guards.recorded_topics(module) == (set(), set())
    module.write_text('record_event("order.lost", subject=s)\nevent_row(f"order.{what}", s)\n')
    said, begun = guards.recorded_topics(module)
    assert "order.lost" in said
    assert begun == {"order."}


def test_the_page_says_what_the_catalogue_says():
    assert (guards.ROOT / "docs/events.md").read_text() == page(), "run `make topics`"


def test_names_and_owners_are_well_formed():
    for topic in TOPICS.values():
        assert WORD.fullmatch(topic.name)
        assert topic.owner in {*guards.APPS, "erp"}
        with translation.override("en"):
            assert str(topic.says).endswith(".")
