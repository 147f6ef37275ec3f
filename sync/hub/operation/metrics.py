"""What a hub counts while it works, for Prometheus. Labels are routes and verdicts: nothing of anybody.

With several workers each writes its counts into files of its own in a folder that the server names in the
environment before this module is imported; whoever is asked adds them up.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)

_REQUESTS = Counter("pos_hub_requests", "Requests answered.", ("route", "method", "status"))
_REQUEST_SECONDS = Histogram(
    "pos_hub_request_seconds", "From a request's arrival to its answer's end.", ("route",), buckets=_SECONDS
)
_ENTRIES = Counter("pos_hub_journal_entries", "Journal entries taken from tills.", ("verdict",))
_BOOKING_SECONDS = Histogram(
    "pos_hub_booking_seconds", "One upload: stored, booked, committed.", buckets=_SECONDS
)


class Standing(NamedTuple):
    """One thing that is, rather than happened: looked up when somebody asks."""

    name: str
    about: str
    value: int
    labels: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default; nobody changes it


def request(route: str, method: str, status: int, took_ns: int) -> None:
    _REQUESTS.labels(route, method if method in _METHODS else "other", status).inc()
    _REQUEST_SECONDS.labels(route).observe(took_ns / 1e9)


def upload(verdicts: Iterable[str], took_ns: int) -> None:
    for verdict in verdicts:
        _ENTRIES.labels(verdict).inc()
    _BOOKING_SECONDS.observe(took_ns / 1e9)


def page(standings: Iterable[Standing]) -> bytes:
    """Everything in Prometheus's text format."""
    registry = CollectorRegistry()
    if os.environ.get(SHARED_FOLDER):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(_Whole())
    registry.register(_Standings(standings))
    return generate_latest(registry)


class _Whole(Collector):
    """This process's counts, and what the library itself tells of it."""

    def collect(self) -> Iterable[Metric]:
        return REGISTRY.collect()


class _Standings(Collector):
    def __init__(self, standings: Iterable[Standing]) -> None:
        self._standings = tuple(standings)

    def collect(self) -> Iterator[Metric]:
        families: dict[str, GaugeMetricFamily] = {}
        for one in self._standings:
            family = families.setdefault(
                one.name, GaugeMetricFamily(one.name, one.about, labels=tuple(one.labels))
            )
            family.add_metric(tuple(one.labels.values()), one.value)
        yield from families.values()
