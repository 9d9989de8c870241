"""Small elements: names that phones show, and switches that people throw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from stasis_apps.call import Caller, CallFacts, Exit, Position, WayIn
from stasis_apps.call_mailboxes import MailboxRefused
from stasis_apps.element import known_elements
from stasis_apps.testing import ScriptedCall, ScriptedMailboxes, a_call_from_outside
from stasis_apps.testing.script import A_MONDAY_MORNING

CLOSE_FOR_AN_HOUR = {"switch": "5300", "position": "closed", "for_minutes": 60}
OPEN = {"switch": "5300", "position": "open"}
THROWER = "5301"


def with_pin() -> ScriptedMailboxes:
    return ScriptedMailboxes(pins={THROWER: "2580"})


def from_outside(name: str) -> CallFacts:
    caller = Caller(number="+79161234567", name=name, device="")
    return CallFacts(call_id="pbx-1700000000.1", caller=caller, dialled="74951234567")


async def shown(kind: str, settings: Mapping[str, object], caller_name: str = "Vera") -> str:
    """The caller's name as phones show it after the element, which always goes on."""
    call = ScriptedCall(facts=from_outside(caller_name))
    assert await known_elements()[kind].build(settings).run(call) == "next"
    return call.caller_name


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("Customer", "Customer"),
        ("{name} ({number})", "Vera (+79161234567)"),
        ("{name}{name}", "VeraVera"),
    ],
)
async def test_phones_show_the_name_that_was_set(template: str, name: str) -> None:
    assert await shown("set_name", {"name": template}) == name


async def test_a_callers_own_name_is_not_read_as_a_template() -> None:
    assert await shown("set_name", {"name": "A {name}"}, caller_name="{number}") == "A {number}"


@pytest.mark.parametrize(("caller_name", "name"), [("Vera", "S: Vera"), ("", "S: +79161234567")])
async def test_phones_show_a_text_in_front_of_the_name_or_number(
    caller_name: str, name: str
) -> None:
    assert await shown("prefix", {"text": "S: "}, caller_name) == name


@pytest.mark.parametrize("kind", ["set_name", "prefix"])
@pytest.mark.parametrize("text", ["", "a\nb", "\x00", "x" * 71])
def test_a_name_that_no_phone_can_show_is_refused(kind: str, text: str) -> None:
    setting = {"set_name": "name", "prefix": "text"}[kind]

    assert [fault.path for fault in known_elements()[kind].faults({setting: text})] == [setting]


@pytest.mark.parametrize("template", ["{other}", "{Name}", "{", "}", "{{name}}", "{name}} x"])
def test_braces_that_stand_for_nothing_are_refused(template: str) -> None:
    (fault,) = known_elements()["set_name"].faults({"name": template})

    assert str(fault) == f"name {template!r}: may have braces only in {{name}} and {{number}}"
    assert known_elements()["prefix"].faults({"text": template}) == []


@pytest.mark.parametrize("position", ["open", "closed"])
async def test_a_switch_that_nobody_has_thrown_stands_as_it_was_made(position: str) -> None:
    switch = known_elements()["switch"].build({"position": position})

    assert await switch.run(ScriptedCall()) == position


@pytest.mark.parametrize("position", Position)
async def test_calls_go_by_the_switch_that_somebody_has_thrown(position: Position) -> None:
    call = ScriptedCall(positions={"": position})

    assert await known_elements()["switch"].build({}).run(call) == Exit(position)
    assert call.notes == [f"switched to {position}"]


async def test_whoever_dials_it_closes_the_office_and_hears_so() -> None:
    call = ScriptedCall()

    assert await known_elements()["set_switch"].build(CLOSE_FOR_AN_HOUR).run(call) == "done"

    assert call.positions == {"5300": Position.CLOSED}
    assert call.thrown_until_at == A_MONDAY_MORNING + timedelta(hours=1)
    assert call.heard == ["asterisk:de-activated"]
    assert call.is_answered


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, Position.CLOSED),
        (Position.CLOSED, Position.OPEN),
        (Position.OPEN, Position.CLOSED),
    ],
)
async def test_a_toggle_opens_what_is_closed_and_closes_all_else(
    before: Position | None, after: Position
) -> None:
    call = ScriptedCall(positions={"5300": before} if before else {})

    await known_elements()["set_switch"].build({"switch": "5300"}).run(call)

    assert call.positions == {"5300": after}
    assert call.thrown_until_at is None


