"""What is written down of a call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.call_log import AnsweredCall, CallWrite, ClosedCall, JournalLine, OpenedCall
from stasis_apps.decisions.ending import Reason, ended_by_plan
from stasis_apps.journal import CallJournal, What
from stasis_apps.testing import a_call_of_alice
from tests.support.builders import a_plan, a_tenant


@pytest.fixture
def steps() -> list[CallWrite]:
    return []


@pytest.fixture
def journal(steps: list[CallWrite]) -> CallJournal:
    plan = a_plan(tenant=a_tenant(language="ru"))
    return CallJournal("pbx-1.1", plan.tenant, steps.append)


def test_a_call_opens_with_who_called_what(journal: CallJournal, steps: list[CallWrite]) -> None:
    journal.open(a_call_of_alice(dialled="101"), channel_id="pbx-1.1", revision=3)

    opened, started = steps
    assert isinstance(opened, OpenedCall)
    assert (opened.caller_number, opened.dialled, opened.revision) == ("100", "101", 3)
    assert isinstance(started, JournalLine)
    assert (started.what, started.seq) == (What.STARTED, 1)


def test_steps_are_numbered_and_stand_at_their_element(
    journal: CallJournal, steps: list[CallWrite]
) -> None:
    journal.write(What.NOTED, reason="before any element")
    journal.enter("5000", "greeting")
    journal.leave("1", "101")

    lines = [step for step in steps if isinstance(step, JournalLine)]
    assert [(line.seq, line.element, line.exit) for line in lines] == [
        (1, None, None),
        (2, "5000", None),
        (3, "5000", "1"),
    ]


def test_the_record_says_who_picked_up(journal: CallJournal, steps: list[CallWrite]) -> None:
    journal.answered("101@acme.test", by="101")

    (answered,) = [step for step in steps if isinstance(step, AnsweredCall)]
    assert answered.answered_by == "101"
    assert answered.answered_at.utcoffset() is not None


def test_the_story_says_through_which_trunk_somebody_outside_was_reached(
    journal: CallJournal, steps: list[CallWrite]
) -> None:
    journal.answered("+79161234567", by="+79161234567", trunk="moscow")
    journal.answered("101@acme.test", by="101")

    outside, inside = [step for step in steps if isinstance(step, JournalLine)]
    assert outside.facts["trunk"] == "moscow"
    assert "trunk" not in inside.facts


def test_a_call_nobody_answered_has_no_talking_time(
    journal: CallJournal, steps: list[CallWrite]
) -> None:
    journal.close(ended_by_plan(Reason.BUSY))

    closed = steps[-1]
    assert isinstance(closed, ClosedCall)
    assert (closed.talk_s, closed.comment, closed.ended_by) == (0.0, "Абонент занят", "callee")


def test_the_talking_time_counts_from_the_answer(
    journal: CallJournal, steps: list[CallWrite]
) -> None:
    journal.answered_at, journal.answered_by = datetime(2026, 1, 1, tzinfo=UTC), "101"

    journal.close(ended_by_plan(Reason.NORMAL))

    closed = steps[-1]
    assert isinstance(closed, ClosedCall)
    assert closed.talk_s == (closed.ended_at - journal.answered_at).total_seconds()
    assert closed.answered_by == "101"
