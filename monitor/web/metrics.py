"""Figures for Prometheus: how much came, what waits, and how long ago each source and stage last worked."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlmodel import Session

from monitor import health
from monitor.config import SourceConfig
from monitor.domain import DeliveryState, Urgency
from monitor.store import counts, reads
from monitor.store.rows import SourceRow
from monitor.web.parts import WebParts
from monitor.web.pulse import Pulse

_NAME = "mainevahti"


def render(parts: WebParts, session: Session) -> bytes:
    """Every figure in Prometheus' text format."""
    now = parts.clock.now()
    built = _gauge("build_info", "Version of the service.", "version")
    built.add_metric([version("mainevahti")], 1)
    figures = (
        built,
        *_stock(parts, session, now),
        *_hearing(parts, session, now),
        *_stages(parts.pulse, now),
    )
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    return generate_latest(registry)


class _Figures(Collector):
    """What prometheus_client asks for figures; it knows them already."""

    def __init__(self, figures: Sequence[Metric]) -> None:
        self._figures = figures

    def collect(self) -> Sequence[Metric]:
        return self._figures


def _stock(parts: WebParts, session: Session, now: datetime) -> list[Metric]:
    shops = [shop.slug for shop in parts.config.shops]
    mentions = _gauge("mentions", "Stored mentions.", "shop")
    for shop, number in {**dict.fromkeys(shops, 0), **counts.mentions_by_shop(session)}.items():
        mentions.add_metric([shop], number)
    return [mentions, *_alerts(session, shops, now), *_deliveries(session, now)]


def _alerts(session: Session, shops: list[str], now: datetime) -> Iterator[Metric]:
    found = _gauge("alerts_open", "Alerts that wait for an answer.", "shop", "urgency")
    nothing = {(shop, urgency.value): 0 for shop in shops for urgency in Urgency}
    for labels, number in {**nothing, **counts.open_alerts(session)}.items():
        found.add_metric(labels, number)
    yield found
    overdue = _gauge("alerts_overdue", "Open alerts whose deadline has passed.", "shop")
    for shop, number in {**dict.fromkeys(shops, 0), **counts.overdue_alerts(session, now)}.items():
        overdue.add_metric([shop], number)
    yield overdue


def _deliveries(session: Session, now: datetime) -> Iterator[Metric]:
    states = _gauge("deliveries", "Messages of the outbox by state.", "state")
    for state, number in {
        **{one.value: 0 for one in DeliveryState},
        **counts.deliveries_by_state(session),
    }.items():
        states.add_metric([state], number)
    yield states
    late = _gauge("deliveries_overdue", "Messages that should have left by now.")
    late.add_metric([], counts.overdue_deliveries(session, now))
    yield late


def _hearing(parts: WebParts, session: Session, now: datetime) -> list[Metric]:
    age = _gauge("source_last_success_age_seconds", "Since the source was read last.", "source")
    failures = _gauge("source_failures_in_row", "Fetches that failed since then.", "source")
    status = _gauge("source_status", "1 for the status the source has now.", "source", "status")
    states = reads.source_states(session)
    for source in parts.config.sources:
        state = states.get(source.slug)
        if state is not None and state.last_success_at is not None:
            age.add_metric([source.slug], max((now - state.last_success_at).total_seconds(), 0.0))
        failures.add_metric([source.slug], state.failures_in_row if state else 0)
        for one, is_so in _statuses(source, state, now):
            status.add_metric([source.slug, one], is_so)
    return [age, failures, status]


def _statuses(source: SourceConfig, state: SourceRow | None, now: datetime) -> Iterator[tuple[str, int]]:
    present = health.judge(source, state, now).status
    yield from ((one.value, int(one is present)) for one in health.Status)


def _stages(pulse: Pulse, now: datetime) -> Iterator[Metric]:
    age = _gauge("stage_last_success_age_seconds", "Since the stage ended well last.", "stage")
    failures = CounterMetricFamily(f"{_NAME}_stage_failures", "How often the stage failed.", labels=["stage"])
    for stage, beat in sorted(pulse.beats().items()):
        if beat.ended_at is not None:
            age.add_metric([stage], max((now - beat.ended_at).total_seconds(), 0.0))
        failures.add_metric([stage], beat.failures)
    yield age
    yield failures


def _gauge(name: str, tells: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"{_NAME}_{name}", tells, labels=list(labels))
