"""How long a caller has for the next key."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.digits import DigitClocks

PATIENCE = st.floats(min_value=0.5, max_value=60)
MOMENTS = st.floats(min_value=0, max_value=1e6)
CLOCKS = st.builds(DigitClocks, first_s=PATIENCE, next_s=PATIENCE)


@given(CLOCKS)
def test_no_clock_runs_while_the_prompt_plays(clocks: DigitClocks) -> None:
    assert clocks.deadline(prompt_ended_at=None, last_key_at=None) is None


@given(CLOCKS, MOMENTS)
def test_the_first_clock_runs_from_the_end_of_the_prompt(
    clocks: DigitClocks, ended_at: float
) -> None:
    assert clocks.deadline(prompt_ended_at=ended_at, last_key_at=None) == ended_at + clocks.first_s


@given(CLOCKS, st.none() | MOMENTS, MOMENTS)
def test_each_key_gives_the_caller_new_time(
    clocks: DigitClocks, ended_at: float | None, key_at: float
) -> None:
    deadline = clocks.deadline(prompt_ended_at=ended_at, last_key_at=key_at)

    assert deadline == key_at + clocks.next_s
