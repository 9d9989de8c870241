"""Who is on how many calls, how many channels of a trunk are in use, and whose turn it is."""

from __future__ import annotations

from ari_client.ids import new_leg_id
from stasis_apps.occupancy import Occupancy, Turns, channels_of, lines_of, talks_of

BORIS, TRUNK = lines_of(7, "101"), channels_of("trunk-1a2b3c4d")


def test_two_phones_of_a_person_in_one_call_are_one_call() -> None:
    occupancy = Occupancy()
    for _ in range(2):
        occupancy.hold(BORIS, new_leg_id("call-1"))
    occupancy.hold(BORIS, "call-2")

    assert occupancy.calls(BORIS) == 2
    assert occupancy.calls(BORIS, but="call-1") == 1
    assert occupancy.count(BORIS) == 3


def test_a_channel_that_is_gone_is_free_again_whatever_it_held() -> None:
    occupancy = Occupancy()
    occupancy.hold(BORIS, "call-1")
    occupancy.hold(TRUNK, "call-1")
    occupancy.hold(TRUNK, "call-1")
    occupancy.hold(TRUNK, "call-2")

    occupancy.let_go("call-1")
    occupancy.let_go("call-1")

    assert (occupancy.count(BORIS), occupancy.count(TRUNK)) == (0, 1)


def test_a_person_of_another_company_is_another_person() -> None:
    occupancy = Occupancy()
    occupancy.hold(lines_of(8, "101"), "call-1")

    assert occupancy.calls(BORIS) == 0


def test_each_call_to_a_group_finds_one_turn_more() -> None:
    turns = Turns()

    assert [turns.take(7, "5010") for _ in range(3)] == [0, 1, 2]
    assert (turns.take(7, "5011"), turns.take(8, "5010")) == (0, 0)


def test_a_phone_that_rings_takes_a_line_though_nobody_talks() -> None:
    occupancy = Occupancy()
    occupancy.hold(BORIS, "call-1")

    assert (occupancy.calls(BORIS), occupancy.calls(talks_of(7, "101"))) == (1, 0)
