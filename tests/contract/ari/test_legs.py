"""Legs that we dial: what is told of telephones that answer, refuse, or just ring."""

from __future__ import annotations

import pytest

from ari_client import AriRefused, Channel, ResourceGone, WrongState
from ari_client.ids import ChannelId, new_leg_id
from tests.contract.ari.exchanges import Exchange, strands

DIALLED = ["StasisStart", "Dial"]
RINGING = [*DIALLED, "ChannelStateChange Ringing", "Dial RINGING"]


async def a_leg(exchange: Exchange, behaviour: str) -> Channel:
    """A leg that is in the application and not dialled yet."""
    id_ = new_leg_id("call")
    leg = await Channel.create(exchange.ari, id_, endpoint=exchange.endpoint(behaviour))
    await exchange.heard.until(id_, "StasisStart")
    return leg


async def test_a_telephone_that_is_answered_rings_first(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "answers")
    await leg.dial()
    await exchange.heard.until(leg.id, "Dial ANSWER")
    story = await exchange.heard.until(leg.id, "ChannelStateChange Up")
    assert strands(story) == strands([*RINGING, "ChannelStateChange Up", "Dial ANSWER"])
    assert (await leg.get()).state == "Up"


@pytest.mark.parametrize(
    ("behaviour", "before", "cause"), [("busy", DIALLED, 17), ("declines", RINGING, 21)]
)
async def test_a_refusal_is_told_by_the_cause_alone(
    exchange: Exchange, behaviour: str, before: list[str], cause: int
) -> None:
    leg = await a_leg(exchange, behaviour)
    await leg.dial()
    story = await exchange.heard.until(leg.id, f"ChannelDestroyed {cause}")
    end = [f"ChannelHangupRequest {cause}", "StasisEnd", f"ChannelDestroyed {cause}"]
    assert strands(story) == strands([*before, *end])


async def test_a_leg_we_give_up_ends_with_the_cause_we_gave(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "rings")
    await leg.dial()
    await exchange.heard.until(leg.id, "Dial RINGING")
    await leg.hang_up(26)
    story = await exchange.heard.until(leg.id, "ChannelDestroyed 26")
    end = ["ChannelHangupRequest 32", "StasisEnd", "ChannelDestroyed 26"]
    assert strands(story) == strands([*RINGING, *end])


async def test_nobody_answers_within_the_time_limit(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "rings")
    await leg.dial(timeout_s=1.5)
    story = await exchange.heard.until(leg.id, "StasisEnd")
    heard = [word for word in story if word in RINGING]
    assert strands(heard) == strands(RINGING)


async def test_a_callee_who_answered_hangs_up(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "hangs-up")
    await leg.dial()
    story = await exchange.heard.until(leg.id, "ChannelDestroyed 16")
    assert story[-3:] == ["ChannelHangupRequest 16", "StasisEnd", "ChannelDestroyed 16"]


async def test_an_unregistered_telephone_refuses_the_leg_at_once(exchange: Exchange) -> None:
    with pytest.raises(AriRefused) as refused:
        await a_leg(exchange, "unregistered")
    assert refused.value.status == 500


async def test_an_unregistered_telephone_is_not_mistaken_for_a_taken_id(
    exchange: Exchange,
) -> None:
    """Asterisk answers 409 for both, once one id was taken on the same connection."""
    leg = await a_leg(exchange, "rings")
    for _ in range(3):
        with pytest.raises(WrongState):
            await Channel.create(exchange.ari, leg.id, endpoint=exchange.endpoint("rings"))
        with pytest.raises(AriRefused) as refused:
            await a_leg(exchange, "unregistered")
        assert refused.value.status == 500


async def test_an_id_serves_one_leg_only(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "rings")
    for create in (exchange.ari.channels.create, exchange.ari.channels.originate):
        with pytest.raises(WrongState, match="already exists"):
            await create(endpoint=exchange.endpoint("rings"), app="x", channel_id=leg.id)


async def test_a_leg_is_dialled_only_once(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "rings")
    await leg.dial()
    await exchange.heard.until(leg.id, "Dial RINGING")
    with pytest.raises(WrongState, match="Down"):
        await leg.dial()


async def test_an_originated_leg_enters_the_application_when_answered(
    exchange: Exchange,
) -> None:
    id_ = new_leg_id("call")
    settings = exchange.ari.settings
    await exchange.ari.channels.originate_with_id(
        id_, endpoint=exchange.endpoint("answers"), app=settings.app, app_args="a,b"
    )
    story = await exchange.heard.until(id_, "StasisStart")
    ends_with = ["ChannelStateChange Up", "Dial ANSWER", "StasisStart"]
    assert strands(story) == strands(["Dial", *RINGING[2:], *ends_with])


async def test_a_leg_that_has_gone_takes_no_commands(exchange: Exchange) -> None:
    leg = await a_leg(exchange, "rings")
    await leg.hang_up(16)
    await exchange.heard.until(leg.id, "ChannelDestroyed 16")
    nobody = Channel(exchange.ari, ChannelId("nobody at all"))
    for gone in (leg, nobody):
        for command in (gone.answer, gone.dial, gone.ring, gone.get):
            with pytest.raises(ResourceGone):
                await command()
