"""Which trunks an outside number is tried through, and when nobody is tried any more."""

from __future__ import annotations

import pytest

from models.facts import TrunkFacts
from stasis_apps.decisions.trunk_choice import (
    fails_over,
    is_final,
    order_of,
    patience_of,
    rested_first,
)
from tests.support.builders import a_trunk

MOSCOW = a_trunk(name="moscow", is_default=False, forward_via_same=True)
KEEPS_NOTHING = a_trunk(name="moscow", is_default=False, forward_via_same=False)
DEFAULT = a_trunk(name="city", is_default=True)
SPARE = a_trunk(name="spare", is_default=False)
OFF = a_trunk(name="moscow", is_default=False, forward_via_same=True, is_enabled=False)
DEFAULT_OFF = a_trunk(name="city", is_default=True, is_enabled=False)


@pytest.mark.parametrize(
    ("trunks", "came_by", "tried"),
    [
        ((MOSCOW, DEFAULT), "moscow", ["moscow"]),
        ((KEEPS_NOTHING, DEFAULT), "moscow", ["city"]),
        ((MOSCOW, DEFAULT), "", ["city"]),
        ((OFF, DEFAULT), "moscow", ["city"]),
        ((MOSCOW, DEFAULT_OFF), "", []),
        ((MOSCOW,), "", []),
        ((), "moscow", []),
    ],
)
def test_a_forward_leaves_by_the_trunk_it_came_in_on_or_by_the_default_one(
    trunks: tuple[TrunkFacts, ...], came_by: str, tried: list[str]
) -> None:
    assert [trunk.name for trunk in order_of(trunks, came_by=came_by)] == tried


@pytest.mark.parametrize(
    ("trunks", "named", "tried"),
    [
        ((MOSCOW, DEFAULT, SPARE), ("spare", "moscow"), ["spare", "moscow"]),
        ((MOSCOW, DEFAULT, SPARE), ("spare", "city", "spare"), ["spare", "city"]),
        ((OFF, DEFAULT, SPARE), ("moscow", "spare"), ["spare"]),
        ((OFF, DEFAULT), ("moscow", "gone"), []),
    ],
)
def test_a_rule_names_the_trunks_and_their_order(
    trunks: tuple[TrunkFacts, ...], named: tuple[str, ...], tried: list[str]
) -> None:
    assert [trunk.name for trunk in order_of(trunks, named=named)] == tried


def test_the_trunk_that_keeps_its_forwards_wins_over_those_of_a_rule() -> None:
    tried = order_of((MOSCOW, DEFAULT, SPARE), named=("spare", "city"), came_by="moscow")

    assert [trunk.name for trunk in tried] == ["moscow"]


def test_a_trunk_that_was_silent_is_tried_last_and_still_tried() -> None:
    trunks = (MOSCOW, DEFAULT, SPARE)

    tried = order_of(trunks, named=("moscow", "city", "spare"), resting={"moscow"})

    assert [trunk.name for trunk in tried] == ["city", "spare", "moscow"]
    assert rested_first("abc", lambda _one: True) == ("a", "b", "c")


@pytest.mark.parametrize("status", [None, 401, 403, 407, 408, 429, 488, 500, 502, 503, 504])
def test_a_carrier_that_does_not_take_the_call_leaves_it_to_the_next(status: int | None) -> None:
    assert fails_over(status, has_rung=False, final_codes=())


@pytest.mark.parametrize("status", [404, 410, 480, 484, 486, 487, 600, 603, 604])
def test_nobody_else_is_asked_what_the_person_or_the_network_has_answered(status: int) -> None:
    assert is_final(status, has_rung=False, final_codes=())


@pytest.mark.parametrize("status", [None, 408, 480, 486, 503, 603])
def test_whoever_has_been_rung_is_not_rung_through_another_trunk(status: int | None) -> None:
    assert not fails_over(status, has_rung=True, final_codes=())
    assert not fails_over(status, has_rung=True, final_codes=(404,))


def test_a_trunk_may_have_final_answers_of_its_own() -> None:
    mine = (404, 503)

    assert is_final(503, has_rung=False, final_codes=mine)
    assert not is_final(480, has_rung=False, final_codes=mine)
    assert is_final(486, has_rung=False, final_codes=mine)


@pytest.mark.parametrize(
    ("trunk_s", "left_s", "is_for_help", "waits_s"),
    [
        (12, 60, False, 12),
        (12, 10, False, 5),
        (12, 3, False, 2),
        (1, 3, False, 1),
        (12, 300, True, 4),
        (3, 300, True, 3),
    ],
)
def test_a_silent_carrier_is_given_half_of_the_time_at_most(
    trunk_s: float, left_s: float, is_for_help: bool, waits_s: float
) -> None:
    assert patience_of(trunk_s, left_s=left_s, is_for_help=is_for_help) == waits_s
