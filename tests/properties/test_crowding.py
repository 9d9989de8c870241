"""Strangers call as often as a person would, and no oftener."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.crowding import WINDOW_S, Crowd

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
