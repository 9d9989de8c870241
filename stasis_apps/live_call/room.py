"""What every call of this process has around it, made once when the process starts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from ari_client import AriClient
from stasis_apps.call import Position
from stasis_apps.live_call.mailboxes import Keeper, Store
from stasis_apps.occupancy import Occupancy, Turns
from stasis_apps.services.journal_writer import JournalWriter


class Switches(Protocol):
    """Throws the switch at an element for every call that comes."""

    async def throw(
        self,
        tenant: str,
        number: str,
        position: Position | None,
        by: str,
        until_at: datetime | None,
    ) -> None:
        """Force an element open or closed, until a moment; None leaves it to the plan again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRoom:
    """What a call may ask of the process it runs in.

    Attributes:
        ari: Asterisk.
        writer: Takes journals to the database.
        messages: Takes voicemail into mailboxes.
        mailboxes: What lies in them.
        switches: Throws switches.
        occupancy: Who is on how many calls.
        turns: Whose turn it is in groups that go round.
    """

    ari: AriClient
    writer: JournalWriter
    messages: Keeper
    mailboxes: Store
    switches: Switches
    occupancy: Occupancy = field(default_factory=Occupancy)
    turns: Turns = field(default_factory=Turns)
