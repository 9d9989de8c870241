"""What holds of personal rules, whatever they are and whatever happens."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.call import HowCame
from stasis_apps.decisions.forwarding import (
    ForwardRule,
    GoElsewhere,
    HandOver,
    Leave,
    LeaveMessage,
    RingThere,
    When,
    Whom,
    known_at_once,
    own_ring_s,
    rules_run,
    steps,
    what_happened,
)
from stasis_apps.decisions.hangup_cause import LegOutcome

USERS = frozenset({"101", "102", "103"})
named = st.sampled_from(
    [
        *((user, Whom.USER) for user in (*sorted(USERS), "999")),
        *((element, Whom.ELEMENT) for element in ("5000", "5001")),
        *((outside, Whom.OUTSIDE) for outside in ("+79161234567", "84951234567")),
    ]
)


def a_rule(names: tuple[str, Whom], **more: object) -> ForwardRule:
    """A rule that names this number."""
    to, whom = names
    return ForwardRule(to=to, whom=whom, **more)  # type: ignore[arg-type] # drawn as they should be


rules = st.lists(
    st.builds(
        a_rule,
        named,
        when=st.sampled_from(When),
        after_s=st.none() | st.floats(1, 60),
        ring_s=st.floats(1, 60),
        must_confirm=st.booleans(),
    ),
    max_size=6,
)
whens = st.sampled_from(When)
outcomes = st.sampled_from(LegOutcome)


def due(given_rules: list[ForwardRule], when: When) -> list[ForwardRule]:
    """The rules that act, said once more."""
    found = [rule for rule in given_rules if rule.when is when]
    if when is When.UNREGISTERED and not found:
        return [rule for rule in given_rules if rule.when is When.NO_ANSWER]
    return found


@given(st.sampled_from(HowCame), st.frozensets(st.sampled_from(HowCame)))
def test_rules_run_for_direct_calls_and_opened_ways_alone(
    how: HowCame, opened: frozenset[HowCame]
) -> None:
    assert rules_run(how, opened) == (how is HowCame.DIRECT or how in opened)


@given(rules, whens, outcomes, st.booleans())
def test_a_call_is_handed_over_exactly_when_the_last_rule_names_a_user_without_voicemail(
    given_rules: list[ForwardRule], when: When, outcome: LegOutcome, has_mailbox: bool
) -> None:
    todo = steps(given_rules, when, outcome, users=USERS, has_mailbox=has_mailbox)

    acting = due(given_rules, when)
    handed_over = (
        bool(acting)
        and acting[-1].to in USERS
        and not has_mailbox
        and not any(rule.whom is Whom.ELEMENT for rule in acting)
    )
    assert isinstance(todo[-1], HandOver) == handed_over
    if handed_over:
        assert todo[-1] == HandOver(acting[-1].to)


@given(rules, whens, outcomes, st.booleans())
def test_there_is_one_end_and_it_comes_last(
    given_rules: list[ForwardRule], when: When, outcome: LegOutcome, has_mailbox: bool
) -> None:
    todo = steps(given_rules, when, outcome, users=USERS, has_mailbox=has_mailbox)

    assert all(isinstance(step, RingThere) for step in todo[:-1])
    assert isinstance(todo[-1], HandOver | GoElsewhere | LeaveMessage | Leave)
    assert len(todo) <= len(given_rules) + 1


@given(rules, whens, outcomes, st.booleans())
def test_what_is_rung_is_named_by_a_rule_that_is_due_and_in_its_order(
    given_rules: list[ForwardRule], when: When, outcome: LegOutcome, has_mailbox: bool
) -> None:
    todo = steps(given_rules, when, outcome, users=USERS, has_mailbox=has_mailbox)

    named = iter(rule.to for rule in due(given_rules, when))
    for step in todo[:-1]:
        assert isinstance(step, RingThere)
        assert step.to in named
        assert step.to in USERS or step.to in ("+79161234567", "84951234567")
        assert not (step.must_confirm and step.to in USERS)


@given(rules, whens, outcomes)
def test_voicemail_is_the_last_resort_unless_an_element_takes_the_call(
    given_rules: list[ForwardRule], when: When, outcome: LegOutcome
) -> None:
    last = steps(given_rules, when, outcome, users=USERS, has_mailbox=True)[-1]

    takes_it = any(rule.whom is Whom.ELEMENT for rule in due(given_rules, when))
    assert isinstance(last, GoElsewhere) == takes_it
    assert isinstance(last, LeaveMessage) != takes_it


@given(outcomes, st.booleans())
def test_without_rules_the_call_leaves_by_what_happened(
    outcome: LegOutcome, has_mailbox: bool
) -> None:
    todo = steps((), what_happened(outcome), outcome, users=USERS, has_mailbox=has_mailbox)

    assert todo == ((LeaveMessage() if has_mailbox else Leave(outcome)),)


@given(rules, st.booleans(), st.booleans())
def test_the_persons_phones_ring_unless_something_speaks_against_it(
    given_rules: list[ForwardRule], is_on_dnd: bool, is_busy: bool
) -> None:
    always = any(rule.when is When.ALWAYS for rule in given_rules)

    at_once = known_at_once(given_rules, is_on_dnd=is_on_dnd, is_busy=is_busy)

    assert (at_once is None) == (not always and not is_on_dnd and not is_busy)
    if at_once is not None:
        assert (at_once[0] is When.ALWAYS) == always


@given(rules, st.floats(1, 600))
def test_the_persons_phones_ring_until_the_first_rule_for_no_answer_is_due(
    given_rules: list[ForwardRule], ring_s: float
) -> None:
    acting = due(given_rules, When.NO_ANSWER)

    waits_s = own_ring_s(given_rules, ring_s)

    assert waits_s == (acting[0].after_s if acting and acting[0].after_s else ring_s)
