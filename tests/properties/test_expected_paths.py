"""An expected path fits the way of a call exactly when its regular expression would."""

import re

from hypothesis import given
from hypothesis import strategies as st

from models.tenant_file.route_test_schema import REST_OF_PATH
from stasis_apps.route_tests import parted_at

numbers = st.sampled_from(["1", "2", "3"])
ways = st.lists(numbers, max_size=6)
expectations = st.lists(numbers | st.just(REST_OF_PATH), min_size=1, max_size=6)


def fits(expected: list[str], taken: list[str]) -> bool:
    """The same, said with a regular expression."""
    parts = ["(?:[123])*" if one == REST_OF_PATH else one for one in expected]
    return re.fullmatch("".join(parts), "".join(taken)) is not None


@given(expectations, ways)
def test_a_path_is_left_exactly_when_it_does_not_fit(expected: list[str], taken: list[str]) -> None:
    assert (parted_at(expected, taken) is None) == fits(expected, taken)


@given(expectations, ways)
def test_up_to_the_fork_the_way_could_still_have_become_right(
    expected: list[str], taken: list[str]
) -> None:
    fork = parted_at(expected, taken)
    if fork is None:
        return
    assert 0 <= fork.place <= len(taken)
    for number in fork.wanted:
        further = [*taken[: fork.place], number]
        gone_on = parted_at(expected, further)
        assert gone_on is None or gone_on.place >= len(further)
