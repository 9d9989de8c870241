"""After a reconnect: whatever Asterisk holds, each call gets its one decision."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.adoption import (
    Adoption,
    CloseRecord,
    FoundBridge,
    FoundChannel,
    Release,
    ResumePlan,
    ResumeTalk,
    sort_what_was_found,
)

CALLS = st.sampled_from(["a", "b", "c", "d"])
SOME_CALLS = st.frozensets(CALLS)
LEGS = st.builds("{}~leg~{}".format, CALLS, st.integers(0, 3))
CHANNEL_IDS = st.frozensets(CALLS | LEGS)


@st.composite
def asterisks(draw: st.DrawFn) -> tuple[list[FoundChannel], list[FoundBridge]]:
    """Any state in which an Asterisk could be found."""
    channels = [
        FoundChannel(id=id_, call_id=id_.partition("~")[0], is_up=draw(st.booleans()))
        for id_ in sorted(draw(CHANNEL_IDS))
    ]
    bridges = [
        FoundBridge(
            id=f"{call}~bridge~{number}",
            call_id=call,
            channel_ids=frozenset(
                channel.id
                for channel in channels
                if channel.call_id == call and draw(st.booleans())
            ),
        )
        for number, call in enumerate(draw(st.lists(CALLS, max_size=5)))
    ]
    return channels, bridges


Asterisk = tuple[list[FoundChannel], list[FoundBridge]]


def touched(decision: Adoption) -> list[str]:
    """Every channel and bridge that a decision keeps or ends."""
    match decision:
        case ResumeTalk(call_id=call_id, bridge_id=bridge_id):
            return [call_id, bridge_id, *decision.stale_leg_ids, *decision.stale_bridge_ids]
        case ResumePlan(call_id=call_id, stale_leg_ids=legs, stale_bridge_ids=bridges):
            return [call_id, *legs, *bridges]
        case Release(leg_ids=legs, bridge_ids=bridges):
            return [*legs, *bridges]
        case CloseRecord():
            return []


def ended_by(decision: Adoption) -> list[str]:
    """Every channel and bridge that a decision ends."""
    match decision:
        case ResumeTalk() | ResumePlan():
            return [*decision.stale_leg_ids, *decision.stale_bridge_ids]
        case _:
            return touched(decision)


@given(asterisks(), SOME_CALLS, SOME_CALLS, SOME_CALLS)
def test_every_call_gets_exactly_one_decision_and_a_running_one_none(
    found: Asterisk, running: frozenset[str], over: frozenset[str], unfinished: frozenset[str]
) -> None:
    channels, bridges = found
    decisions = sort_what_was_found(
        channels, bridges, running=running, over=over, unfinished=unfinished
    )

    there = {each.call_id for each in channels} | {each.call_id for each in bridges} | unfinished
    assert Counter(decision.call_id for decision in decisions) == Counter(there - running)


@given(asterisks(), SOME_CALLS, SOME_CALLS)
def test_every_channel_is_kept_or_ended_by_one_decision(
    found: Asterisk, running: frozenset[str], over: frozenset[str]
) -> None:
    channels, bridges = found
    decisions = sort_what_was_found(channels, bridges, running=running, over=over, unfinished=())

    handled = Counter(id_ for decision in decisions for id_ in touched(decision))
    assert max(handled.values(), default=1) == 1
    talks = {decision.bridge_id for decision in decisions if isinstance(decision, ResumeTalk)}
    talking = {id_ for bridge in bridges if bridge.id in talks for id_ in bridge.channel_ids}
    things = {each.id: each.call_id for each in channels} | {b.id: b.call_id for b in bridges}
    for id_, call_id in things.items():
        is_left_alone = call_id in running or (id_ in talking and id_ != call_id)
        assert handled[id_] == (0 if is_left_alone else 1)


@given(asterisks())
def test_no_leg_of_a_talk_that_goes_on_is_hung_up(found: Asterisk) -> None:
    channels, bridges = found
    decisions = sort_what_was_found(channels, bridges, running=frozenset(), unfinished=())

    ended = {id_ for decision in decisions for id_ in ended_by(decision)}
    for decision in decisions:
        if isinstance(decision, ResumeTalk):
            (bridge,) = [each for each in bridges if each.id == decision.bridge_id]
            assert {decision.call_id, decision.leg_id} <= bridge.channel_ids
            assert not ended & {bridge.id, *bridge.channel_ids}


@given(asterisks())
def test_two_who_talk_are_never_parted(found: Asterisk) -> None:
    channels, bridges = found
    up = {channel.id for channel in channels if channel.is_up}
    decisions = {
        decision.call_id: decision
        for decision in sort_what_was_found(channels, bridges, running=frozenset(), unfinished=())
    }

    for bridge in bridges:
        together = bridge.channel_ids & up
        if bridge.call_id in together and len(together) > 1:
            assert isinstance(decisions[bridge.call_id], ResumeTalk)


@given(asterisks(), SOME_CALLS)
def test_a_caller_on_the_line_goes_on_and_one_whose_call_is_over_does_not(
    found: Asterisk, over: frozenset[str]
) -> None:
    channels, bridges = found
    callers = {channel.id for channel in channels if channel.is_caller}

    for decision in sort_what_was_found(
        channels, bridges, running=frozenset(), over=over, unfinished=()
    ):
        goes_on = isinstance(decision, ResumeTalk | ResumePlan)
        assert goes_on is (decision.call_id in callers and decision.call_id not in over)
