"""How full everything is when somebody asks: what this process knows, and what it asks others.

Scraping disturbs no call: Asterisk and the database are asked at most every few seconds, however
many scrape, and what does not answer in time is left out. The disk is looked at beside the event
loop, which a slow one would hold up.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ari_client import AriClient
from asterisk_conf import certificate
from asterisk_conf.certificate import Certificate
from models import outbox
from models.delivery import Delivery, DeliveryState
from models.rules import STATES
from models.tenant_event import NoticeMail
from stasis_apps.app import Exchange
from stasis_apps.background import Background
from stasis_apps.emergency_way import EMERGENCY_CALL
from stasis_apps.services.journal_writer import JournalWriter
from stasis_apps.services.limit_notices import LIMIT_REACHED
from stasis_apps.services.patience import while_a_caller_waits
from stasis_apps.services.pin_guesses import PIN_LOCKED
from stasis_apps.watching.asked import Asked
from stasis_apps.watching.readiness import are_calls_taken, parts_of
from stasis_apps.watching.vitals import vitals_of

ASTERISK_EVERY_S: Final = 10.0
ASTERISK_LIMIT_S: Final = 3.0
OUTBOX_EVERY_S: Final = 10.0
OUTBOX_LIMIT_S: Final = 3.0
DISK_EVERY_S: Final = 10.0
DISK_LIMIT_S: Final = 3.0
CERTIFICATE_EVERY_S: Final = 60.0
CERTIFICATE_LIMIT_S: Final = 3.0

TRUNK: Final = "trunk-"
ONLINE: Final = "online"
KINDS_OF_NOTICES: Final = (LIMIT_REACHED, PIN_LOCKED, EMERGENCY_CALL)
STATES_OF_TRUNKS: Final = (ONLINE, "offline", "unknown")

Outboxes = Mapping[str, Mapping[DeliveryState, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskLevels:
    """What Asterisk holds.

    Attributes:
        channels: All of them, ours or not.
        bridges: The same.
        devices: Phones that are registered and answer.
        trunks: How many trunks are in each of `STATES_OF_TRUNKS`.
    """

    channels: int
    bridges: int
    devices: int
    trunks: Mapping[str, int]


class Levels(Collector):
    """The levels, as Prometheus' client collects them; call `renew` before."""

    def __init__(
        self,
        exchange: Exchange,
        background: Background,
        writer: JournalWriter,
        certificate_file: Path,
    ) -> None:
        self._exchange = exchange
        self._background = background
        self._writer = writer
        self._asterisk = Asked(
            lambda: look_at_asterisk(background.room.ari),
            every_s=ASTERISK_EVERY_S,
            limit_s=ASTERISK_LIMIT_S,
        )
        self._outboxes = Asked(count_outboxes, every_s=OUTBOX_EVERY_S, limit_s=OUTBOX_LIMIT_S)
        self._disk = Asked(self._look_at_the_disk, every_s=DISK_EVERY_S, limit_s=DISK_LIMIT_S)
        self._certificate = Asked(
            lambda: asyncio.to_thread(certificate.in_use, certificate_file),
            every_s=CERTIFICATE_EVERY_S,
            limit_s=CERTIFICATE_LIMIT_S,
        )

    async def renew(self) -> None:
        """Ask Asterisk, the database and the disk, if their last answers are old enough."""
        asked = (self._asterisk, self._outboxes, self._disk, self._certificate)
        await asyncio.gather(*(one.renew() for one in asked))

    def collect(self) -> Iterator[Metric]:
        """Everything there is to tell."""
        yield from self._parts()
        yield from self._work()
        yield from self._plans()
        if self._asterisk.answer is not None:
            yield from _of_asterisk(self._asterisk.answer)
        if self._outboxes.answer is not None:
            yield _of_outboxes(self._outboxes.answer)
        if self._disk.answer is not None:
            yield _gauge(
                "pbx_journal_spool_bytes",
                "Steps of calls on disk that are not in the database yet.",
                self._disk.answer,
            )
        yield _of_certificate(self._certificate.answer)

    async def _look_at_the_disk(self) -> int:
        return await asyncio.to_thread(lambda: self._writer.spooled_bytes)

    def _parts(self) -> Iterator[Metric]:
        vitals = vitals_of(self._exchange, self._background)
        yield _gauge("pbx_ready", "1 while calls are taken.", are_calls_taken(parts_of(vitals)))
        yield _gauge(
            "pbx_asterisk_connected", "1 while Asterisk tells us of calls.", vitals.is_connected
        )
        yield _gauge("pbx_database_up", "1 while the database answers.", vitals.has_database)
        if vitals.plans_age_s is not None:
            yield _gauge(
                "pbx_plans_age_seconds",
                "How long ago the plans in memory were last compared with the database.",
                vitals.plans_age_s,
            )

    def _work(self) -> Iterator[Metric]:
        yield _gauge("pbx_calls", "Calls that are being run.", self._exchange.calls_up)
        waiting = GaugeMetricFamily(
            "pbx_events_waiting", "Events that nobody has looked at yet.", labels=["queue"]
        )
        ari = self._background.room.ari
        waiting.add_metric(["lobby"], len(ari.lobby))
        waiting.add_metric(["calls"], ari.waiting_in_inboxes())
        yield waiting
        yield _gauge(
            "pbx_journal_steps_waiting",
            "Steps of calls in memory that are not in the database yet.",
            self._writer.waiting,
        )
        told = CounterMetricFamily(
            "pbx_notices",
            "What administrators were told: limits reached, PINs guessed, emergency calls.",
            labels=["kind"],
        )
        times = self._background.room.notices.told_by_kind
        for kind in sorted({*KINDS_OF_NOTICES, *times}):
            told.add_metric([kind], times[kind])
        yield told

    def _plans(self) -> Iterator[Metric]:
        plans = self._background.plans.all()
        states = Counter(plan.tenant.state for plan in plans)
        tenants = GaugeMetricFamily("pbx_tenants", "Tenants, by state.", labels=["state"])
        for state in STATES:
            tenants.add_metric([state], states[state])
        yield tenants
        devices = sum(len(plan.devices) for plan in plans)
        yield _gauge("pbx_devices", "Phones that tenants have.", devices)
        yield _gauge(
            "pbx_plans_unusable",
            "Tenants that go on with an old plan or none, because the new one cannot be made.",
            self._background.plans.unusable,
        )


