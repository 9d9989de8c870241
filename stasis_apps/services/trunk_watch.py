"""Follows the plans and has Asterisk hold their trunks; checks that passwords can be opened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from models.errors import ModelsError
from models.provisioning import sealed_trunk_password
from models.seal import Seal
from stasis_apps.plan import NumberPlan, PlannedTrunk
from stasis_apps.services.trunk_lines import TrunkLine, TrunkLines

RETRY_S = 5.0
"""When passwords that could not be read are asked for again."""

log = structlog.get_logger(__name__)


class TrunkWatch:
    """Tells Asterisk of every trunk that any tenant has, whenever one changes."""

    def __init__(
        self,
        lines: TrunkLines,
        plans: Callable[[], Sequence[NumberPlan]],
        seal: Callable[[], Seal],
        *,
        has_tls: bool = True,
    ) -> None:
        """Follow the plans.

        Args:
            lines: What Asterisk holds.
            plans: The plans of all tenants, as they are now.
            seal: Opens passwords, which stay sealed here; asked for each time, for the key may be
                made after we start.
            has_tls: Whether Asterisk speaks TLS; without it, trunks that do are out of use.
        """
        self._lines = lines
        self._plans = plans
        self._seal = seal
        self._has_tls = has_tls
        self._without_tls: set[str] = set()
        self._known: dict[str, tuple[int, str]] = {}
        self._out_of_date: set[str] = set()

    def asterisk_is_back(self) -> None:
        """It may be another Asterisk, which has been told nothing yet."""
        self._lines.forget()

    async def run(self, news: asyncio.Event) -> None:
        """Tell Asterisk now, and whenever there is news; until cancelled.

        Args:
            news: Set when a plan has changed, or Asterisk is back.
        """
        while True:
            news.clear()
            wanted, unreadable = await self._wanted()
            await self._lines.make_equal(wanted, left_alone=unreadable)
            try:
                async with asyncio.timeout(RETRY_S if unreadable or self._out_of_date else None):
                    await news.wait()
            except TimeoutError:
                continue

    async def _wanted(self) -> tuple[list[TrunkLine], list[TrunkLine]]:
        """Every trunk with its password, and without it those whose password is not readable."""
        self._out_of_date.clear()
        wanted: list[TrunkLine] = []
        unreadable: list[TrunkLine] = []
        for plan in self._plans():
            for trunk in filter(self._can_be_spoken_to, plan.trunks.values()):
                password = await self._password(plan, trunk)
                line = TrunkLine(facts=trunk, password=password or "", tenant_id=plan.tenant.id)
                (unreadable if password is None else wanted).append(line)
        there = {line.facts.endpoint for line in (*wanted, *unreadable)}
        self._known = {trunk: known for trunk, known in self._known.items() if trunk in there}
        return wanted, unreadable

    def _can_be_spoken_to(self, trunk: PlannedTrunk) -> bool:
        """Whether Asterisk speaks the trunk's transport; told once of each that has to wait."""
        if self._has_tls or trunk.transport != "tls":
            self._without_tls.discard(trunk.endpoint)
            return True
        if trunk.endpoint not in self._without_tls:
            self._without_tls.add(trunk.endpoint)
            log.error("trunk_needs_tls", trunk=trunk.name, means="set PBX_TLS_CERT_FILE and _KEY_")
        return False

    async def _password(self, plan: NumberPlan, trunk: PlannedTrunk) -> str | None:
        """The trunk's password, sealed; while it cannot be read, the one of before."""
        revision, before = self._known.get(trunk.endpoint, (0, None))
        if revision == plan.revision:
            return before
        try:
            sealed = await sealed_trunk_password(tenant=plan.tenant.name, name=trunk.name)
            await asyncio.to_thread(_check, self._seal, sealed)
        except ModelsError as fault:
            log.warning("trunk_password_not_read", trunk=trunk.name, fault=str(fault))
            self._out_of_date.add(trunk.endpoint)
            return before
        self._known[trunk.endpoint] = (plan.revision, sealed)
        return sealed


def _check(seal: Callable[[], Seal], sealed: str) -> None:
    """Raise SealError when a password cannot be opened."""
    if sealed:
        seal().open(sealed)
