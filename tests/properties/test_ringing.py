"""What holds of every group, whoever its members are and whatever becomes of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.ringing import (
    GroupRules,
    History,
    Member,
    Pause,
    Round,
    Strategy,
    Verdict,
    became_of,
    in_order,
    next_step,
    round_without,
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
    retry_s=seconds,
)
MOST_ROUNDS = 10


@dataclass
class Story:
    """All that such a group did, with fates drawn for its members, who come and go."""

    rounds: list[Round] = field(default_factory=list)
    steps: list[Round | Pause] = field(default_factory=list)
    histories: list[History] = field(default_factory=lambda: [History()])


def story_of(how: GroupRules, whom: list[Member], fates: st.DataObject) -> Story:
    story, numbers = Story(), [member.number for member in whom]
    while True:
        away = fates.draw(st.sets(st.sampled_from(numbers)) if numbers else st.just(set[str]()))
        step = next_step(how, whom, story.histories[-1])
        if step is None:
            return story
        if isinstance(step, Round):
            step = round_without(away, how, whom, story.histories[-1])
        story.steps.append(step)
        assert len(story.steps) <= 2 * MOST_ROUNDS, "it never ends"
        if isinstance(step, Pause):
            story.histories.append(story.histories[-1].after_pause(step.pause_s))
            continue
        story.rounds.append(step)
        size = len(step.rings)
        drawn = fates.draw(st.lists(st.sampled_from(LegOutcome), min_size=size, max_size=size))
        took_s = step.ring_s * fates.draw(st.sampled_from([0.0, 0.3, 1.0]))
        passed_over = [fates.draw(st.sampled_from(LegOutcome)) for _ in away]
        story.histories.append(
            story.histories[-1].after(step, drawn, took_s, passed_over=passed_over)
        )


def rounds_of(how: GroupRules, whom: list[Member], fates: st.DataObject) -> list[Round]:
    return story_of(how, whom, fates).rounds


@given(rules, members, st.data())
def test_ringing_ends_and_never_takes_longer_than_it_may(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    story = story_of(how, whom, fates)

    assert story.histories[-1].spent_s <= how.ring_s * (1 + 1e-9)


@given(rules, members, st.data())
def test_a_round_in_which_nobody_could_ring_is_never_followed_by_another_at_once(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    story = story_of(how, whom, fates)

    for step, history, following in zip(
        story.steps, story.histories[1:], story.steps[1:], strict=False
    ):
        if isinstance(step, Round) and not history.has_rung:
            assert isinstance(following, Pause)
            assert following.pause_s > 0


@given(members.filter(bool), st.integers(2, 10))
def test_who_cannot_ring_takes_neither_time_nor_rounds_from_the_others(
    whom: list[Member], rounds: int
) -> None:
    how = GroupRules(strategy=Strategy.SEQUENCE, ring_s=30, step_s=15, rounds=rounds)
    first = next_step(how, whom, History())
    assert isinstance(first, Round)
    busy = [LegOutcome.BUSY for _ in first.rings]

    paused = History().after(first, busy, 0.0).after_pause(5.0)
    second = next_step(how, whom, paused)

    assert isinstance(second, Round)
    assert [ring.number for ring in second.rings] == [ring.number for ring in first.rings]
    assert second.ring_s == min(first.ring_s, 25.0)


@given(rules, members, st.data())
def test_nobody_is_rung_twice_at_once(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    for round_ in rounds_of(how, whom, fates):
        numbers = [ring.number for ring in round_.rings]
        assert len(numbers) == len(set(numbers))
        assert set(numbers) <= {member.number for member in whom}


@given(rules, members, st.data())
def test_every_round_that_rings_anybody_rings_the_first_at_once_and_the_others_in_order(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    for round_ in rounds_of(how, whom, fates):
        starts = [ring.after_s for ring in round_.rings]
        assert starts == sorted(starts)
        if starts:
            assert round_.ring_s > 0
        if starts and how.strategy is not Strategy.ALL:
            assert starts[0] == 0


@given(rules, members, st.data())
def test_who_declined_is_left_in_peace(
    how: GroupRules, whom: list[Member], fates: st.DataObject
) -> None:
    story = story_of(how, whom, fates)

    for step, before in zip(story.steps, story.histories, strict=False):
        if isinstance(step, Round):
            assert not {ring.number for ring in step.rings} & before.declined


@given(st.sampled_from(Strategy), members, st.integers(0, 100), st.randoms())
def test_every_order_has_every_member_once(
    strategy: Strategy, whom: list[Member], turn: int, chance: Random
) -> None:
    shuffled = list(range(len(whom)))
    chance.shuffle(shuffled)

    ordered = in_order(strategy, whom, shuffled=shuffled, turn=turn)

    assert sorted(map(repr, ordered)) == sorted(map(repr, whom))


outcomes_of_all = st.lists(
    st.dictionaries(st.sampled_from(["101", "102"]), st.sampled_from(LegOutcome)), max_size=5
)


@given(outcomes_of_all)
def test_who_has_been_rung_is_never_said_to_have_been_busy_or_away(
    rounds: list[dict[str, LegOutcome]],
) -> None:
    became: dict[str, LegOutcome] = {}
    for one in rounds:
        became = became_of(became, one)

    has_rung = {LegOutcome.NO_ANSWER, LegOutcome.DECLINED}
    for number in ("101", "102"):
        each = [one[number] for one in rounds if number in one]
        last = [outcome for outcome in each if outcome in has_rung] or each
        assert became.get(number) == (last[-1] if last else None)


@given(st.lists(st.sampled_from(LegOutcome)))
def test_a_group_is_busy_only_when_nobody_could_have_answered(outcomes: list[LegOutcome]) -> None:
    told = verdict(outcomes)

    assert (told is Verdict.NO_ANSWER) == bool(
        {LegOutcome.NO_ANSWER, LegOutcome.DECLINED} & {*outcomes}
    )
    if told is Verdict.ALL_BUSY:
        assert LegOutcome.BUSY in outcomes
