"""What holds of every group, whoever its members are and whatever becomes of them."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.ringing import (
    GroupRules,
    History,
    Member,
    Round,
    Strategy,
    Verdict,
    in_order,
    next_round,
    verdict,
)

seconds = st.floats(min_value=1, max_value=600, allow_nan=False)
members = st.lists(
    st.builds(
        Member,
        number=st.integers(100, 110).map(str),
        delay_s=st.just(0.0) | seconds,
        ring_s=st.none() | seconds,
    ),
    max_size=8,
)
rules = st.builds(
    GroupRules,
    strategy=st.sampled_from(Strategy),
    ring_s=seconds,
    step_s=seconds,
    rounds=st.integers(1, 10),
)
MOST_ROUNDS = 10


def rounds_of(how: GroupRules, whom: list[Member], fates: st.DataObject) -> list[Round]:
    """All rounds that such a group rings, with fates drawn for its members."""
    history, rung = History(), []
    while (round_ := next_round(how, whom, history)) is not None:
        rung.append(round_)
        assert len(rung) <= MOST_ROUNDS, "it never ends"
        size = len(round_.rings)
        drawn = fates.draw(st.lists(st.sampled_from(LegOutcome), min_size=size, max_size=size))
        history = history.after(round_, drawn)
    return rung


@given(rules, members, st.data())
def test_ringing_ends_and_never_takes_longer_than_it_may(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    total_s = sum(round_.ring_s for round_ in rounds_of(how, whom, fates))

    assert total_s <= how.ring_s * (1 + 1e-9)


@given(rules, members, st.data())
def test_nobody_is_rung_twice_at_once(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    for round_ in rounds_of(how, whom, fates):
        numbers = [ring.number for ring in round_.rings]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) <= {member.number for member in whom}


@given(rules, members, st.data())
def test_every_round_rings_somebody_at_once_and_nobody_after_its_end(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    for round_ in rounds_of(how, whom, fates):
        starts = [ring.after_s for ring in round_.rings]
        assert starts == sorted(starts)
        assert round_.ring_s > 0
        if how.strategy is not Strategy.ALL:
            assert starts[0] == 0


@given(rules, members, st.data())
def test_who_declined_is_left_in_peace(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    history = History()
    while (round_ := next_round(how, whom, history)) is not None:
        assert not {ring.number for ring in round_.rings} & history.declined
        size = len(round_.rings)
        drawn = fates.draw(st.lists(st.sampled_from(LegOutcome), min_size=size, max_size=size))
        history = history.after(round_, drawn)


@given(st.sampled_from(Strategy), members, st.integers(0, 100), st.randoms())
def test_every_order_has_every_member_once(
    strategy: Strategy, whom: list[Member], turn: int, chance: Random
) -> None:
    shuffled = list(range(len(whom)))
    chance.shuffle(shuffled)

    ordered = in_order(strategy, whom, shuffled=shuffled, turn=turn)

    assert sorted(map(repr, ordered)) == sorted(map(repr, whom))


@given(st.lists(st.sampled_from(LegOutcome)))
def test_a_group_is_busy_only_when_nobody_could_have_answered(outcomes: list[LegOutcome]) -> None:
    told = verdict(outcomes)

    assert (told is Verdict.NO_ANSWER) == bool(
        {LegOutcome.NO_ANSWER, LegOutcome.DECLINED} & {*outcomes}
    )
    if told is Verdict.ALL_BUSY:
        assert LegOutcome.BUSY in outcomes
