"""What happened in one call and why, step by step; its record and its story come out of it.

Not here: how steps reach the database (see services/journal_writer).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from models.call_log import AnsweredCall, CallWrite, ClosedCall, JournalLine, OpenedCall
from stasis_apps.call import CallFacts, HowCame
from stasis_apps.decisions.ending import CallEnd
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.plan import LedBy, PlannedTenant

Fact = str | int | float | bool | None


def utc_now() -> datetime:
    """The present moment: the clock of every call that is not imagined."""
    return datetime.now(UTC)


class What(StrEnum):
    """The kinds of steps; the words stand in the database and never change their meaning."""

    STARTED = "started"
    ENTERED = "entered"
    NOTED = "noted"
    PICKED_UP = "picked_up"
    PLAYING = "playing"
    PLAYED = "played"
    ASKED = "asked"
    REQUESTED = "requested"
    RECORDING = "recording"
    MESSAGE_KEPT = "message_kept"
    MESSAGE_WAITS = "message_waits"
    MESSAGE_DROPPED = "message_dropped"
    RANG = "rang"
    LEG_ENDED = "leg_ended"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    LEFT = "left"
    FAULT = "fault"
    LEFT_BEHIND = "left_behind"
    ADOPTED = "adopted"
    RELEASED = "released"
    ENDED = "ended"


SHOWN_AS: Final = "shown_as"
"""The fact of a note that says by which name phones show the caller from now on."""

CALLS_BACK: Final = "calls_back"
"""The fact that an outside number is dialled for a caller who has not dialled it themselves."""


UNSEEN: Final = "unseen"
"""The fact that a call ended while we were away."""

MEANS_PICKED_UP: Final = frozenset({What.PICKED_UP, What.ANSWERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePoint:
    """Where an earlier process left a call.

    Attributes:
        seq: Its last step.
        element: The number of the element it was in; empty when it was in none.
        how: How it had come there.
        led_by: Who had led it there; None where that is all the same.
        answered_at: When a person had picked up, or None.
        answered_by: Who, or None.
        last_at: When anything was last heard of it, or None.
        playback: The prompt that was playing, or empty.
        recording: What was being recorded, or empty.
        message: The message that it becomes, or empty.
        box: The mailbox of that message, or empty.
        shown_as: The name that phones were to show when the call came to that element; None for the
            caller's own.
        is_picked_up: Whether the caller's phone had been answered, by a person or by an element.
        is_recorded: Whether the database knows the call at all; an earlier process may have died
            in the moment before it wrote the first step.
        is_known: Whether the database has told at all; it may be away.
        is_over: Whether the call has its end in the database already.
    """

    seq: int = 0
    element: str = ""
    how: HowCame = HowCame.DIRECT
    led_by: LedBy | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    last_at: datetime | None = None
    playback: str = ""
    recording: str = ""
    message: str = ""
    box: str = ""
    shown_as: str | None = None
    is_picked_up: bool = False
    is_recorded: bool = False
    is_known: bool = True
    is_over: bool = False


@dataclass(slots=True)
class CallJournal:
    """The journal of one call, append-only.

    Attributes:
        call_id: The call.
        tenant: Whose call it is.
        sink: Takes each step at once and never waits.
        now: What time it is, in UTC.
        seq: The place of the last step; a resumed call goes on behind it.
        element: The number of the element the call is in, or empty.
        answered_at: When a person picked up; None until then.
        is_picked_up: Whether the caller's phone was answered, by a person or by an element.
        is_whole: Whether all earlier steps are known here; else the database may know better.
    """

    call_id: str
    tenant: PlannedTenant
    sink: Callable[[CallWrite], None]
    now: Callable[[], datetime] = utc_now
    seq: int = 0
    element: str = ""
    answered_at: datetime | None = None
    answered_by: str | None = None
    is_picked_up: bool = False
    is_whole: bool = True

    def resume(self, point: ResumePoint) -> None:
        """Go on where an earlier process stopped."""
        self.seq, self.element = point.seq, point.element
        self.answered_at, self.answered_by = point.answered_at, point.answered_by
        self.is_picked_up, self.is_whole = point.is_picked_up, point.is_known

    def open(self, facts: CallFacts, *, channel_id: str, revision: int) -> None:
        """A call has come in."""
        self.sink(
            OpenedCall(
                id=self.call_id,
                tenant_id=self.tenant.id,
                channel_id=channel_id,
                revision=revision,
                how=facts.way_in,
                caller_number=facts.caller.number,
                caller_name=facts.caller.name,
                caller_device=facts.caller.device,
                dialled=facts.dialled,
                started_at=self.now(),
            )
        )
        if not self.is_whole:
            return  # what the database cannot tell now has its first step
        came_by = {"trunk": facts.trunk} if facts.trunk else {"device": facts.caller.device}
        self.write(What.STARTED, dialled=facts.dialled, way_in=facts.way_in, **came_by)

    def write(self, what: What, *, reason: str = "", way_out: str = "", **facts: Fact) -> None:
        """Add a step at the element the call is in; never pressed keys, never speech."""
        self.is_picked_up |= what in MEANS_PICKED_UP
        self._add(what, self.now(), reason, way_out, facts)

    def _add(
        self, what: What, at: datetime, reason: str, way_out: str, facts: Mapping[str, Fact]
    ) -> None:
        self.seq += 1
        self.sink(
            JournalLine(
                tenant_id=self.tenant.id,
                call_id=self.call_id,
                seq=self.seq,
                at=at,
                what=what,
                element=self.element or None,
                exit=way_out or None,
                reason=reason,
                facts=facts,
            )
        )

    def enter(
        self,
        number: str,
        kind: str,
        how: HowCame = HowCame.DIRECT,
        *,
        led_by: LedBy | None = None,
    ) -> None:
        """The call reaches the element behind a number.

        Args:
            number: The number.
            kind: What the element is.
            how: How the call comes there.
            led_by: Who leads it there, where that makes a difference.
        """
        self.element = number
        facts: dict[str, Fact] = {} if how is HowCame.DIRECT else {"how": how.value}
        if led_by is not None:
            facts |= {"purpose": led_by.purpose.value, "acting": led_by.acting}
            facts |= {"hides_number": True} if led_by.hides_number else {}
            calls_back = led_by.purpose is Purpose.DIALLED and not led_by.is_dialling
            facts |= {CALLS_BACK: True} if calls_back else {}
        self.write(What.ENTERED, kind=kind, **facts)  # type: ignore[arg-type] # as below

    def leave(self, way_out: str, target: str, reason: str = "") -> None:
        """The call leaves the element towards a target, which may be empty."""
        self.write(What.LEFT, way_out=way_out, reason=reason, target=target)

    def answered(self, device: str, by: str, *, trunk: str = "") -> None:
        """A person has picked up.

        Args:
            device: The endpoint that answered.
            by: The person's number.
            trunk: The trunk through which they were reached; empty for a phone of ours.
        """
        self.answered_at, self.answered_by = self.now(), by
        through = {"trunk": trunk} if trunk else {}
        self.write(What.ANSWERED, device=device, by=by, **through)
        self.sink(
            AnsweredCall(
                id=self.call_id,
                tenant_id=self.tenant.id,
                answered_at=self.answered_at,
                answered_by=by,
            )
        )

    def talks_already(self, by: str) -> None:
        """A person had picked up before; since when, the database knows when it is back."""
        self.answered_at, self.answered_by = self.now(), by
        self.is_picked_up = True

    def close(self, end: CallEnd, *, ended_at: datetime | None = None) -> None:
        """The call is over; this is its last step.

        Args:
            end: How.
            ended_at: When, for a call whose end nobody saw; None for now.
        """
        facts: dict[str, Fact] = {"by": end.by, "cause": end.cause}
        facts |= {UNSEEN: True} if ended_at else {}
        ended_at = ended_at or self.now()
        self._add(What.ENDED, ended_at, end.reason, "", facts)
        talk_s = (ended_at - self.answered_at).total_seconds() if self.answered_at else 0.0
        self.sink(
            ClosedCall(
                id=self.call_id,
                tenant_id=self.tenant.id,
                ended_at=ended_at,
                ended_by=end.by,
                reason=end.reason,
                comment=end.comment(self.tenant.language),
                talk_s=max(talk_s, 0.0),
                may_have_begun_before=not self.is_whole,
                answered_at=self.answered_at,
                answered_by=self.answered_by,
            )
        )
