"""Strangers call as often as a person would, and no oftener."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.crowding import WINDOW_S, Crowd, Crowds

MOMENTS = st.lists(st.floats(0, 600, allow_nan=False), max_size=60).map(sorted)


@given(moments=MOMENTS, most=st.integers(1, 12))
def test_no_minute_has_more_calls_than_are_allowed(moments: list[float], most: int) -> None:
    crowd = Crowd()

    admitted = [moment for moment in moments if crowd.admits(moment, most=most)]

    for first in admitted:
        assert sum(first <= moment < first + WINDOW_S for moment in admitted) <= most


@given(moments=MOMENTS, most=st.integers(1, 12))
def test_nobody_is_turned_away_while_there_is_room(moments: list[float], most: int) -> None:
    crowd, admitted = Crowd(), list[float]()

    for moment in moments:
        in_the_last_minute = sum(moment - WINDOW_S < earlier for earlier in admitted)
        is_admitted = crowd.admits(moment, most=most)
        assert is_admitted == (in_the_last_minute < most)
        if is_admitted:
            admitted.append(moment)


@given(moments=MOMENTS)
def test_a_flood_is_told_once_a_minute_and_every_call_is_in_some_sum(moments: list[float]) -> None:
    crowd = Crowd()

    told = [(moment, calls) for moment in moments if (calls := crowd.turn_away(moment))]

    assert sum(calls for _, calls in told) + crowd.turned_away == len(moments)
    assert all(later - earlier >= WINDOW_S for (earlier, _), (later, _) in pairwise(told))
    assert not moments or told[0] == (moments[0], 1)


@given(addresses=st.lists(st.sampled_from("abcdef"), max_size=60), most=st.integers(1, 4))
def test_the_addresses_heard_of_last_are_remembered(addresses: list[str], most: int) -> None:
    crowds = Crowds(most)
    for address in addresses:
        crowds.of(address).turn_away(0.0)

    assert len(crowds) == min(most, len(set(addresses)))
    last = list(dict.fromkeys(reversed(addresses)))[:most]
    assert all(crowds.of(address).told_at == 0.0 for address in last)