async def look_at_asterisk(ari: AriClient) -> AsteriskLevels:
    """Ask Asterisk what it holds.

    Raises:
        AriError: It does not answer.
    """
    channels = await ari.channels.list()
    bridges = await ari.bridges.list()
    endpoints = await ari.endpoints.list()  # by tech, having none is a 404
    trunks = [one.state for one in endpoints if one.resource.startswith(TRUNK)]
    states = Counter(state if state in STATES_OF_TRUNKS else "unknown" for state in trunks)
    return AsteriskLevels(
        channels=len(channels),
        bridges=len(bridges),
        devices=sum(one.state == ONLINE and "@" in one.resource for one in endpoints),
        trunks={state: states[state] for state in STATES_OF_TRUNKS},
    )


async def count_outboxes() -> Outboxes:
    """Count the mails that have not gone out.

    Raises:
        DatabaseError: The database is away.
    """
    return {
        "voicemail": await while_a_caller_waits(outbox.count_unsent(Delivery)),
        "notice": await while_a_caller_waits(outbox.count_unsent(NoticeMail)),
    }


def _of_asterisk(levels: AsteriskLevels) -> Iterator[Metric]:
    yield _gauge("pbx_channels", "Channels that Asterisk holds.", levels.channels)
    yield _gauge("pbx_bridges", "Bridges that Asterisk holds.", levels.bridges)
    yield _gauge("pbx_devices_registered", "Phones that are registered and answer.", levels.devices)
    trunks = GaugeMetricFamily(
        "pbx_trunks", "Trunks, by whether their other side answers.", labels=["state"]
    )
    for state, many in levels.trunks.items():
        trunks.add_metric([state], many)
    yield trunks


def _of_certificate(shown: Certificate | None) -> Metric:
    """When phones will refuse us; no value without TLS."""
    end = GaugeMetricFamily(
        "pbx_certificate_end_timestamp_seconds",
        "When the certificate ends that phones and carriers are shown, as a Unix time.",
    )
    if shown is not None:
        end.add_metric([], shown.ends_at.timestamp())
    return end


def _of_outboxes(outboxes: Outboxes) -> Metric:
    mails = GaugeMetricFamily(
        "pbx_outbox_mails",
        "Mails that have not gone out: queued, tried again (deferred) or given up (bounced).",
        labels=["kind", "state"],
    )
    for kind, counted in outboxes.items():
        for state, many in counted.items():
            mails.add_metric([kind, state], many)
    return mails


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)
