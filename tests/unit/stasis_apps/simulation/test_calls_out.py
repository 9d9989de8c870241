"""Imagined calls to outside numbers: rules, PINs, limits, one trunk after the other, help."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.ending import Reason
from stasis_apps.simulation import Became
from tests.unit.stasis_apps.simulation.imagining import (
    ABROAD,
    MOBILE,
    NIGHT,
    PLAN,
    answers,
    does,
    imagine,
    path,
    plan_of,
    rows,
    told,
)

SECRET = "84991234567"


async def test_alice_reaches_a_mobile_through_the_first_trunk_of_the_rule() -> None:
    end = await imagine("89161234567", "100", doing={MOBILE: answers()})

    assert [hop.kind for hop in end.path] == ["outside"]
    assert end.answered_by == "89161234567"
    assert end.sent_outside == ("89161234567", "moscow")
    assert "rule both: 89161234567 through moscow, then spare" in told(end)


async def test_a_carrier_without_a_sign_of_life_is_passed_over_for_the_next() -> None:
    end = await imagine("89161234567", "100", doing={MOBILE: does(Became.UNREACHABLE)})

    assert "trunk spare is tried next" in told(end)
    assert end.sent_outside == ("89161234567", "spare")
    assert end.end.reason is Reason.CARRIER_FAILED


async def test_what_is_said_of_a_trunk_holds_for_all_calls_through_it() -> None:
    doing = {"moscow": does(Became.UNREACHABLE), MOBILE: answers()}
    end = await imagine("89161234567", "100", doing=doing)
    assert (end.sent_outside[1], end.answered_by) == ("spare", "89161234567")


async def test_help_is_called_through_a_trunk_that_is_known_to_be_down_last() -> None:
    end = await imagine("112", "100", doing={"moscow": does(Became.UNREGISTERED), "112": answers()})
    assert "trunk moscow is down and tried last" in told(end)
    assert (end.sent_outside, end.answered_by) == (("112", "spare"), "112")


async def test_somebody_outside_who_is_busy_is_not_looked_for_through_another_trunk() -> None:
    end = await imagine("89161234567", "100", doing={MOBILE: does(Became.BUSY)})

    assert end.sent_outside == ("89161234567", "moscow")
    assert end.end.reason is Reason.BUSY


async def test_a_number_that_a_rule_bans_is_dialled_by_nobody() -> None:
    end = await imagine("89169999999", "100", otherwise=answers())

    assert end.end.reason is Reason.FORBIDDEN
    assert end.sent_outside == ("", "")
    assert "rule never forbids it" in told(end)


async def test_who_knows_the_pin_of_the_rule_is_put_through() -> None:
    keys, pins = ["9999#", "2580#"], {"secret": "2580"}

    end = await imagine(SECRET, "100", keys=keys, pins=pins, otherwise=answers())

    assert end.answered_by == SECRET
    assert end.heard[:2] == ("asterisk:agent-pass", "asterisk:auth-incorrect")


async def test_who_does_not_know_it_is_sent_away_after_three_attempts() -> None:
    keys = ["1#", "2#", "3#"]

    end = await imagine(SECRET, "100", keys=keys, pins={"secret": "2580"}, otherwise=answers())

    assert end.end.reason is Reason.WRONG_PIN
    assert end.sent_outside == ("", "")


async def test_help_is_called_by_a_rule_and_in_a_blocked_tenant() -> None:
    by_rule = await imagine("0112", "100", doing={"112": answers()})
    blocked = plan_of(rows(state="blocked"))
    in_blocked = await imagine("112", "100", plan=blocked, doing={"112": answers()})

    assert by_rule.sent_outside == in_blocked.sent_outside == ("112", "moscow")
    assert in_blocked.answered_by == "112"
    assert "is down" not in told(by_rule), "every trunk is up"


async def test_a_blocked_tenant_calls_nobody_else() -> None:
    end = await imagine("101", "100", plan=plan_of(rows(state="blocked")))

    assert end.end.reason is Reason.BLOCKED
    assert end.path == ()


@pytest.mark.parametrize(
    ("dialled", "policy", "when", "reason"),
    [
        (ABROAD, OutsidePolicy(), None, Reason.DESTINATION_CLOSED),
        (ABROAD, OutsidePolicy(countries=("DE",)), None, Reason.NORMAL),
        (
            "89161234567",
            OutsidePolicy(night_hours="22:00-07:00", night_reach="none"),
            NIGHT,
            Reason.NIGHT_CLOSED,
        ),
    ],
)
async def test_what_the_policy_closes_stays_closed(
    dialled: str, policy: OutsidePolicy, when: object, reason: Reason
) -> None:
    plan, more = plan_of(rows(outside=policy)), {} if when is None else {"at": when}

    end = await imagine(dialled, "100", plan=plan, otherwise=answers(), **more)

    assert end.end.reason is reason


async def test_who_tries_the_exchange_out_calls_at_home_alone() -> None:
    plan = plan_of(rows(state="trial", outside=OutsidePolicy(countries=("*",))))

    abroad = await imagine(ABROAD, "100", plan=plan, otherwise=answers())
    at_home = await imagine("89161234567", "100", plan=plan, otherwise=answers())

    assert abroad.end.reason is Reason.DESTINATION_CLOSED
    assert at_home.answered_by == "89161234567"


async def test_a_forward_may_be_closed_while_calls_out_are_open() -> None:
    plan = plan_of(rows(outside=OutsidePolicy(forward_reach="none")))

    end = await imagine("103", "100", plan=plan, otherwise=does(Became.NO_ANSWER))

    assert end.rang == ("103",)
    assert end.sent_outside == ("", "")
    assert "forwarding to this number is closed" in told(end)


async def test_without_a_trunk_no_call_leaves() -> None:
    plan = plan_of(rows())
    nowhere = replace(plan, trunks={})

    end = await imagine(ABROAD, "100", plan=nowhere)

    assert end.end.reason is Reason.NO_TRUNK


async def test_redial_goes_where_the_phone_went_last() -> None:
    redial = next(one.code for one in PLAN.codes if one.name == "redial")

    again = await imagine(redial, "100", last_dialled="101", doing={"101": answers()})
    nothing = await imagine(redial, "100")

    assert path(again)[-1] == "101"
    assert again.answered_by == "101"
    assert nothing.end.reason is Reason.NO_SUCH_NUMBER
