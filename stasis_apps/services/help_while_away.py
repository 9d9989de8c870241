"""Finds out who called help while we were away, and tells the administrators.

Asterisk's dialplan puts such calls through by itself and leaves a note of each in its own database.
A note is taken away at the look after the one at which it was told, so that one which did not get
as far as the disk is told again.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Protocol

import structlog

from stasis_apps.call import Endpoint
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.emergency_way import EMERGENCY_CALL, facts_for_those_who_help
from stasis_apps.plan import NumberPlan
from stasis_apps.services.ami import (
    ANSWER_S,
    Ami,
    AmiError,
    AmiRefused,
    ami_settings,
    connected,
)
from stasis_apps.services.notices import Notice, Notices
from stasis_apps.settings import Settings
from stasis_apps.way_out import Wish

LOOK_EVERY_S: Final = 15.0

FAMILY: Final = "emergency"
"""Where the dialplan leaves its notes (``asterisk_conf/templates/extensions.conf``)."""

log = structlog.get_logger(__name__)


class Plans(Protocol):
    """Where the plans of tenants are."""

    def plan_of(self, tenant_id: str) -> NumberPlan | None:
        """The tenant's plan; None when there is no such tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A call for help that Asterisk has put through alone.

    Attributes:
        key: Asterisk's own id of the call.
        at: When.
        tenant_id: Whose.
        endpoint: The phone that called.
        number: The emergency number.
    """

    key: str
    at: datetime
    tenant_id: str
    endpoint: str
    number: str


class HelpWhileAway:
    """Looks for notes as long as the process runs; let `serve` run beside."""

    def __init__(self, settings: Settings, plans: Plans, notices: Notices) -> None:
        """Begin without having told anything.

        Args:
            settings: Where Asterisk is.
            plans: Where phones stand.
            notices: Takes what administrators must hear of.
        """
        self._settings = settings
        self._plans = plans
        self._notices = notices
        self._told: set[str] = set()

    async def serve(self) -> None:
        """Look now and then until cancelled; while Asterisk is away there is nothing to see."""
        while True:
            try:
                await self.look()
            except AmiError as fault:
                log.debug("no_look_at_emergency_calls", fault=str(fault))
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self) -> None:
        """Tell what is new, and take away what was told at the look before.

        Raises:
            AmiError: Asterisk does not answer.
        """
        access = await asyncio.to_thread(ami_settings, self._settings)
        async with connected(access) as ami:
            told: dict[str, str] = {}
            is_complete = asyncio.Event()
            listening = asyncio.create_task(_listen(ami, told, is_complete))
            try:
                await self._look(ami, told, is_complete)
            finally:
                listening.cancel()
                await asyncio.wait((listening,))

    async def _look(self, ami: Ami, told: dict[str, str], is_complete: asyncio.Event) -> None:
        try:
            await ami.ask("DBGetTree", [("Family", FAMILY)])
        except AmiRefused:  # there are no notes
            return
        try:
            async with asyncio.timeout(ANSWER_S):
                await is_complete.wait()
        except TimeoutError as fault:
            raise AmiError("DBGetTree: no end") from fault
        for key, written in told.items():
            if key in self._told:
                await ami.ask("DBDel", [("Family", FAMILY), ("Key", key)])
                self._told.discard(key)
            else:
                self._tell(key, written)
                self._told.add(key)

    def _tell(self, key: str, written: str) -> None:
        note = read_note(key, written)
        plan = self._plans.plan_of(note.tenant_id) if note else None
        if note is None or plan is None:
            log.error("emergency_call_of_nobody", key=key, note=written)
            return
        phone = plan.devices.get(Endpoint(note.endpoint))
        wish = Wish(
            number=note.number,
            acting=phone.extension if phone else "",
            purpose=Purpose.DIALLED,
            device=note.endpoint.partition("@")[0],
            at=note.at.astimezone(plan.tenant.timezone),
            caller_name=phone.caller_name if phone else "",
        )
        self._notices.tell(
            Notice(
                tenant=plan.tenant,
                kind=EMERGENCY_CALL,
                at=note.at,
                call_id=note.key,
                facts={**facts_for_those_who_help(plan, wish), "alone": "yes"},
            )
        )


def read_note(key: str, written: str) -> Note | None:
    """Read what the dialplan wrote: moment, tenant, phone and number; None when it is not that."""
    fields = written.split("|")
    try:
        moment, tenant_id, endpoint, number = fields
        at = datetime.fromtimestamp(int(moment), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return Note(key=key, at=at, tenant_id=tenant_id, endpoint=endpoint, number=number)


async def _listen(ami: Ami, told: dict[str, str], is_complete: asyncio.Event) -> None:
    async for event in ami.events():
        if event["Event"] == "DBGetTreeResponse":
            told[event.get("Key", "").removeprefix(f"/{FAMILY}/")] = event.get("Val", "")
        elif event["Event"] == "DBGetTreeComplete":
            is_complete.set()
