"""What a test does with calls out: dial, see what the carrier was told, and put down again."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.support.carrier import Carrier
from tests.support.plain_phone import PlainPhone
from tests.support.sip_call import SipCall
from tests.support.sip_text import SipMessage

NUMBER_IN_ADDRESS = re.compile(r"sips?:([^@>;]*)@")


@dataclass(frozen=True, slots=True)
class ToldCarrier:
    """What the carrier reads in an INVITE about who calls.

    Attributes:
        sender: the user part of From.
        asserted: the user part of P-Asserted-Identity, or empty.
        privacy: the Privacy header, or empty.
        diversion: the number in Diversion, or empty.
        history: all of History-Info, or empty.
    """

    sender: str
    asserted: str
    privacy: str
    diversion: str
    history: str


def told_carrier(invite: SipMessage) -> ToldCarrier:
    """Read an INVITE as a carrier does."""
    history = [value for key, value in invite.headers if key.lower() == "history-info"]
    return ToldCarrier(
        sender=_number(invite.header("From")),
        asserted=_number(invite.header("P-Asserted-Identity")),
        privacy=invite.header("Privacy"),
        diversion=_number(invite.header("Diversion")),
        history=", ".join(history),
    )


@asynccontextmanager
async def call_out(
    phone: PlainPhone, number: str, carrier: Carrier
) -> AsyncIterator[tuple[SipCall, SipCall]]:
    """Dial outside, have it answered at this carrier, and hang up when the block ends.

    Gives the caller's end and the end of who was called.
    """
    caller = phone.dial(number)
    callee = await carrier.rings()
    await callee.answer()
    await caller.established()
    yield caller, callee
    await caller.hang_up()
    await callee.closed()


async def ring_out(phone: PlainPhone, number: str, carrier: Carrier) -> SipMessage:
    """Dial outside, let it ring at this carrier, put down; give the INVITE that the carrier got."""
    caller = phone.dial(number)
    callee = await carrier.rings()
    callee.ring()
    await caller.hears_ringing()
    await caller.hang_up()
    await callee.closed()
    return callee.invite


def number_of(invite: SipMessage) -> str:
    """The number in the request URI."""
    return _number(invite.first_line)


def _number(header: str) -> str:
    found = NUMBER_IN_ADDRESS.search(header)
    return found.group(1) if found else ""
