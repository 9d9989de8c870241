"""What became of a leg, read from the Q.850 cause that Asterisk gives when the leg is gone."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from stasis_apps.decisions.trunk_choice import USUAL_FINAL_CODES

ANSWERED_ELSEWHERE = 26
"""Q.850 cause 26 (non-selected user clearing): the phone shows no missed call."""

RING_TIMED_OUT = 19
"""Q.850 cause 19 (no answer from user): told to a phone that nobody picked up."""


class LegOutcome(StrEnum):
    """How a phone that was rung, or could not be rung, did not lead to a talk."""

    BUSY = "busy"
    NO_ANSWER = "no_answer"
    DECLINED = "declined"
    UNREGISTERED = "unregistered"
    UNREACHABLE = "unreachable"
    CARRIER_FAILED = "carrier_failed"
    NO_TRUNK = "no_trunk"
    NO_CHANNEL = "no_channel"
    INVALID_NUMBER = "invalid_number"
    NO_SUCH_NUMBER = "no_such_number"
    FORBIDDEN = "forbidden"
    BLOCKED = "blocked"
    DESTINATION_CLOSED = "destination_closed"
    FORWARDING_CLOSED = "forwarding_closed"
    NIGHT_CLOSED = "night_closed"
    TOO_MANY_OUTSIDE = "too_many_outside"
    TOO_FAST = "too_fast"
    MINUTES_USED_UP = "minutes_used_up"


LIMITS = frozenset(
    {
        LegOutcome.FORWARDING_CLOSED,
        LegOutcome.DESTINATION_CLOSED,
        LegOutcome.NIGHT_CLOSED,
        LegOutcome.TOO_MANY_OUTSIDE,
        LegOutcome.TOO_FAST,
        LegOutcome.MINUTES_USED_UP,
    }
)
"""A limit of the tenant's policy was reached; its administrators are told."""

OUTSIDE_FAULTS = frozenset(
    {
        LegOutcome.CARRIER_FAILED,
        LegOutcome.NO_TRUNK,
        LegOutcome.NO_CHANNEL,
        LegOutcome.INVALID_NUMBER,
        LegOutcome.NO_SUCH_NUMBER,
        LegOutcome.FORBIDDEN,
        LegOutcome.BLOCKED,
        *LIMITS,
    }
)
"""What only becomes of outside numbers, on the way to them; to whoever waits, "unreachable"."""


# chan_pjsip maps SIP answers to causes: 486 and 600 -> 17, 408 -> 18, 480 -> 19, 403 and 603 -> 21.
_OUTCOMES: dict[int, LegOutcome] = {
    16: LegOutcome.NO_ANSWER,
    17: LegOutcome.BUSY,
    18: LegOutcome.UNREACHABLE,
    19: LegOutcome.NO_ANSWER,
    20: LegOutcome.UNREGISTERED,
    21: LegOutcome.DECLINED,
    26: LegOutcome.NO_ANSWER,
}

# When several phones of one person fail in several ways, the first of these that occurred is told.
_MOST_TELLING = (
    LegOutcome.DECLINED,
    LegOutcome.NO_ANSWER,
    LegOutcome.BUSY,
    LegOutcome.CARRIER_FAILED,
    LegOutcome.NO_CHANNEL,
    LegOutcome.NO_TRUNK,
    LegOutcome.INVALID_NUMBER,
    LegOutcome.NO_SUCH_NUMBER,
    LegOutcome.FORBIDDEN,
    LegOutcome.BLOCKED,
    LegOutcome.DESTINATION_CLOSED,
    LegOutcome.FORWARDING_CLOSED,
    LegOutcome.NIGHT_CLOSED,
    LegOutcome.MINUTES_USED_UP,
    LegOutcome.TOO_MANY_OUTSIDE,
    LegOutcome.TOO_FAST,
    LegOutcome.UNREACHABLE,
    LegOutcome.UNREGISTERED,
)

# What a carrier answers to digits that are no number of anybody's (RFC 3261, 21.4.22).
_ADDRESS_INCOMPLETE = 484

# What is said of the person called, or of their number. Everything else a carrier answers for
# itself: no credit (402), no right (403), too many calls (429), a fault (5xx).
_OF_THE_CALLEE = USUAL_FINAL_CODES

# What the person called answers, or the network when we stop ringing: busy, cancelled, declined.
_OF_THE_PERSON = frozenset({486, 487, 600, 603})
_NOT_PICKED_UP = frozenset({408, 480})
_FIRST_REFUSAL = 400


def outcome_of(cause: int) -> LegOutcome:
    """What a leg's hang-up cause (0..127) means for the caller who waits; total, never raises."""
    return _OUTCOMES.get(cause, LegOutcome.UNREACHABLE)


def outcome_outside(outcome: LegOutcome, sip_status: int | None) -> LegOutcome:
    """What became of a leg through a trunk, where the carrier may be to blame.

    Args:
        outcome: As for a phone.
        sip_status: What the carrier answered; None when it answered nothing that we heard of.
    """
    if sip_status == _ADDRESS_INCOMPLETE:
        return LegOutcome.INVALID_NUMBER
    was_silent = sip_status is None and outcome is LegOutcome.UNREACHABLE
    if was_silent or outcome is LegOutcome.UNREGISTERED:
        return LegOutcome.CARRIER_FAILED
    is_refusal = sip_status is not None and sip_status >= _FIRST_REFUSAL
    return LegOutcome.CARRIER_FAILED if is_refusal and sip_status not in _OF_THE_CALLEE else outcome


def is_refusal_of_trunk(sip_status: int | None, *, has_rung: bool) -> bool:
    """Whether the other end of a trunk refused a call: not the person, by being busy or away.

    Args:
        sip_status: What it answered, or None.
        has_rung: Whether a phone had rung before.
    """
    if sip_status is None or sip_status < _FIRST_REFUSAL or sip_status in _OF_THE_PERSON:
        return False
    return not (has_rung and sip_status in _NOT_PICKED_UP)


def outcome_of_all(outcomes: Iterable[LegOutcome]) -> LegOutcome:
    """One answer for a person from the outcomes of all their phones.

    A refusal is the person's own word and outweighs the rest; a phone that rang in vain outweighs
    one that was busy, for somebody could have picked it up; without any phone, the person is not
    registered.
    """
    seen = frozenset(outcomes)
    return next((one for one in _MOST_TELLING if one in seen), LegOutcome.UNREGISTERED)


def stops_all_ringing(outcome: LegOutcome) -> bool:
    """Whether one phone's outcome ends the ringing on the person's other phones too.

    Pressing "decline" on one phone speaks for the person (SIP 603 is a global failure,
    RFC 3261 section 21.6); a busy phone speaks for itself only.
    """
    return outcome is LegOutcome.DECLINED
