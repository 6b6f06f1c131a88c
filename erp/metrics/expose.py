"""Writes all series as Prometheus reads them."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector, CollectorRegistry
from redis.exceptions import RedisError

from erp.celery import QUEUES, app
from erp.metrics.readings import Measured, measure
from erp.metrics.series import COUNTERS, GAUGES, HISTOGRAMS, PREFIX
from erp.metrics.tally import totals
from erp.valkey import valkey

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition(here: Iterable[Measured]) -> bytes:
    """All series as text. What cannot be read is left out, and said by `scrape_complete` and `up`.

    here   what the process that answers knows by itself
    """
    registry = CollectorRegistry()
    registry.register(_Found(list(here)))
    return generate_latest(registry)


class _Found(Collector):
    """What is known now, for one answer."""

    def __init__(self, here: list[Measured]) -> None:
        self.here = here

    def collect(self) -> Iterator[Metric]:
        began = time.perf_counter()
        counted, of_valkey = _counted()
        values = [*self.here, *of_valkey, *_of_database()]
        values.append(Measured("scrape_seconds", (), time.perf_counter() - began))
        yield from _gauges(values)
        yield from _counters(counted)
        yield from _histograms(counted)


def _counted() -> tuple[Mapping[tuple[str, ...], float], list[Measured]]:
    """What all processes have counted, and what Valkey says of itself and of the broker's queues."""
    try:
        counted = totals()
        pipe = valkey().pipeline(transaction=False)
        for queue in QUEUES:
            pipe.llen(queue)
        pipe.info("memory")
        *lengths, memory = pipe.execute()
    except RedisError:
        return {}, [Measured("up", ("valkey",), 0)]
    waiting = zip(QUEUES, lengths, strict=True)
    return counted, [
        Measured("up", ("valkey",), 1),
        Measured("valkey_memory_bytes", (), memory["used_memory"]),
        *(Measured("broker_messages", (queue,), length) for queue, length in waiting),
    ]


def _of_database() -> list[Measured]:
    found: list[Measured] = []
    is_complete = True
    try:
        connection.ensure_connection()
        for measured in measure():
            if measured is None:
                is_complete = False
            else:
                found.append(_named(measured))
    # The latter where a connection ended between two requests.
    except (DatabaseError, InterfaceError):
        connection.close()
        return [Measured("up", ("database",), 0), Measured("scrape_complete", (), 0)]
    return [
        *found,
        Measured("up", ("database",), 1),
        Measured("scrape_complete", (), int(is_complete)),
    ]


def _named(measured: Measured) -> Measured:
    """A value as it is shown: how late a schedule is, where its age was read."""
    if measured.name != "schedule_age":
        return measured
    late = max(0.0, measured.value - _periods().get(measured.labels[0], measured.value))
    return Measured("schedule_late_seconds", measured.labels, late)


@cache
def _periods() -> Mapping[str, float]:
    return {name: float(entry["schedule"]) for name, entry in app.conf.beat_schedule.items()}


def _gauges(values: Iterable[Measured]) -> Iterator[Metric]:
    by_name: dict[str, list[Measured]] = defaultdict(list)
    for value in values:
        by_name[value.name].append(value)
    for name, series in GAUGES.items():
        if name not in by_name:
            continue
        family = GaugeMetricFamily(PREFIX + name, series.help, labels=series.labels)
        for value in by_name[name]:
            family.add_metric(value.labels, value.value)
        yield family


def _counters(counted: Mapping[tuple[str, ...], float]) -> Iterator[Metric]:
    for name, series in COUNTERS.items():
        family = CounterMetricFamily(PREFIX + name, series.help, labels=series.labels)
        if not series.labels:
            family.add_metric((), counted.get((name,), 0))
        for key, value in counted.items():
            if key[0] == name and series.labels and len(key) == len(series.labels) + 1:
                family.add_metric(key[1:], value)
        yield family


def _histograms(counted: Mapping[tuple[str, ...], float]) -> Iterator[Metric]:
    for name, (series, buckets) in HISTOGRAMS.items():
        found: dict[tuple[str, ...], dict[str, float]] = defaultdict(dict)
        for key, value in counted.items():
            if key[0] == name and len(key) == len(series.labels) + 2:
                found[key[1:-1]][key[-1]] = value
        family = HistogramMetricFamily(
            PREFIX + name + "_seconds", series.help, labels=series.labels
        )
        for labels, parts in found.items():
            family.add_metric(labels, _cumulative(parts, buckets), parts.get("sum", 0))
        yield family


def _cumulative(parts: Mapping[str, float], buckets: tuple[float, ...]) -> list[tuple[str, float]]:
    """How many took at most so long, as Prometheus counts them; the last is all."""
    total, found = 0.0, []
    for place, most in enumerate((*buckets, float("inf"))):
        total += parts.get(str(place), 0)
        found.append(("+Inf" if most == float("inf") else str(most), total))
    return found
