"""Puts the watching together: what is measured, what is asked, and the server that tells it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from prometheus_client import generate_latest

from stasis_apps.app import Exchange
from stasis_apps.background import Background, again_and_again
from stasis_apps.services.journal_writer import JournalWriter
from stasis_apps.settings import Address
from stasis_apps.watching.figures import Figures
from stasis_apps.watching.health_server import HealthServer
from stasis_apps.watching.levels import Levels
from stasis_apps.watching.loop_lag import watch_lag
from stasis_apps.watching.vitals import vitals_of


class Watch:
    """Tells those who watch over us how one process is."""

    def __init__(
        self,
        bind: Address,
        figures: Figures,
        writer: JournalWriter,
        certificate_file: Path,
        node: str = "",
    ) -> None:
        """Know where to tell, and some of what.

        Args:
            bind: Where those who watch may ask.
            figures: What is measured.
            writer: Who brings journals to the database.
            certificate_file: Asterisk's own copy of the certificate, where TLS is spoken.
            node: The name of this exchange.
        """
        self._node = node
        self._bind = bind
        self._figures = figures
        self._writer = writer
        self._certificate_file = certificate_file

    def start(
        self, group: asyncio.TaskGroup, exchange: Exchange, background: Background
    ) -> list[asyncio.Task[None]]:
        """Serve what is seen; a part that fails begins again after a pause, and no call notices.

        Args:
            group: Where it runs.
            exchange: The calls.
            background: What runs beside them.
        """
        levels = Levels(exchange, background, self._writer, self._certificate_file)
        registry, lag = self._figures.registry, self._figures.lag
        registry.register(levels)

        async def figures() -> bytes:
            await levels.renew()
            return generate_latest(registry)

        server = HealthServer(
            self._bind,
            vitals=lambda: vitals_of(exchange, background),
            figures=figures,
            node=self._node,
        )
        return [
            group.create_task(again_and_again("health", server.serve)),
            group.create_task(again_and_again("loop_lag", lambda: watch_lag(lag))),
        ]