@pytest.mark.parametrize(
    ("before", "after"), [({}, Position.OPEN), ({"5300": Position.OPEN}, Position.CLOSED)]
)
async def test_out_of_hours_the_first_toggle_opens(
    before: Mapping[str, Position], after: Position
) -> None:
    call = ScriptedCall(positions=before, closed=["5300"])

    await known_elements()["set_switch"].build({"switch": "5300"}).run(call)

    assert call.positions == {"5300": after}


async def test_automatic_leaves_it_to_the_plan_again() -> None:
    call = ScriptedCall(positions={"5300": Position.OPEN})
    settings = {"switch": "5300", "position": "automatic", "for_minutes": 5}

    assert await known_elements()["set_switch"].build(settings).run(call) == "done"
    assert call.positions == {}
    assert call.thrown_until_at is None


@pytest.mark.parametrize("presses", [["2580#"], ["2580"], ["1", "2580#"], ["", "9999#", "2580"]])
async def test_who_knows_the_pin_throws_the_switch(presses: list[str]) -> None:
    call = ScriptedCall(presses=presses, number=THROWER, mailboxes=with_pin())

    assert await known_elements()["set_switch"].build(OPEN).run(call) == "done"
    assert call.positions == {"5300": Position.OPEN}


@pytest.mark.parametrize("presses", [[], ["1#", "2#", "3#"], ["25800#", "258#", "##", "2580#"]])
async def test_who_does_not_know_the_pin_is_refused_and_changes_nothing(
    presses: list[str],
) -> None:
    call = ScriptedCall(presses=presses, number=THROWER, mailboxes=with_pin())

    assert await known_elements()["set_switch"].build(OPEN).run(call) == "refused"
    assert call.positions == {}
    assert len(call.asked) == 3


async def test_no_pin_stands_in_the_journal() -> None:
    call = ScriptedCall(presses=["9876#", "2580#"], number=THROWER, mailboxes=with_pin())

    await known_elements()["set_switch"].build(OPEN).run(call)

    assert call.notes == ["5300 is switched to open"]


@pytest.mark.parametrize("way_in", [WayIn.TRUNK, WayIn.DIRECT_SIP])
async def test_callers_from_outside_throw_nothing_while_there_is_no_pin(way_in: WayIn) -> None:
    call = ScriptedCall(facts=replace(a_call_from_outside(), way_in=way_in), number=THROWER)

    assert await known_elements()["set_switch"].build(OPEN).run(call) == "refused"
    assert call.positions == {}
    assert call.asked == []


async def test_a_caller_from_outside_who_knows_the_pin_throws_the_switch() -> None:
    call = ScriptedCall(
        presses=["2580#"], facts=a_call_from_outside(), number=THROWER, mailboxes=with_pin()
    )

    assert await known_elements()["set_switch"].build(OPEN).run(call) == "done"
    assert call.positions == {"5300": Position.OPEN}


async def test_nobody_throws_a_switch_whose_pin_cannot_be_checked() -> None:
    away = ScriptedMailboxes(pins={THROWER: "2580"}, refusal=MailboxRefused("no database"))
    call = ScriptedCall(presses=["2580#"], number=THROWER, mailboxes=away)

    assert await known_elements()["set_switch"].build(OPEN).run(call) == "failed"
    assert call.positions == {}


def test_no_pin_stands_in_the_settings() -> None:
    faults = known_elements()["set_switch"].faults({**OPEN, "pin": "2580"})

    assert [fault.path for fault in faults] == ["pin"]


def test_the_switch_that_is_thrown_can_be_asked_for() -> None:
    kind = known_elements()["set_switch"]

    assert kind.switches(OPEN) == {"switch": "5300"}
    assert kind.targets(OPEN) == {}
