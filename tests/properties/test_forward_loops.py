"""Rings in which calls are handed on: found when there are some, and never otherwise."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.lint.rings import loop_through

PEOPLE = [str(number) for number in range(100, 107)]
RULES = st.dictionaries(st.sampled_from(PEOPLE), st.sets(st.sampled_from(PEOPLE), max_size=3))


def within_reach(number: str, leads: Mapping[str, set[str]]) -> set[str]:
    """Everybody to whom a call for a number can be handed on, however often."""
    reached = set(leads.get(number, ()))
    for _ in PEOPLE:
        reached |= {onward for one in reached for onward in leads.get(one, ())}
    return reached


@given(RULES, st.sampled_from(PEOPLE))
def test_a_loop_is_found_exactly_when_a_call_can_come_back(
    leads: dict[str, set[str]], number: str
) -> None:
    assert bool(loop_through(number, leads)) == (number in within_reach(number, leads))


@given(RULES, st.sampled_from(PEOPLE))
def test_a_loop_that_is_told_can_be_walked(leads: dict[str, set[str]], number: str) -> None:
    way = loop_through(number, leads)
    assert way[:1] in ((), (number,))
    assert len(set(way)) == len(way)
    for one, following in zip(way, (*way[1:], number), strict=False):
        assert following in leads[one]


def test_the_shortest_way_round_is_told() -> None:
    leads = {"100": ["101", "102"], "101": ["103"], "103": ["100"], "102": ["100"]}
    assert loop_through("100", leads) == ("100", "102")


def test_who_forwards_to_themselves_goes_round_alone() -> None:
    assert loop_through("100", {"100": ["100"]}) == ("100",)
