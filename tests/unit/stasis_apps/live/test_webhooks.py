"""A live call at a server: what the caller hears, who notices a hang-up, what is written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace

import pytest

from ari_client.testing import Answers, NeverAnswers
from stasis_apps.call_webhooks import LEFT_FIRST
from stasis_apps.decisions.ending import EndedBy, Reason
from stasis_apps.engine import MOST_IN_A_ROW
from stasis_apps.journal import What
from stasis_apps.services.web_questions import Answer, NoAnswer, Question
from tests.support.builders import a_plan
from tests.unit.stasis_apps.live.desk import BORIS, Desk, open_desk

URL = "https://crm.example.test:8443/call?key=secret"
TO_BORIS = Answer(status=200, content_type="text/plain", body=b'set_name: "Vera"\ntransfer: "101"')


@dataclass
class Servers:
    """Answers each question alike after a while."""

    answer: Answer | NoAnswer = TO_BORIS
    takes_s: float = 1.0
    asked: list[Question] = field(default_factory=list)
    given_up: int = 0

    async def ask(self, question: Question) -> Answer | NoAnswer:
        """Take some time, and answer."""
        self.asked.append(question)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        return self.answer


@pytest.fixture
def servers() -> Servers:
    return Servers()


@pytest.fixture
async def desk(servers: Servers) -> AsyncIterator[Desk]:
    """A server is asked at 5500; without an answer, a prompt is played."""
    elements = {
        "5500": {"kind": "http_request", "url": URL, "default": "5001", "timeout_s": 3},
        "5001": {"kind": "play", "sound": "news"},
    }
    async with open_desk(a_plan(elements=elements, sounds={"news": 2.0})) as opened:
        opened.fake.sounds["sound:/sounds/acme/news"] = 2.0
        opened.fake.sounds["tone:congestion"] = 3600.0
        opened.room = replace(opened.room, servers=servers)
        yield opened


async def test_a_caller_hears_ringback_from_the_question_to_the_answer(desk: Desk) -> None:
    desk.fake.phone(BORIS, Answers(after_s=3.0))

    call = await desk.call("5500")
    desk.later(10.0, call.hang_up)
    end = await call.end()

    assert len(desk.requests("POST", f"{call.channel_id}/ring")) == 1, "without a gap"
    assert (end.by, end.reason) == (EndedBy.CALLER, Reason.NORMAL)
    assert [line.element for line in call.lines(What.ENTERED)] == ["5500", "101"]


async def test_the_journal_tells_the_server_and_what_it_said_but_not_the_secret_of_the_url(
    desk: Desk,
) -> None:
    desk.fake.phone(BORIS, Answers(after_s=3.0))

    call = await desk.call("5500")
    desk.later(10.0, call.hang_up)
    await call.end()

    (line,) = call.lines(What.REQUESTED)
    assert (line.reason, dict(line.facts)) == (
        "",
        {
            "server": "crm.example.test:8443",
            "status": 200,
            "took_s": pytest.approx(1.0, abs=0.1),
            "set_name": "Vera",
            "transfer": "101",
        },
    )
    assert not any("secret" in f"{one.reason}{one.facts}" for one in call.lines())


async def test_what_was_no_answer_is_told_with_its_reason(desk: Desk, servers: Servers) -> None:
    servers.answer = NoAnswer("it cannot be reached")

    call = await desk.call("5500")
    await call.end()

    (line,) = call.lines(What.REQUESTED)
    assert line.reason == "it cannot be reached"
    assert "status" not in line.facts
    assert [line.element for line in call.lines(What.ENTERED)] == ["5500", "5001"]


async def test_whoever_hangs_up_meanwhile_is_gone_at_once(desk: Desk, servers: Servers) -> None:
    servers.takes_s = 2.5
    call = await desk.call("5500")
    desk.later(1.0, call.hang_up)
    began_s = asyncio.get_running_loop().time()

    end = await call.end()

    assert end.by is EndedBy.CALLER
    assert asyncio.get_running_loop().time() - began_s < 2.0
    assert servers.given_up == 1, "nobody waits for the answer any more"
    assert [line.reason for line in call.lines(What.REQUESTED)] == [LEFT_FIRST]


async def test_a_hang_up_in_the_moment_of_the_answer_is_not_lost(
    desk: Desk, servers: Servers
) -> None:
    """Whichever comes first, the call ends as the caller's."""
    desk.fake.phone(BORIS, NeverAnswers())
    for early_s in (-0.002, -0.001, 0.0, 0.001):
        call = await desk.call("5500")
        desk.later(servers.takes_s + early_s, call.hang_up)
        assert (await call.end()).by is EndedBy.CALLER


