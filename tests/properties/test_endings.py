"""How calls and legs end: every cause has a meaning, and the blame falls where it belongs."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.ending import (
    EndedBy,
    Reason,
    ended_by_caller,
    ended_by_plan,
    ending_of_exit,
)
from stasis_apps.decisions.hangup_cause import (
    LegOutcome,
    outcome_of,
    outcome_of_all,
    outcome_outside,
)
from stasis_apps.decisions.ringing import Verdict
from stasis_apps.decisions.trunk_choice import fails_over

OUTCOMES = st.lists(st.sampled_from(list(LegOutcome)))

CYRILLIC = re.compile("[\u0430-\u044f]")

ADDRESS_INCOMPLETE = 484

OURS = EndedBy.PLATFORM
"""Our fault."""

CALLEES_OWN = (Reason.BUSY, Reason.NO_ANSWER, Reason.DECLINED)


@given(st.integers())
def test_every_cause_means_something(cause: int) -> None:
    assert outcome_of(cause) in LegOutcome


@pytest.mark.parametrize("cause", range(128))
def test_no_cause_of_a_leg_is_our_fault_when_the_caller_hears_of_it(cause: int) -> None:
    assert ending_of_exit(outcome_of(cause)).by is not OURS


@given(OUTCOMES)
def test_one_answer_is_made_of_all_phones_and_one_of_theirs(outcomes: Sequence[LegOutcome]) -> None:
    assert outcome_of_all(outcomes) in (outcomes or [LegOutcome.UNREGISTERED])


@given(OUTCOMES.flatmap(lambda outcomes: st.tuples(st.just(outcomes), st.permutations(outcomes))))
def test_the_order_of_the_phones_does_not_matter(
    pair: tuple[Sequence[LegOutcome], Sequence[LegOutcome]],
) -> None:
    assert outcome_of_all(pair[0]) is outcome_of_all(pair[1])


@given(OUTCOMES)
def test_whoever_declines_is_heard(outcomes: Sequence[LegOutcome]) -> None:
    assert outcome_of_all([*outcomes, LegOutcome.DECLINED]) is LegOutcome.DECLINED


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_cause_a_blame_and_a_comment_in_both_languages(reason: Reason) -> None:
    end = ended_by_plan(reason)

    assert 1 <= end.cause <= 127
    assert end.by in EndedBy
    assert end.comment("en").isascii()
    assert CYRILLIC.search(end.comment("ru"))
    assert end.comment("de") == end.comment("en")


@pytest.mark.parametrize("reason", CALLEES_OWN)
def test_a_callees_own_answer_is_never_our_fault(reason: Reason) -> None:
    assert ended_by_plan(reason).by is EndedBy.CALLEE


def test_no_two_reasons_read_the_same() -> None:
    for language in ("en", "ru"):
        comments = [ended_by_plan(reason).comment(language) for reason in Reason]
        assert len(set(comments)) == len(comments)


PASSED_ON = {*LegOutcome, *Verdict, "failed"}
OF_MAILBOXES = {"saved", "too_short", "full", "message_left", "no_message", "mailbox_full"}


@given(st.text().filter(lambda text: text not in OF_MAILBOXES))
def test_every_exit_ends_in_something(exit_taken: str) -> None:
    end = ending_of_exit(exit_taken)

    expected = exit_taken if exit_taken in PASSED_ON else Reason.NO_ROUTE
    assert end.reason == expected


@pytest.mark.parametrize("exit_taken", sorted(PASSED_ON))
def test_what_became_of_the_callee_is_told_to_the_caller(exit_taken: str) -> None:
    assert ending_of_exit(exit_taken).reason == exit_taken


@pytest.mark.parametrize(
    ("exit_taken", "reason"),
    [
        ("saved", Reason.MESSAGE_LEFT),
        ("too_short", Reason.NO_MESSAGE),
        ("full", Reason.MAILBOX_FULL),
    ],
)
def test_a_caller_who_was_at_a_mailbox_ends_normally(exit_taken: str, reason: Reason) -> None:
    end = ending_of_exit(exit_taken)

    assert (end.reason, end.cause) == (reason, 16)


@pytest.mark.parametrize("exit_taken", ["normal", "cancelled", "lost", "too_long", "no_input", "1"])
def test_an_exit_that_only_looks_like_a_reason_is_a_missing_route(exit_taken: str) -> None:
    assert ending_of_exit(exit_taken).reason is Reason.NO_ROUTE


@pytest.mark.parametrize(
    ("was_answered", "reason"), [(True, Reason.NORMAL), (False, Reason.CANCELLED)]
)
def test_a_caller_who_hangs_up_has_talked_or_given_up(was_answered: bool, reason: Reason) -> None:
    end = ended_by_caller(was_answered=was_answered)

    assert (end.by, end.reason) == (EndedBy.CALLER, reason)


@given(st.sampled_from(list(LegOutcome)), st.none() | st.integers(300, 699))
def test_a_carrier_is_blamed_for_nothing_that_a_person_did(
    outcome: LegOutcome, sip_status: int | None
) -> None:
    told = outcome_outside(outcome, sip_status)

    assert told in (outcome, LegOutcome.CARRIER_FAILED, LegOutcome.INVALID_NUMBER)
    if outcome is not LegOutcome.INVALID_NUMBER:
        assert (told is LegOutcome.INVALID_NUMBER) == (sip_status == ADDRESS_INCOMPLETE)
    if outcome in (LegOutcome.BUSY, LegOutcome.NO_ANSWER) and sip_status in (None, 480, 486, 487):
        assert told is outcome


@given(st.sampled_from(list(LegOutcome)), st.integers(400, 699))
def test_a_carrier_is_blamed_for_every_answer_after_which_another_is_asked(
    outcome: LegOutcome, sip_status: int
) -> None:
    is_blamed = outcome_outside(outcome, sip_status) is LegOutcome.CARRIER_FAILED

    if fails_over(sip_status, has_rung=False, final_codes=()):
        assert is_blamed
    elif outcome not in (LegOutcome.CARRIER_FAILED, LegOutcome.UNREGISTERED):
        assert not is_blamed
