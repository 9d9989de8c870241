"""For whom an outside number is dialled: theirs are the outbound rules and the number shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from models.call_log import CallWrite, JournalLine
from stasis_apps.call import CallFacts, Endpoint, Leave, Party, Person, Target
from stasis_apps.decisions.ending import CallEnd, Reason
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.webhook_reply import Commands
from stasis_apps.element import known_elements
from stasis_apps.engine import run_call
from stasis_apps.journal import CallJournal, What
from stasis_apps.plan import NOBODY, LedBy, NumberPlan
from stasis_apps.testing import (
    CallsOut,
    PickedUp,
    ScriptedCall,
    ScriptedMailboxes,
    ScriptedWebhooks,
    a_call_from_outside,
    a_call_of_alice,
    a_message,
)
from tests.support.builders import a_plan

MOBILE = "+79161234567"
DESK = "101@acme.test"
ALICE = "100@acme.test"
ALICE_DIALS = LedBy(acting="100", purpose=Purpose.DIALLED, is_dialling=True)
OUTSIDE = a_call_from_outside(number="+79039876543")


@dataclass(frozen=True)
class Told:
    """What is known of a call when it is over."""

    call: ScriptedCall
    end: CallEnd
    entered: list[Mapping[str, object]]

    @property
    def acting(self) -> tuple[str, Purpose]:
        """For whom the outside number was dialled that rang last, and why."""
        (party,) = self.call.rang[-1].parties
        assert party.number == MOBILE
        return party.acting, party.purpose


async def tell(
    plan: NumberPlan, number: str, call: ScriptedCall, *, led_by: LedBy = NOBODY
) -> Told:
    steps: list[CallWrite] = []
    journal = CallJournal("pbx-1.1", plan.tenant, steps.append)
    end = await run_call(call, plan, Target(number), journal, led_by=led_by)
    entered: list[Mapping[str, object]] = [
        {"element": step.element, **step.facts}
        for step in steps
        if isinstance(step, JournalLine) and step.what == What.ENTERED
    ]
    return Told(call, end, entered)


def a_call(facts: CallFacts | None = None, **script: object) -> ScriptedCall:
    """A call in an office where nobody picks up but the mobile."""
    phones = {
        DESK: LegOutcome.NO_ANSWER,
        ALICE: LegOutcome.NO_ANSWER,
        Endpoint(MOBILE): PickedUp(),
    }
    return ScriptedCall(
        **{"facts": facts or a_call_of_alice(), "phones": phones, **script}  # type: ignore[arg-type] # the names are checked
    )


async def test_who_dials_a_number_acts_for_themselves() -> None:
    told = await tell(a_plan(), MOBILE, a_call(), led_by=ALICE_DIALS)

    assert told.acting == ("100", Purpose.DIALLED)
    assert told.call.rang[-1].parties[0].is_dialling
    assert told.entered == [
        {"element": MOBILE, "kind": "outside", "purpose": "dialled", "acting": "100"}
    ]


async def test_a_number_of_ours_that_leads_outside_acts_for_nobody() -> None:
    told = await tell(a_plan(), MOBILE, a_call(OUTSIDE))

    assert told.acting == ("", Purpose.LED)


async def test_an_element_acts_at_its_exits_whoever_calls() -> None:
    plan = a_plan(
        elements={"5000": {"kind": "greeting", "sound": "welcome", "keys": {"1": MOBILE}}}
    )

    for facts in (OUTSIDE, a_call_of_alice()):
        told = await tell(plan, "5000", a_call(facts, presses=["1"]), led_by=ALICE_DIALS)
        assert told.acting == ("5000", Purpose.LED)


async def test_an_element_acts_for_the_number_that_its_server_names_whoever_calls() -> None:
    plan = a_plan(elements={"5500": {"kind": "http_request", "url": "https://crm.test/"}})

    for facts in (OUTSIDE, a_call_of_alice()):
        servers = ScriptedWebhooks(Commands(transfer=MOBILE), targets=[MOBILE])
        told = await tell(plan, "5500", a_call(facts, webhooks=servers), led_by=ALICE_DIALS)
        assert told.acting == ("5500", Purpose.LED)
        assert not told.call.rang[-1].parties[0].is_dialling


async def test_a_person_acts_at_their_own_exits_as_with_their_own_rules() -> None:
    by_exit = a_plan(extensions={"101": ["101"]}, users={"101": {"no_answer": MOBILE}})
    rule = {"when": "no_answer", "to": MOBILE}
    by_rule = a_plan(extensions={"101": ["101"]}, users={"101": {"rules": [rule]}})

    for plan in (by_exit, by_rule):
        told = await tell(plan, "101", a_call(), led_by=ALICE_DIALS)
        assert told.acting == ("101", Purpose.FORWARDED)


async def test_whoever_takes_a_call_over_acts_from_then_on() -> None:
    hands_over = {"rules": [{"when": "no_answer", "to": "102"}]}
    goes_home = {"rules": [{"when": "always", "to": MOBILE}]}
    plan = a_plan(
        extensions={"101": ["101"], "102": ["102"]}, users={"101": hands_over, "102": goes_home}
    )

    told = await tell(plan, "101", a_call(OUTSIDE, extensions=["101", "102"]))

    assert told.acting == ("102", Purpose.FORWARDED)


ALICES_MAILBOX = {"5000": {"kind": "mailbox", "box": "100"}}


def a_mailbox() -> ScriptedMailboxes:
    """Somebody has left Alice a message from their mobile."""
    message = a_message("1f2e3d", caller_number=MOBILE)
    return ScriptedMailboxes({"100": [message]}, pins={"100": "1234"}, owners={"100": ["100"]})


async def test_who_calls_back_from_their_mailbox_at_their_phone_acts_for_themselves() -> None:
    plan = a_plan(elements=ALICES_MAILBOX)

    told = await tell(
        plan, "5000", a_call(mailboxes=a_mailbox(), presses=["2"]), led_by=ALICE_DIALS
    )

    assert told.acting == ("100", Purpose.DIALLED)
    assert not told.call.rang[-1].parties[0].is_dialling
    assert told.entered[-1]["calls_back"] is True


async def test_who_calls_back_from_a_mailbox_from_outside_does_so_for_the_mailbox() -> None:
    plan = a_plan(elements=ALICES_MAILBOX)
    call = a_call(OUTSIDE, mailboxes=a_mailbox(), presses=["1234#", "2"])

    told = await tell(plan, "5000", call)

    assert told.acting == ("5000", Purpose.LED)


async def test_a_group_acts_for_its_outside_members() -> None:
    plan = a_plan(elements={"5010": {"kind": "group", "members": ["101", MOBILE]}})
    people = [Person(number="101", name="Boris", phones=(Endpoint(DESK),))]

    told = await tell(plan, "5010", a_call(people=people), led_by=ALICE_DIALS)

    outside = [party for party in told.call.rang[0].parties if party.is_outside]
    assert outside == [
        Party(number=MOBILE, must_confirm=True, acting="5010", purpose=Purpose.MEMBER)
    ]


@pytest.mark.parametrize("when", ["busy", "no_answer", "always"])
async def test_a_member_whose_own_rules_run_in_the_group_acts_for_themselves(when: str) -> None:
    rule = {"when": when, "to": MOBILE}
    plan = a_plan(
        elements={"5010": {"kind": "group", "members": ["101"], "honour_forward": True}},
        extensions={"101": ["101"]},
        users={"101": {"rules": [rule]}},
    )
    busy = LegOutcome.BUSY if when == "busy" else LegOutcome.NO_ANSWER
    phones = {DESK: busy, Endpoint(MOBILE): PickedUp()}
    call = a_call(OUTSIDE, people=[*plan.people.values()], phones=phones)

    told = await tell(plan, "5010", call)

    (party,) = told.call.rang[0].parties
    mobile = party if party.is_outside else next(iter(party.otherwise.values()))
    assert told.call.talked_to == MOBILE
    assert (mobile.acting, mobile.purpose) == ("101", Purpose.FORWARDED)


@pytest.mark.parametrize("outcome", [LegOutcome.FORBIDDEN, LegOutcome.DESTINATION_CLOSED])
async def test_a_persons_rule_that_may_not_leave_counts_as_a_mobile_out_of_reach(
    outcome: LegOutcome,
) -> None:
    settings = {"rules": [{"when": "always", "to": MOBILE}], "unreachable": "5001"}
    user = known_elements()["user"].build({"number": "101", "devices": [DESK], **settings})

    assert await user.run(a_call(phones={Endpoint(MOBILE): outcome})) == "unreachable"


async def test_a_number_of_the_callers_that_hides_them_is_said_in_the_story() -> None:
    told = await tell(a_plan(), f"*67{MOBILE}", a_call(), led_by=ALICE_DIALS)

    assert told.entered[0]["hides_number"] is True
    assert told.call.rang[0].parties[0].hides_number


async def test_who_dials_what_is_no_number_of_anybodys_is_told_so() -> None:
    nowhere = CallsOut(leaves={"4711": Leave(refused=LegOutcome.NO_SUCH_NUMBER)})

    told = await tell(a_plan(), "4711", a_call(calls_out=nowhere), led_by=ALICE_DIALS)

    assert (told.end.reason, told.end.cause) == (Reason.NO_SUCH_NUMBER, 1)
