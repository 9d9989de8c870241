"""Recorded calls made again: what is known of them, and what another plan makes of them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.call_log import JournalLine, RecordedCall
from models.facts import AliasFacts, OutboundRuleFacts, SwitchFacts
from stasis_apps.call import Position, WayIn
from stasis_apps.journal import What
from stasis_apps.plan import NumberPlan
from stasis_apps.planning import build_plan
from stasis_apps.replay import Difference, Replay, Untold, recalled
from stasis_apps.replay.comparing import (
    CHANGED_SINCE,
    NOT_ANY_MORE,
    NOT_REENACTED,
)
from stasis_apps.replay.recalled_keys import WrongKeys
from stasis_apps.replay.recalling import NO_STEPS, RESTARTED, STILL_UP, UNKNOWN_DOOR
from stasis_apps.simulation import Became, Doing, ImaginedReply, Scenario
from stasis_apps.simulation.reply_words import reply_of
from tests.support.builders import SOUND_FOLDER, a_plan, a_trunk, tenant_rows
from tests.support.recorded_calls import recorded

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
MOBILE = "+79161112233"

ELEMENTS: dict[str, dict[str, Any]] = {
    "5300": {
        "kind": "time_rule",
        "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
        "match": "5000",
        "no_match": "5120",
    },
    "5000": {
        "kind": "greeting",
        "sound": "welcome",
        "keys": {"1": "100", "2": "5100", "3": MOBILE, "4": "5700", "12": "101"},
        "direct_dial": True,
        "no_input": "5100",
        "invalid": "5120",
    },
    "5100": {"kind": "group", "members": ["100", "101"], "no_answer": "5120", "ring_s": 20},
    "5120": {"kind": "voicemail", "operator": "101", "owner": "5800", "saved": "5900"},
    "5700": {"kind": "switch", "open": "100", "closed": "101"},
    "5750": {"kind": "set_switch", "switch": "5700"},
    "5800": {"kind": "mailbox"},
    "5850": {"kind": "http_request", "url": "https://crm.test/", "default": "5100"},
    "5900": {"kind": "hang_up"},
}
USERS: dict[str, dict[str, object]] = {
    "100": {"rules": [{"when": "busy", "to": MOBILE}]},
    "101": {"voicemail": True, "allow_direct_sip": True},
}


def office(elements: Mapping[str, Mapping[str, Any]] = ELEMENTS, **parts: Any) -> NumberPlan:
    """An office with a bit of everything; parts replace those of the usual one."""
    usual: dict[str, Any] = {
        "elements": elements,
        "users": USERS,
        "trunks": [a_trunk()],
        "numbers": {"74951234567": "5300"},
        "aliases": [AliasFacts(name="info", target="5000", allows_direct_sip=True)],
    }
    return a_plan(**{**usual, **parts})


def changed(number: str, **settings: Any) -> NumberPlan:
    """The office with other settings of one element."""
    return office({**ELEMENTS, number: {**ELEMENTS[number], **settings}})


def answers(after_s: float = 4, talks_s: float = 30, *, confirms: bool = True) -> Doing:
    """Somebody picks up."""
    return Doing(became=Became.ANSWERS, after_s=after_s, talks_s=talks_s, confirms=confirms)


def from_outside(**parts: Any) -> Scenario:
    """Somebody calls the office's number on Monday at ten."""
    usual: dict[str, Any] = {"caller": "+79160000000", "dialled": "74951234567", "at": MONDAY}
    return Scenario(**{**usual, **parts})


def from_alice(dialled: str, **parts: Any) -> Scenario:
    """Alice dials on her phone."""
    return Scenario(caller="100", dialled=dialled, **{"at": MONDAY, **parts})


def says(body: str, after_s: float = 0.2) -> dict[str, list[ImaginedReply]]:
    """What the server of the office says."""
    return {"5850": [reply_of({"body": body, "after_s": after_s})]}


BUSY, DECLINES = Doing(became=Became.BUSY), Doing(became=Became.DECLINES, after_s=6)
AWAY = Doing(became=Became.UNREGISTERED)
SUNDAY = MONDAY - timedelta(days=1)

