"""A recorded call as a scenario: what everybody did, read from the call's steps; pure.

Which keys were pressed is never kept. The exits by which a call left its elements tell most of
them: who left a greeting by ``2`` has pressed 2. A wrong key is told by its absence alone; some
other wrong key stands for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from models.call_log import JournalLine, RecordedCall
from stasis_apps.call import Position, WayIn
from stasis_apps.decisions.ending import EndedBy
from stasis_apps.journal import What
from stasis_apps.replay.recalled_keys import RIGHT_PIN, WrongKeys, keys_of
from stasis_apps.replay.recalled_people import doings_in
from stasis_apps.replay.recalled_replies import replies_in
from stasis_apps.replay.stays import Stay, stays_in
from stasis_apps.simulation import Doing, Scenario

STILL_UP: Final = "the call is still up, or nobody has written its end"
NO_STEPS: Final = "the steps of the call are not there (any more)"
RESTARTED: Final = "the exchange was restarted during the call"
UNKNOWN_DOOR: Final = "it came by a door that this version does not know"

_DOORS: Final = frozenset(way.value for way in WayIn)
_RESTARTS: Final = frozenset({What.ADOPTED, What.LEFT_BEHIND, What.RELEASED})
_PIN_OF_RULE: Final = re.compile("the caller knows the PIN of rule (.+)")
_PIN_OF_BOX: Final = re.compile("mailbox (.+) opened by PIN")
_SAYS_S: Final = 5.0
_SWITCHED: Final = re.compile("(?:somebody has switched it|switched) to (open|closed)")


class NotRecalled(Exception):
    """The steps of a call do not tell what everybody did; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledCall:
    """A recorded call that can be made again.

    Attributes:
        call: Its record.
        scenario: What everybody did.
        path: The elements that it passed.
        is_open_end: Whether the caller left while they spoke to a mailbox, so that nobody knows
            where they would have been led afterwards.
        stayed_s: How long the caller, who gave up, was in the last element; None for all others.
        switches: How switches stood that the call came by.
    """

    call: RecordedCall
    scenario: Scenario
    path: tuple[str, ...]
    is_open_end: bool = False
    stayed_s: float | None = None
    switches: Mapping[str, Position] = field(default_factory=dict)


def recalled(
    call: RecordedCall, journal: Sequence[JournalLine], wrong_keys: WrongKeys
) -> RecalledCall:
    """What everybody did in a call.

    Args:
        call: Its record.
        journal: Its steps, in their order.
        wrong_keys: Keys that lead nowhere, for those of whom only that is known.

    Raises:
        NotRecalled: The steps do not tell.
    """
    if call.ended_at is None:
        raise NotRecalled(STILL_UP)
    if not journal:
        raise NotRecalled(NO_STEPS)
    if any(line.what in _RESTARTS for line in journal):
        raise NotRecalled(RESTARTED)
    if call.how not in _DOORS:
        raise NotRecalled(UNKNOWN_DOOR)
    stays = stays_in(journal)
    spoke = [line for line in journal if line.what == What.RECORDING]
    gave_up = call.ended_by == EndedBy.CALLER and call.answered_at is None and not spoke
    lasted_s = (call.ended_at - call.started_at).total_seconds()
    last_at = stays[-1].entered_at if stays else call.started_at
    return RecalledCall(
        call=call,
        scenario=Scenario(
            caller=call.caller_device or call.caller_number,
            dialled=call.dialled,
            at=call.started_at,
            way_in=WayIn(call.how),
            trunk=_trunk(journal),
            caller_name="" if call.caller_device else call.caller_name,
            keys=tuple(key for stay in stays for key in keys_of(stay, wrong_keys)),
            doing=_with_talk(doings_in(journal), call),
            hangs_up_after_s=lasted_s if gave_up else None,
            says_s=_spoken_s(journal, call) if spoke else _SAYS_S,
            last_dialled=_dialled_again(stays),
            pins=dict(_pins(stays)),
            replies=replies_in(journal),
        ),
        path=tuple(stay.number for stay in stays),
        is_open_end=call.ended_by == EndedBy.CALLER and bool(spoke),
        stayed_s=(call.ended_at - last_at).total_seconds() if gave_up else None,
        switches=dict(_switches(stays)),
    )


def _trunk(journal: Iterable[JournalLine]) -> str:
    for line in journal:
        if line.what == What.STARTED:
            return str(line.facts.get("trunk", ""))
    return ""


def _with_talk(doings: Mapping[str, Doing], call: RecordedCall) -> dict[str, Doing]:
    """Whoever answered hangs up when the talk was over, whichever side it was that did."""
    talk_s = call.talk_s or 0.0
    return {
        name: Doing(
            became=doing.became, after_s=doing.after_s, talks_s=talk_s, confirms=doing.confirms
        )
        for name, doing in doings.items()
    }


def _spoken_s(journal: Sequence[JournalLine], call: RecordedCall) -> float:
    """How long the message was, or would have been."""
    began_at = next(line.at for line in journal if line.what == What.RECORDING)
    for line in journal:
        length = line.facts.get("duration_s")
        if line.what in (What.MESSAGE_KEPT, What.MESSAGE_DROPPED) and isinstance(
            length, int | float
        ):
            return float(length)
    return ((call.ended_at or began_at) - began_at).total_seconds()


def _dialled_again(stays: Sequence[Stay]) -> str:
    return next((stay.target for stay in stays if stay.why_left == "dialled again"), "")


def _pins(stays: Sequence[Stay]) -> Iterator[tuple[str, str]]:
    """Whose PINs were known; the real ones are kept nowhere."""
    for stay in stays:
        for line in stay.lines:
            found = _PIN_OF_RULE.fullmatch(line.reason) or _PIN_OF_BOX.fullmatch(line.reason)
            if found:
                yield found[1], RIGHT_PIN
        if stay.kind == "set_switch" and stay.exit == "done":
            yield stay.number, RIGHT_PIN


def _switches(stays: Sequence[Stay]) -> Iterator[tuple[str, Position]]:
    for stay in stays:
        for line in stay.lines:
            if line.what == What.NOTED and (found := _SWITCHED.fullmatch(line.reason)):
                yield stay.number, Position(found[1])
