"""The alert rules ask for series that there are, by labels and values that there are, and each says what to do."""

import re

import pytest
import yaml
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from erp.audit.models import AuditRun
from erp.celery import app
from erp.metrics.series import COUNTERS, GAUGES, HISTOGRAMS, PREFIX
from erp.metrics.tally import count
from erp.once import perform
from erp.security.actions import record_security_event
from erp.security.kinds import KINDS
from orders.models import ShopConnection
from tests.conftest import order_body

RULES = yaml.safe_load((settings.BASE_DIR / "docs/monitoring/alerts.yml").read_text())
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
SELECTOR = re.compile(r"(throughline_\w+)(?:\{([^}]*)\})?")
MATCHER = re.compile(r'(\w+)(=~|!~|!=|=)"([^"]*)"')


def selectors():
    return [found for rule in ALERTS for found in SELECTOR.findall(rule["expr"])]


def test_each_has_a_name_a_severity_and_says_what_to_do():
    assert len(ALERTS) >= 10
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)
    for rule in ALERTS:
        assert rule["labels"]["severity"] in {"page", "warn"}, rule["alert"]
        assert len(rule["annotations"]["do"]) > 30, rule["alert"]
        assert rule["annotations"]["summary"], rule["alert"]
        assert rule["expr"].count("(") == rule["expr"].count(")"), rule["alert"]


@pytest.mark.django_db(transaction=True)
def test_every_series_that_an_alert_asks_for_is_in_a_scrape(api, shop):
    api.post("orders", order_body())
    count("sandbox_refusals", "memory")
    perform(record_security_event, kind="sign_in_failed")
    AuditRun.objects.create(at=timezone.now(), seconds=1, laws=1, broken=0)
    ShopConnection.objects.create(channel=shop.web, url="https://x/", cursor_at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO erp_heartbeat (name, at) VALUES ('schedule:relay', now())")
    answer = Client().get("/metrics").content.decode()
    found = {
        sample.name: set(sample.labels)
        for family in text_string_to_metric_families(answer)
        for sample in family.samples
    }
    for name, matchers in selectors():
        assert name in found, name
        assert {label for label, _how, _value in MATCHER.findall(matchers)} <= found[name], name


def test_every_value_that_an_alert_asks_for_can_be():
    schedules = set(app.conf.beat_schedule)
    known = {
        ("throughline_security_events_total", "kind"): set(KINDS),
        ("throughline_schedule_late_seconds", "schedule"): schedules,
        ("throughline_degraded", "what"): {"worker", "slow-worker", "clock"},
        ("throughline_up", "part"): {"database", "valkey"},
    }
    for name, matchers in selectors():
        for label, how, value in MATCHER.findall(matchers):
            values = set(value.split("|")) if how in {"=~", "!~"} else {value}
            assert values <= known.get((name, label), values), (name, label)


def test_the_page_describes_every_series():
    page = (settings.BASE_DIR / "docs/monitoring.md").read_text()
    names = [*GAUGES, *(f"{name}_total" for name in COUNTERS)]
    names += [f"{name}_seconds" for name in HISTOGRAMS]
    assert [name for name in names if f"`{PREFIX}{name}`" not in page] == []
