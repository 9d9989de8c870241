"""Rings in which calls are handed on, 100 to 101 and 101 to 100; pure."""

from collections.abc import Collection, Mapping


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
