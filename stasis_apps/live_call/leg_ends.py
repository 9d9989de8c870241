"""How a leg ended, read from the cause that Asterisk gives; through a trunk it may hold more.

A leg to an outside number is a Local channel, of whose end no SIP status is told; the dialplan puts
it behind the cause, or says there why it did not dial at all (`asterisk_conf.leg_ends`).
"""

from __future__ import annotations

from dataclasses import dataclass

from asterisk_conf.leg_ends import HIGHEST_CAUSE, REFUSALS, STATUSES
from stasis_apps.decisions.hangup_cause import LegOutcome, outcome_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LegEnd:
    """What became of a leg.

    Attributes:
        outcome: As for a phone.
        sip_status: What the other end answered; None when nothing is known of an answer.
        is_refusal_of_ours: Whether the dialplan did not dial what the application had let pass.
    """

    outcome: LegOutcome
    sip_status: int | None = None
    is_refusal_of_ours: bool = False


_REFUSED = {number: LegOutcome(word) for word, number in REFUSALS.items()}


def end_of_leg(cause: int, sip_status: int | None) -> LegEnd:
    """Read the cause with which Asterisk ended a leg; total, never raises.

    Args:
        cause: As Asterisk tells it.
        sip_status: What Asterisk tells beside it, of a leg to a phone.
    """
    if cause in _REFUSED:
        return LegEnd(outcome=_REFUSED[cause], is_refusal_of_ours=True)
    if cause <= HIGHEST_CAUSE:
        return LegEnd(outcome=outcome_of(cause), sip_status=sip_status)
    q850, status = divmod(cause, STATUSES)
    return LegEnd(outcome=outcome_of(q850), sip_status=status)
