"""A server decides: where callers go, and what it is told of them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from stasis_apps.call import CallEnded, Exit, GoTo, Target
from stasis_apps.decisions.webhook_reply import Commands, Unusable
from stasis_apps.element import known_elements
from stasis_apps.testing import (
    Asked,
    HangsUpAt,
    ScriptedCall,
    ScriptedWebhooks,
    Verb,
    a_call_from_outside,
)

URL = "https://crm.example.test/call"
MOBILE = "+79161234567"
KNOWN = ("100", "5000", "info", MOBILE)


def answering(reply: Commands | Unusable, targets: Collection[str] = KNOWN) -> ScriptedCall:
    """A call from outside, and a server that says this."""
    servers = ScriptedWebhooks(reply, targets=targets)
    return ScriptedCall(facts=a_call_from_outside(name="Vera"), webhooks=servers, number="5500")


async def left(call: ScriptedCall, **settings: Any) -> Exit | GoTo:  # settings of any type
    """How the call leaves the element."""
    given = {"url": URL, "default": "5000", **settings}
    return await known_elements()["http_request"].build(given).run(call)


@pytest.mark.parametrize("number", KNOWN)
async def test_a_call_goes_where_the_server_says(number: str) -> None:
    way_out = await left(answering(Commands(transfer=number)))

    assert way_out == GoTo(Target(number), reason="named by the server", by_caller=False)


async def test_phones_show_the_name_that_the_server_gives() -> None:
    call = answering(Commands(set_name="Vera, gold", transfer="100"))

    await left(call)

    assert call.caller_name == "Vera, gold"


async def test_a_name_without_a_number_goes_the_standard_route() -> None:
    call = answering(Commands(set_name="Vera, gold"))

    assert await left(call) == "default"
    assert call.caller_name == "Vera, gold"
    assert call.notes == ["the server names no number"]


async def test_a_server_that_cannot_be_understood_leads_nobody() -> None:
    call = answering(Unusable("it answered 500"))

    assert await left(call) == "default"
    assert call.caller_name == "Vera"


async def test_a_number_that_nobody_has_leads_to_the_standard_route() -> None:
    call = answering(Commands(transfer="777"))

    assert await left(call) == "default"
    assert call.notes == ["the server names 777, and there is no such number"]


async def test_a_server_may_be_forbidden_to_lead_calls_outside() -> None:
    call = answering(Commands(transfer=MOBILE))

    assert await left(call, allow_outside=False) == "default"
    assert call.notes == [f"the server names {MOBILE}, and may not name outside numbers"]


async def test_a_server_that_may_not_lead_outside_may_lead_inside() -> None:
    way_out = await left(answering(Commands(transfer="100")), allow_outside=False)

    assert isinstance(way_out, GoTo)


async def test_the_server_is_told_who_calls_whom() -> None:
    servers = ScriptedWebhooks()
    facts = a_call_from_outside(name="Vera")

    await left(ScriptedCall(facts=facts, webhooks=servers, number="5500"), timeout_s=2)

    form = {
        "caller_number": "+79161234567",
        "caller_e164": "+79161234567",
        "caller_name": "Vera",
        "uuid": facts.call_id,
        "called_number": "74951234567",
        "trunk": "moscow",
        "element": "5500",
    }
    assert servers.asked == [Asked(url=URL, form=form, timeout_s=2.0)]


async def test_a_phone_of_the_tenant_has_no_number_of_the_world() -> None:
    servers = ScriptedWebhooks()

    await left(ScriptedCall(webhooks=servers, caller_numbers=["100", "+100"]))

    (asked,) = servers.asked
    assert (asked.form["caller_number"], asked.form["caller_e164"]) == ("100", "")


async def test_nobody_is_picked_up_for_a_question_to_a_server() -> None:
    call = answering(Commands(transfer="100"))

    await left(call)

    assert call.verbs == [Verb.REQUEST]
    assert not call.is_answered


async def test_whoever_hangs_up_while_the_server_thinks_is_gone() -> None:
    call = ScriptedCall(hangs_up_at=HangsUpAt(Verb.REQUEST))

    with pytest.raises(CallEnded):
        await left(call)


def test_the_standard_route_is_the_only_way_on_that_is_set() -> None:
    element = known_elements()["http_request"].build({"url": URL, "default": "5000"})

    assert element.exits() == {"default": "5000", "failed": ""}
