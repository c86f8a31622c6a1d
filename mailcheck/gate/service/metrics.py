"""Figures for Prometheus. Labels are words of our own: no name, no address, nothing that was sent."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from mailcheck.gate.jobs import Depth

__all__ = ["CONTENT_TYPE_LATEST", "Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_SPACE = "mailcheck_gate"


class Metrics:
    """The figures of one service; a registry of its own, so that several can live in one process."""

    def __init__(self) -> None:
        self.registry = own = CollectorRegistry(auto_describe=True)
        asked = ("method", "route", "status")
        self.requests = Counter("requests", "requests answered", asked, namespace=_SPACE, registry=own)
        self.seconds = Histogram(
            "request_seconds", "time until an answer", ("route",), buckets=_SECONDS, namespace=_SPACE, registry=own
        )
        ended = ("outcome", "reason")
        self.webhooks = Counter("webhooks", "what became of webhooks", ended, namespace=_SPACE, registry=own)
        self.checks = Counter("checks", "campaigns checked on request", ("verdict",), namespace=_SPACE, registry=own)
        self.jobs = Gauge("jobs", "jobs that wait, run, or follow", ("state",), namespace=_SPACE, registry=own)
        self.late = Gauge("oldest_due_seconds", "since when the oldest job is due", namespace=_SPACE, registry=own)
        self.untold = Gauge("untold_alerts", "alerts that are not delivered yet", namespace=_SPACE, registry=own)

    def text(self, depth: Depth) -> bytes:
        """Everything, in the text format of Prometheus."""
        for state, number in (("waiting", depth.waiting), ("running", depth.running), ("following", depth.following)):
            self.jobs.labels(state).set(number)
        self.late.set(depth.late.total_seconds())
        self.untold.set(depth.untold)
        return generate_latest(self.registry)
