"""Places of trunks in an index: what is found there is what meets, nothing less."""

from hypothesis import given
from hypothesis import strategies as st

from models.trunk_places import around, meet, network, place_key

V4 = st.builds(
    lambda low, length: f"192.0.{low >> 8}.{low & 255}/{length}",
    st.sampled_from([0, 1, 7, 128, 255, 256, 1024]),
    st.integers(8, 32),
)
V6 = st.builds(
    lambda low, length: f"2001:db8::{low:x}/{length}",
    st.sampled_from([0, 1, 7, 255, 65535]),
    st.integers(16, 128),
)
PLACES = st.one_of(
    V4,
    V6,
    st.sampled_from(["192.0.2.7", "2001:db8::7", "::ffff:192.0.0.1", "sip.carrier.test", "a.test"]),
)


@given(PLACES, PLACES)
def test_an_index_finds_exactly_the_places_that_meet(one: str, other: str) -> None:
    look, key = around(one), place_key(other)
    assert (key in look.same_or_wider or look.first <= key <= look.last) == meet(one, other)


@given(PLACES)
def test_a_network_is_found_however_it_is_written(place: str) -> None:
    there = network(place)
    assert there is None or place_key(str(there)) == place_key(place)
