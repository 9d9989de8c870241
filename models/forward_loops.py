"""Personal rules that could send a call round for ever: 100 forwards to 101, and 101 to 100; pure.

A call does not go round in fact: it ends at the hop limit. This is for the warning beforehand.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from models.numbering import is_element_number

_ALWAYS: Final = "always"


def loop_through(number: str, leads: Mapping[str, Collection[str]]) -> tuple[str, ...]:
    """Find the shortest way on which a call for a number comes back to it.

    Args:
        number: Where the call begins.
        leads: Where each number's rules lead; numbers without rules may be left out.

    Returns:
        The numbers of the way in their order, beginning with `number`; empty when there is none.
    """
    came_from: dict[str, str] = {}
    reached = [number]
    while reached:
        onward: list[str] = []
        for one in reached:
            for following in sorted(leads.get(one, ())):
                if following == number:
                    return _way(number, one, came_from)
                if following not in came_from:
                    came_from[following] = one
                    onward.append(following)
        reached = onward
    return ()


def _way(first: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    backwards = [last]
    while backwards[-1] != first:
        backwards.append(came_from[backwards[-1]])
    return tuple(reversed(backwards))


def hand_overs(rules: Iterable[Mapping[str, object]], people: Collection[str]) -> set[str]:
    """To whom a user's rules may give a call away for good, so that the other's rules run.

    That is the last rule for a thing that has happened, where it names a user and no rule before it
    has given the call to an element; those before it ring plainly. Where a rule holds always, no
    other is ever due. A user who has voicemail keeps the call in the end; that is not asked here.

    Args:
        rules: With ``when`` and ``to`` each, in their order.
        people: The numbers of all users.
    """
    due: dict[str, list[str]] = {}
    for rule in rules:
        due.setdefault(str(rule.get("when")), []).append(str(rule.get("to")))
    if _ALWAYS in due:
        due = {_ALWAYS: due[_ALWAYS]}
    return {
        numbers[-1]
        for numbers in due.values()
        if numbers[-1] in people and not any(map(is_element_number, numbers))
    }
