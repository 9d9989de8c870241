"""Who ended a call that nobody saw end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from asterisk_conf.noted_ends import NotedEnd
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.decisions.hangup_cause import ANSWERED_ELSEWHERE
from stasis_apps.decisions.unseen_end import UnseenEnd, end_by_notes

ANSWERED_AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CALL = "pbx-1.1"
CALLEE, COLLEAGUE = f"{CALL}~leg~1", f"{CALL}~leg~2"


def after(seconds: float) -> datetime:
    return ANSWERED_AT + timedelta(seconds=seconds)


def hung_up(seconds: float) -> NotedEnd:
    return NotedEnd(at=after(seconds), is_somebodys=True)


def of_talk(**ended_s: float) -> UnseenEnd | None:
    """What is made of a talk whose caller, callee or colleague ended so long after its start."""
    ids = {"caller": CALL, "callee": CALLEE, "colleague": COLLEAGUE}
    noted = {ids[who]: hung_up(seconds) for who, seconds in ended_s.items()}
    return end_by_notes(CALL, noted, is_picked_up=True, talks_since=ANSWERED_AT)


def who(found: UnseenEnd | None) -> tuple[EndedBy, Reason, datetime] | None:
    return (found.end.by, found.end.reason, found.at) if found else None


def test_whoever_hangs_up_first_has_ended_the_talk() -> None:
    assert who(of_talk(caller=10, callee=12)) == (EndedBy.CALLER, Reason.NORMAL, after(10))
    assert who(of_talk(caller=12, callee=10)) == (EndedBy.CALLEE, Reason.NORMAL, after(10))


def test_one_who_is_still_there_has_ended_nothing() -> None:
    assert who(of_talk(callee=10)) == (EndedBy.CALLEE, Reason.NORMAL, after(10))
    assert who(of_talk(caller=10)) == (EndedBy.CALLER, Reason.NORMAL, after(10))


def test_a_phone_that_stopped_ringing_before_the_talk_has_not_ended_it() -> None:
    assert who(of_talk(colleague=-0.1, caller=10)) == (EndedBy.CALLER, Reason.NORMAL, after(10))
    assert of_talk(colleague=-0.1) is None


def test_a_caller_who_gives_up_before_anybody_answers_has_cancelled() -> None:
    noted = {CALL: hung_up(-5), CALLEE: hung_up(-6)}

    found = end_by_notes(CALL, noted, is_picked_up=False, talks_since=None)

    assert who(found) == (EndedBy.CALLER, Reason.CANCELLED, after(-5))


def test_a_caller_who_leaves_a_greeting_ends_the_call_in_the_ordinary_way() -> None:
    found = end_by_notes(CALL, {CALL: hung_up(-5)}, is_picked_up=True, talks_since=None)

    assert who(found) == (EndedBy.CALLER, Reason.NORMAL, after(-5))


def test_of_what_is_not_noted_nothing_is_known() -> None:
    assert end_by_notes(CALL, {}, is_picked_up=True, talks_since=ANSWERED_AT) is None


def test_nobody_has_ended_a_talk_that_asterisk_took_along_at_its_own_end() -> None:
    stopped = {id_: NotedEnd(at=after(10), is_somebodys=False) for id_ in (CALL, CALLEE)}

    found = end_by_notes(CALL, stopped, is_picked_up=True, talks_since=ANSWERED_AT)

    assert who(found) == (EndedBy.UNKNOWN, Reason.LOST, after(10))


def test_a_phone_that_stopped_ringing_as_the_talk_began_has_not_ended_it_either() -> None:
    """Asterisk ends it in its own time; a talk of ten minutes must not have lasted none."""
    stopped = NotedEnd(at=after(600), is_somebodys=False)
    in_vain = NotedEnd(at=after(0.01), is_somebodys=False, cause=ANSWERED_ELSEWHERE)
    noted = {CALL: stopped, CALLEE: stopped, COLLEAGUE: in_vain}

    found = end_by_notes(CALL, noted, is_picked_up=True, talks_since=ANSWERED_AT)

    assert who(found) == (EndedBy.UNKNOWN, Reason.LOST, after(600))


def test_the_half_of_a_leg_that_knows_nothing_does_not_hide_who_hung_up() -> None:
    noted = {CALLEE: NotedEnd(at=after(10), is_somebodys=False), f"{CALLEE};2": hung_up(10.1)}

    found = end_by_notes(CALL, noted, is_picked_up=True, talks_since=ANSWERED_AT)

    assert who(found) == (EndedBy.CALLEE, Reason.NORMAL, after(10.1))