CALLS = {
    "a key": from_outside(keys=["1"], doing={"100": answers()}),
    "a key of two digits": from_outside(keys=["12"], doing={"101": answers()}),
    "a wrong key, then a right one": from_outside(keys=["9", "2"], doing={"101": answers()}),
    "wrong keys only": from_outside(keys=["9", "8", "77"], says_s=7.0),
    "no key": from_outside(doing={"101-kitchen": answers(9)}),
    "no key, then one": from_outside(keys=["", "1"], doing={"100": answers()}),
    "an extension dialled directly": from_outside(keys=["101"], doing={"101": answers()}),
    "at night": from_outside(at=SUNDAY, says_s=12.0),
    "at night, too short": from_outside(at=SUNDAY, says_s=0.4),
    "at night, to the operator": from_outside(at=SUNDAY, keys=["0"], doing={"101": answers()}),
    "at night, the greeting skipped": from_outside(at=SUNDAY, keys=["5"]),
    "busy, so the mobile rings": from_outside(keys=["1"], doing={"100": BUSY, MOBILE: answers(5)}),
    "declined, so the mobile rings": from_outside(keys=["1"], doing={"100": DECLINES}),
    "a mobile whose voicemail picks up": from_outside(
        keys=["1"], doing={"100": BUSY, MOBILE: answers(2, confirms=False)}
    ),
    "a mobile, and a talk shorter than the question": from_outside(
        keys=["1"], doing={"100": BUSY, MOBILE: answers(2, 0.3)}
    ),
    "a mobile at the key": from_outside(keys=["3"], doing={MOBILE: answers(5)}),
    "a mobile that is busy": from_outside(keys=["3"], doing={MOBILE: BUSY}),
    "nobody is there": from_outside(keys=["2"], doing={"100": AWAY, "101": AWAY}),
    "given up while it rings": from_outside(keys=["1"], hangs_up_after_s=9.0),
    "given up in the greeting": from_outside(hangs_up_after_s=1.5),
    "given up in a mailbox": from_outside(at=SUNDAY, hangs_up_after_s=25.0, says_s=60.0),
    "a hidden caller": from_outside(caller="", keys=["1"], doing={"100": answers()}),
    "a number of nobody": from_outside(dialled="74959999999"),
    "a stranger by SIP": from_outside(
        caller="bob", dialled="info", way_in=WayIn.DIRECT_SIP, keys=["1"], doing={"100": answers()}
    ),
    "inside": from_alice("101", doing={"101": answers()}),
    "inside, to voicemail": from_alice("101", says_s=8.0),
    "inside, from the other phone": Scenario(caller="101-kitchen", dialled="100", at=MONDAY),
    "outside": from_alice(MOBILE, doing={MOBILE: answers()}),
    "help": from_alice("112", doing={"112": answers()}),
    "a hidden number outside": from_alice(f"*67{MOBILE}", doing={MOBILE: answers()}),
    "a number that is not there": from_alice("4444"),
    "a switch is thrown": from_alice("5750"),
    "her mailbox": Scenario(caller="101", dialled="5800", at=MONDAY),
    "another's mailbox by its PIN": from_alice(
        "5800", keys=["101#", "4711#"], pins={"101": "4711"}
    ),
    "another's mailbox, guessed": from_alice(
        "5800", keys=["101#", "1#", "101#", "2#", "101#", "3#"]
    ),
    "the owner's menu, from outside": from_outside(at=SUNDAY, keys=["*", "101#", "#"]),
    "redial": from_alice("*66", last_dialled="101", doing={"101": answers()}),
    "a server knows the caller": from_alice(
        "5850", replies=says("set_name: Vera\ntransfer: 101"), doing={"101": answers()}
    ),
    "a server that is slow": from_alice(
        "5850", replies=says("transfer: 101", after_s=2.0), doing={"101": answers()}
    ),
    "a server that is silent": from_alice(
        "5850", replies={"5850": [reply_of("timeout")]}, doing={"100": answers()}
    ),
    "a server that says nothing": from_alice("5850", replies=says(""), doing={"100": answers()}),
    "a server that names nobody": from_alice(
        "5850", replies=says("transfer: 777"), doing={"100": answers()}
    ),
    "given up while a server thinks": from_alice(
        "5850", replies=says("transfer: 101", after_s=2.5), hangs_up_after_s=1.0
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_through_the_same_plan_a_call_goes_the_same_way(name: str) -> None:
    plan = office()
    call, journal = recorded(plan, CALLS[name])
    assert Replay(plan, office()).judge(call, journal) is None


@pytest.mark.parametrize("name", CALLS)
def test_in_a_plan_of_which_all_is_new_a_call_still_goes_the_same_way(name: str) -> None:
    """Nothing may be taken for untouched here: each call is really made a second time."""
    plan, same = office(), office()
    renamed = replace(same, tenant=replace(same.tenant, name="acme2"))
    call, journal = recorded(plan, CALLS[name])
    assert Replay(plan, renamed).judge(call, journal) is None


def difference(
    after: NumberPlan, scenario: Scenario, before: NumberPlan | None = None
) -> Difference:
    """What another plan makes of a call."""
    plan = before or office()
    judged = Replay(plan, after).judge(*recorded(plan, scenario))
    assert isinstance(judged, Difference), judged
    return judged


def test_another_window_leads_a_call_to_the_mailbox() -> None:
    later = [{"days": "mon-fri", "from": "11:00", "to": "18:00"}]
    found = difference(changed("5300", windows=later), CALLS["a key"])
    assert found.before.numbers == ("5300", "5000", "100")
    assert found.after.numbers == ("5300", "5120", "5900")
    assert (found.fork, found.fork_number, found.ends_elsewhere) == (0, "5300", True)
    assert (found.before.answered_by, found.after.voicemail) == ("100", "5120")


def test_a_call_that_only_passes_another_element_comes_to_the_same_end() -> None:
    elements = {**ELEMENTS, "5400": {"kind": "number_rule", "masks": ["1"], "no_match": "5000"}}
    elements["5300"] = {**ELEMENTS["5300"], "match": "5400"}
    found = difference(office(elements), CALLS["a key"])
    assert found.after.numbers == ("5300", "5400", "5000", "100")
    assert not found.ends_elsewhere


def test_a_call_that_did_not_touch_the_change_is_the_same() -> None:
    plan = office()
    judged = Replay(plan, changed("5120", saved="101")).judge(*recorded(plan, CALLS["a key"]))
    assert judged is None


def test_what_a_server_said_then_leads_through_another_plan() -> None:
    found = difference(changed("5850", timeout_s=1), CALLS["a server that is slow"])

    assert found.before.numbers == ("5850", "101")
    assert found.after.numbers == ("5850", "5100")
    assert (found.fork_number, found.ends_elsewhere) == ("5850", True)


def test_a_server_that_was_not_asked_then_is_named() -> None:
    found = difference(changed("5300", match="5850"), CALLS["a key"])

    assert found.after.numbers == ("5300", "5850", "5100")
    assert "5850" in found.strangers


def test_a_number_that_leads_somewhere_at_last_is_noticed() -> None:
    elements = {**ELEMENTS, "4444": {}}
    del elements["4444"]
    with_it = office(
        elements, extensions={"100": ["100"], "101": ["101", "101-kitchen"], "4444": []}
    )
    found = difference(with_it, CALLS["a number that is not there"])
    assert (found.before.ends, found.after.ends) == ("no_such_number", "unregistered")


def test_somebody_of_whom_nothing_is_known_is_named() -> None:
    carol = {"100": ["100"], "101": ["101", "101-kitchen"], "102": ["102"]}
    elements = {**ELEMENTS, "5000": {**ELEMENTS["5000"], "keys": {"1": "102"}}}
    found = difference(office(elements, extensions=carol), CALLS["a key"])
    assert found.strangers == ("102",)
    assert found.after.ends == "no_answer"


def test_a_caller_whose_phone_is_taken_away_cannot_call_any_more() -> None:
    without = office(
        extensions={"101": ["101", "101-kitchen"]}, elements={}, numbers={}, aliases=[]
    )
    found = difference(without, CALLS["inside"])
    assert "is no extension or device" in found.after.impossible
    assert found.ends_elsewhere


def test_a_rule_that_forbids_calls_out_is_noticed() -> None:
    ban = OutboundRuleFacts(place=1, name="no mobiles", mask="+", output="0000")
    rows = tenant_rows(
        elements=ELEMENTS, users=USERS, trunks=[a_trunk()], numbers={"74951234567": "5300"}
    )
    banned = build_plan(replace(rows, outbound=(ban,)), sound_folder=SOUND_FOLDER)
    found = difference(banned, CALLS["outside"])
    assert (found.before.sent_outside, found.after.ends) == ((MOBILE, "moscow"), "forbidden")


def test_a_switch_stands_as_it_stood_when_the_call_came() -> None:
    plan = office()
    closed = SwitchFacts(number="5700", position="closed", set_at=SUNDAY)
    then = replace(plan, switches={"5700": closed})
    scenario = from_outside(keys=["4"], doing={"101": answers()})
    call, journal = recorded(then, scenario)
    assert recalled(call, journal, WrongKeys.of([plan])).switches == {"5700": Position.CLOSED}
    assert Replay(plan, office()).judge(call, journal) is None
    assert Replay(then, office()).judge(*recorded(plan, CALLS["a key"])) is None


def test_time_rules_that_somebody_had_switched_are_switched_again() -> None:
    plan = office()
    closed = SwitchFacts(number="5300", position="closed", set_at=SUNDAY)
    call, journal = recorded(replace(plan, switches={"5300": closed}), CALLS["a key"])
    assert recalled(call, journal, WrongKeys.of([plan])).path[:2] == ("5300", "5120")
    assert Replay(plan, office()).judge(call, journal) is None


def test_a_rule_that_asked_for_a_pin_lets_out_again_who_knew_it() -> None:
    rule = OutboundRuleFacts(place=1, name="abroad", mask="(p7dddddddddd)", pin_hash="some hash")
    rows = tenant_rows(trunks=[a_trunk()])
    plan = build_plan(replace(rows, outbound=(rule,)), sound_folder=SOUND_FOLDER)
    knows = from_alice(
        MOBILE, keys=["9#", "4711#"], pins={"abroad": "4711"}, doing={MOBILE: answers()}
    )
    call, journal = recorded(plan, knows)
    again = recalled(call, journal, WrongKeys.of([plan])).scenario
    assert call.answered_by == MOBILE
    assert "4711" not in {*again.keys, *again.pins.values()}
    without = replace(plan, outbound=())
    assert Replay(plan, without).judge(call, journal) is None
    guesses = from_alice(MOBILE, keys=["9#", "8#", "7#"], pins={"abroad": "4711"})
    assert Replay(plan, plan).judge(*recorded(plan, guesses)) is None
    assert difference(without, guesses, plan).before.ends == "wrong_pin"


@pytest.mark.parametrize("keys", [["4711#"], ["1#", "4711#"], ["1#", "2#", "3#"], ["#"], []])
def test_who_knew_the_pin_of_a_switch_knows_it_again(keys: list[str]) -> None:
    with_pin = replace(tenant_rows(elements=ELEMENTS, users=USERS), pins={"5750": "some hash"})
    plan = build_plan(with_pin, sound_folder=SOUND_FOLDER)
    call, journal = recorded(plan, from_alice("5750", keys=keys, pins={"5750": "4711"}))
    assert Replay(plan, replace(plan, trunks={"none": a_trunk()})).judge(call, journal) is None


def test_prompts_that_took_longer_than_anybody_knows_put_off_the_moment_of_giving_up() -> None:
    """Live, a prompt of Asterisk's took half a minute more than it takes here."""
    plan = office()
    call, journal = recorded(plan, from_outside(keys=["9", "1"], hangs_up_after_s=12.0))
    assert call.ended_at is not None
    late = timedelta(seconds=30)
    rang_at = next(line.at for line in journal if line.what == What.RANG)
    slow = [replace(line, at=line.at + late) if line.at >= rang_at else line for line in journal]
    entered = [n for n, line in enumerate(slow) if line.what == What.ENTERED][-1]
    slow[entered] = replace(slow[entered], at=rang_at + late)
    assert Replay(plan, office()).judge(replace(call, ended_at=call.ended_at + late), slow) is None


def why(call: RecordedCall, journal: Iterable[JournalLine], plan: NumberPlan) -> str:
    """Why nobody can tell."""
    judged = Replay(plan, changed("5300", match="101")).judge(call, [*journal])
    assert isinstance(judged, Untold), judged
    return judged.why


def test_calls_of_which_too_little_is_known_are_told_as_such() -> None:
    plan = office()
    call, journal = recorded(plan, CALLS["a key"])
    adopted = replace(journal[-1], what=What.ADOPTED)
    assert why(replace(call, ended_at=None), journal, plan) == STILL_UP
    assert why(call, [], plan) == NO_STEPS
    assert why(call, [*journal, adopted], plan) == RESTARTED
    assert why(replace(call, how="by pigeon"), journal, plan) == UNKNOWN_DOOR


def test_calls_that_the_present_plan_leads_elsewhere_are_told_as_such() -> None:
    was = changed("5300", match="101")
    call, journal = recorded(was, CALLS["a key"])
    assert why(call, journal, office()) == NOT_REENACTED
    assert why(replace(call, revision=7), journal, office()) == CHANGED_SINCE
    alone = office(extensions={"101": ["101", "101-kitchen"]}, elements={}, numbers={}, aliases=[])
    assert why(*recorded(office(), CALLS["inside"]), alone) == NOT_ANY_MORE


def test_a_wrong_key_is_one_that_leads_nowhere_in_either_plan() -> None:
    nines = office({**ELEMENTS, "5000": {**ELEMENTS["5000"], "keys": {"9": "100", "87": "101"}}})
    assert WrongKeys.of([office()]).key == "9"
    assert WrongKeys.of([office(), nines]).key == "7"
    every_key = dict.fromkeys("0123456789*#", "100")
    taken = office({**ELEMENTS, "5000": {**ELEMENTS["5000"], "keys": every_key}})
    assert WrongKeys.of([taken]).key == ""