async def test_keys_that_are_pressed_meanwhile_are_kept_for_what_comes(servers: Servers) -> None:
    elements = {
        "5500": {"kind": "http_request", "url": URL, "default": "5000"},
        "5000": {"kind": "greeting", "sound": "welcome", "keys": {"7": "5001"}},
        "5001": {"kind": "hang_up"},
    }
    servers.answer = NoAnswer("it cannot be reached")
    async with open_desk(a_plan(elements=elements, sounds={"welcome": 5.0})) as opened:
        opened.fake.sounds["sound:/sounds/acme/welcome"] = 5.0
        opened.room = replace(opened.room, servers=servers)
        call = await opened.call("5500")
        opened.later(0.5, call.press, "7")
        await call.end()

    assert [line.element for line in call.lines(What.ENTERED)] == ["5500", "5000", "5001"]


async def test_a_server_is_asked_with_the_tenant_and_the_element(
    desk: Desk, servers: Servers
) -> None:
    servers.answer = NoAnswer("it cannot be reached")
    await (await desk.call("5500")).end()

    (asked,) = servers.asked
    assert (asked.tenant_id, asked.element, asked.url) == (desk.plan.tenant.id, "5500", URL)
    assert asked.timeout_s == 3.0


async def test_a_server_that_sends_the_call_round_ends_it_as_a_loop(
    desk: Desk, servers: Servers
) -> None:
    servers.answer = Answer(status=200, body=b"transfer: 5500")
    servers.takes_s = 0.01
    call = await desk.call("5500")

    assert (await call.end()).reason is Reason.LOOP
    assert len(servers.asked) == MOST_IN_A_ROW, "and not fifty times"


async def test_a_server_may_be_asked_again_and_again_while_a_prompt_is_heard_between(
    servers: Servers,
) -> None:
    servers.answer, servers.takes_s = NoAnswer("it cannot be reached"), 0.1
    elements = {
        "5500": {"kind": "http_request", "url": URL, "default": "5001"},
        "5001": {"kind": "play", "sound": "news", "next": "5500"},
    }
    async with open_desk(a_plan(elements=elements, sounds={"news": 2.0})) as opened:
        opened.fake.sounds["sound:/sounds/acme/news"] = 2.0
        opened.room = replace(opened.room, servers=servers)
        call = await opened.call("5500")
        opened.later(40.0, call.hang_up)
        assert (await call.end()).by is EndedBy.CALLER

    assert len(servers.asked) > MOST_IN_A_ROW


async def test_a_person_and_a_server_that_pass_a_call_to_and_fro_end_it_as_a_loop(
    servers: Servers,
) -> None:
    elements = {"5500": {"kind": "http_request", "url": URL}}
    users = {"101": {"rules": [{"when": "no_answer", "to": "5500"}]}}
    async with open_desk(a_plan(elements=elements, users=users)) as opened:
        opened.fake.sounds["tone:congestion"] = 3600.0
        opened.room = replace(opened.room, servers=servers)
        call = await opened.call("5500")
        assert (await call.end()).reason is Reason.LOOP

    came = [line.element for line in call.lines(What.ENTERED)]
    assert came.count("101") <= 4, "three returns, not fifty"
