"""Calls by the shell: listed, shown, explained."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from models import call_log
from models.call_log import CallWrite, ClosedCall, JournalLine, OpenedCall
from models.database import open_database
from tests.unit.pbx_cli.shell import Shell

BEGAN_AT = datetime.now(UTC) - timedelta(minutes=10)


def opened(call_id: str = "pbx-1.1", *, dialled: str = "5000") -> OpenedCall:
    return OpenedCall(
        id=call_id,
        tenant_id=1,
        channel_id=call_id,
        revision=7,
        how="phone",
        caller_number="100",
        caller_name="Alice",
        caller_device="100",
        dialled=dialled,
        started_at=BEGAN_AT,
    )


def closed(call_id: str = "pbx-1.1") -> ClosedCall:
    return ClosedCall(
        id=call_id,
        tenant_id=1,
        ended_at=BEGAN_AT + timedelta(seconds=12.5),
        ended_by="caller",
        reason="normal",
        comment="ended normally",
        talk_s=3.25,
        answered_at=BEGAN_AT + timedelta(seconds=9),
        answered_by="101",
    )


def steps(call_id: str = "pbx-1.1") -> list[JournalLine]:
    told: list[tuple[str, str | None, str | None, str, dict[str, object]]] = [
        ("started", None, None, "", {"device": "100", "dialled": "5000"}),
        ("entered", "5000", None, "", {"kind": "greeting"}),
        ("asked", "5000", None, "", {"sound": "welcome", "keys_pressed": 1}),
        ("left", "5000", "1", "", {"target": "101"}),
        ("entered", "101", None, "", {"kind": "user"}),
        ("rang", "101", None, "", {"device": "101@acme.test"}),
        ("fault", "101", None, "Asterisk gave no answer", {}),
        ("whistled", "101", None, "a tune", {"key": "C"}),
    ]
    return [
        JournalLine(
            tenant_id=1,
            call_id=call_id,
            seq=seq,
            at=BEGAN_AT + timedelta(seconds=seq - 1),
            what=what,
            element=element,
            exit=way_out,
            reason=reason,
            facts=facts,
        )
        for seq, (what, element, way_out, reason, facts) in enumerate(told, start=1)
    ]


@pytest.fixture
def history(acme: Shell) -> Shell:
    """A shell with a call that is over and one that is up."""
    up: list[CallWrite] = [opened("pbx-2.1", dialled="101"), *steps("pbx-2.1")[:3]]
    write(acme, [opened(), *steps(), closed(), *up])
    return acme


def write(shell: Shell, batch: Sequence[CallWrite]) -> None:
    async def do() -> None:
        async with open_database(f"sqlite://{shell.home / 'pbx.sqlite3'}"):
            await call_log.write(batch)

    asyncio.run(do())


EVIL = "Bob\x1b]0;owned\x07\x9b31m\u202egnp.exe\r\n\x7f"
SHOWN = r"Bob\x1b]0;owned\x07\x9b31m\u202egnp.exe\x0d\x0a\x7f"


@pytest.mark.parametrize(
    "verb", [("list",), ("show", "pbx-3.1"), ("explain", "pbx-3.1"), ("live",)]
)
def test_what_a_caller_sends_gives_no_orders_to_the_terminal(
    acme: Shell, verb: tuple[str, ...]
) -> None:
    call = replace(opened("pbx-3.1", dialled="\x1b[2J\x9b"), caller_name=EVIL)
    step = replace(steps("pbx-3.1")[3], exit="\x9b2J", facts={"target": EVIL})
    write(acme, [call, step])

    ran = acme("calls", *verb)

    assert ran.code == 0
    assert r"\x1b[2J" in ran.out
    assert "explain" not in verb or SHOWN in ran.out
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", ran.out)
    in_json = acme("calls", *verb, "--json")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", in_json.out)
    assert r"\u009b" in in_json.out


def test_calls_are_listed_with_all_that_scripts_want(history: Shell) -> None:
    (call,) = history.done("calls", "list", "--number", "5000")

    wanted = {
        "id": "pbx-1.1",
        "tenant": "acme",
        "caller_number": "100",
        "caller_name": "Alice",
        "caller_device": "100",
        "dialled": "5000",
        "ended_by": "caller",
        "reason": "normal",
        "comment": "ended normally",
        "talk_s": 3.25,
        "answered_by": "101",
        "revision": 7,
    }
    assert wanted.items() <= call.items()
    assert call["started_at"].endswith("Z")
    assert datetime.fromisoformat(call["ended_at"]) > datetime.fromisoformat(call["started_at"])
    assert history.done("calls", "show", "pbx-1.1") == call


def test_the_list_is_narrowed_by_tenant_time_and_count(history: Shell) -> None:
    def count(*options: str) -> int:
        return len(history.done("calls", "list", *options))

    assert count("--tenant", "acme") == 2
    assert count("--since", "1h") == 2
    assert count("--since", "5m") == 0
    assert count("--since", "2020-01-01") == 2
    assert count("--limit", "1") == 1


def test_a_moment_that_is_none_is_a_usage_fault(history: Shell) -> None:
    ran = history("calls", "list", "--since", "yesterday", "--json")

    assert ran.code == 2
    assert "yesterday" in ran.refusal["error"]


def test_a_call_is_told_as_a_story(history: Shell) -> None:
    ran = history("calls", "explain", "pbx-1.1")

    lines = ran.out.splitlines()
    assert lines[0] == ("100 (Alice) from the device 100 dialled 5000, on revision 7 of the plan.")
    assert lines[-1] == (
        "It ended after 12.5 s, of which 3.2 s were talk: ended normally. "
        "Ended by: caller. 101 had answered."
    )
    told = [line.split(" s  ", 1)[1].strip() for line in lines[1:-1]]
    assert told == [
        "The call came in, dialling 5000",
        "It reached 5000 (greeting)",
        "welcome was played and one key came",
        "It left 5000 by 1 towards 101, after 2.0 s",
        "It reached 101 (user)",
        "It rang at 101@acme.test",
        "Something went wrong: Asterisk gave no answer",
        "whistled a tune key C",
    ]


def test_scripts_get_the_story_with_its_facts(history: Shell) -> None:
    story = history.done("calls", "explain", "pbx-1.1")

    assert story["call"]["id"] == "pbx-1.1"
    assert story["story"][2]["facts"] == {"sound": "welcome", "keys_pressed": 1}
    assert story["story"][3]["after_s"] == 3.0
    assert story["story"][3]["lasted_s"] == 2.0
    greeting, alice = story["path"]
    assert (greeting["number"], greeting["kind"], greeting["way_out"]) == ("5000", "greeting", "1")
    assert (greeting["after_s"], greeting["lasted_s"], greeting["target"]) == (1.0, 2.0, "101")
    assert alice["reasons"] == ["Asterisk gave no answer"]


def test_the_last_call_needs_no_id(history: Shell) -> None:
    story = history.done("calls", "explain", "last")["call"]

    assert story["id"] in ("pbx-1.1", "pbx-2.1")
    write(history, [replace(opened("pbx-4.1"), started_at=BEGAN_AT + timedelta(seconds=1))])
    assert history.done("calls", "explain", "last")["call"]["id"] == "pbx-4.1"
    assert history.done("calls", "explain", "last", "--tenant", "acme")["call"]["id"] == "pbx-4.1"
    history.done("tenant", "create", "quiet", "--domain", "quiet.test", "--country", "RU")
    assert "no calls yet" in history("calls", "explain", "last", "--tenant", "quiet").err
    assert history("calls", "explain", "last", "--tenant", "nobody").code == 3


def test_calls_that_are_up_are_told_with_age_and_place(history: Shell) -> None:
    (call,) = history.done("calls", "live")

    assert call["id"] == "pbx-2.1"
    assert call["where"] == "5000 (greeting): welcome was played and one key came"
    assert call["age_s"] >= 600


def test_a_call_of_another_tenant_is_not_found(history: Shell) -> None:
    history.done("tenant", "create", "other", "--domain", "other.test", "--country", "RU")

    assert history("calls", "show", "pbx-1.1", "--tenant", "other").code == 3
    assert history("calls", "explain", "pbx-9.9").code == 3
    assert history("calls", "list", "--tenant", "nobody").code == 3
    assert history("calls", "live", "--tenant", "nobody").code == 3
