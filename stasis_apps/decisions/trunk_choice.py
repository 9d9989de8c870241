"""Which trunks an outside number is tried through, in which order, and when to stop; pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Final, Protocol, TypeVar


class TrunkOption(Protocol):
    """What the choice needs to know of a trunk."""

    @property
    def name(self) -> str:
        """The tenant's word for it."""

    @property
    def is_enabled(self) -> bool:
        """Whether it may be used at all."""

    @property
    def is_default(self) -> bool:
        """Whether numbers leave by it that no other trunk claims."""

    @property
    def forward_via_same(self) -> bool:
        """Whether calls that came in on it go out through it again (requirement A6.2)."""


T = TypeVar("T", bound=TrunkOption)
_Any = TypeVar("_Any")

USUAL_FINAL_CODES: Final = frozenset({404, 410, 480, 484, 486, 487, 600, 603, 604})
"""SIP answers that would be the same through any carrier: about the person, or the number."""

ALWAYS_FINAL: Final = frozenset({486, 600, 603})
"""Busy and declined: the person has been found, and would be rung a second time."""

SILENT_TRUNK_RESTS_S: Final = 30.0
"""For how long a trunk that gave no sign of life is tried last."""

LEAST_PATIENCE_S: Final = 2.0
"""A carrier has this long to give a sign of life, however short somebody is to ring."""

HELP_PATIENCE_S: Final = 4.0
"""Whoever calls for help waits no longer for a silent carrier while there is another."""


def order_of(
    trunks: Iterable[T],
    *,
    named: Sequence[str] = (),
    came_by: str = "",
    resting: Collection[str] = (),
) -> tuple[T, ...]:
    """The trunks that an outside number is tried through, the first one first.

    A call that came in on a trunk which keeps its forwards leaves by that trunk and by no other,
    whatever a rule names (requirement A6.2). Otherwise those that the rule names, in its order;
    when it names none, the default trunk. Trunks that are switched off, or gone, are none: a rule
    that names only such leaves no way out, not the default trunk, which somebody meant to avoid.

    Args:
        trunks: All trunks of the tenant.
        named: What the outbound rule names; empty for a rule that names none, and for no rule.
        came_by: The name of the trunk the call came in on; empty for a call from a phone.
        resting: Names of trunks that have just been silent; they are tried last.
    """
    usable = {trunk.name: trunk for trunk in trunks if trunk.is_enabled}
    same = usable.get(came_by)
    if same is not None and same.forward_via_same:
        return (same,)
    if not named:
        return tuple(trunk for trunk in usable.values() if trunk.is_default)[:1]
    wanted = tuple(usable[name] for name in dict.fromkeys(named) if name in usable)
    return rested_first(wanted, lambda trunk: trunk.name in resting)


def rested_first(tried: Sequence[_Any], is_resting: Callable[[_Any], bool]) -> tuple[_Any, ...]:
    """The same in the same order, but for those that rest: they come last, and are not left out."""
    return tuple(sorted(tried, key=is_resting))


def is_final(sip_status: int | None, *, has_rung: bool, final_codes: Collection[int]) -> bool:
    """Whether a leg that a carrier did not connect ends the search, so that no other is asked.

    Everything that is not final makes the call fail over to the next trunk: a carrier that keeps
    silent, has no channel, wants a password, refuses, or fails.

    Args:
        sip_status: What the carrier answered (400..699); None when it answered nothing, when we
            have no channel left on the trunk, and when Asterisk could not send at all.
        has_rung: Whether a phone rang out there, or somebody was heard (early media): from then on
            another trunk would ring the same person a second time.
        final_codes: What the trunk's settings say; empty for the usual ones. They replace the usual
            ones, except that busy and declined stay final.
    """
    if has_rung:
        return True
    return sip_status in ALWAYS_FINAL or sip_status in (final_codes or USUAL_FINAL_CODES)


def fails_over(sip_status: int | None, *, has_rung: bool, final_codes: Collection[int]) -> bool:
    """Whether the next trunk is tried after this answer; see `is_final`."""
    return not is_final(sip_status, has_rung=has_rung, final_codes=final_codes)


def patience_of(trunk_s: float, *, left_s: float, is_for_help: bool) -> float:
    """For how long a carrier may be silent before the next one is asked.

    Half of what is left is kept for the next carrier: a person who is to ring for ten seconds
    would otherwise be given up before another trunk is thought of.

    Args:
        trunk_s: What the trunk's settings say.
        left_s: For how long the person is still to ring.
        is_for_help: Whether an emergency number is called.
    """
    most_s = min(trunk_s, HELP_PATIENCE_S) if is_for_help else trunk_s
    return min(most_s, max(LEAST_PATIENCE_S, left_s / 2))
