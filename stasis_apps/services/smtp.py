"""One mail handed to the mail server, and what it said; keeps and repeats nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import aiosmtplib
import structlog

from models.mail_outbox import BROKEN_OFF
from stasis_apps.settings import MailServer, Tls

ANSWER_LIMIT_S: Final = 30.0
"""How long is waited for each answer of the mail server but the last."""

TAKING_LIMIT_S: Final = 600.0
"""How long the mail may take to go over, and the server to say that it has it (RFC 5321 4.5.3.2.6).

Who gives up earlier sends again what the server has taken already.
"""

REACH_LIMIT_S: Final = 90.0
"""How long it may take to connect, to encrypt and to log in."""

OFFER_LIMIT_S: Final = TAKING_LIMIT_S + 4 * ANSWER_LIMIT_S

GOODBYE_LIMIT_S: Final = 5.0

ATTEMPT_LIMIT_S: Final = REACH_LIMIT_S + OFFER_LIMIT_S + GOODBYE_LIMIT_S
"""How long one attempt may take in all."""

_NOT_NOW: Final = 400
_FINAL: Final = 500
_TOO_LARGE: Final = 552

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """The mail server has the mail and answers for it from now on."""

    status: int


@dataclass(frozen=True, slots=True)
class NotNow:
    """This mail did not go over, for a reason that can pass; others may.

    The mail server refuses it for the moment (4xx), or its sender, or broke off while it was being
    offered and may even have taken it.
    """

    status: int
    error: str


@dataclass(frozen=True, slots=True)
class Never:
    """The mail server refuses this mail for good (5xx)."""

    status: int
    error: str


@dataclass(frozen=True, slots=True)
class NotReached:
    """The mail server could not be talked to; all other mails would fare alike."""

    error: str


Answer = Taken | NotNow | Never | NotReached


async def hand_over(server: MailServer, mail: bytes, *, sender: str, recipient: str) -> Answer:
    """Hand a mail to the mail server; never raises for what a server or a network can do.

    Args:
        server: Where.
        mail: With all its headers, as it goes over the wire.
        sender: The envelope's (RFC 5321 2.3.1): where failures would be told.
        recipient: The only one.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls is Tls.FROM_THE_START,
        start_tls=server.tls is Tls.STARTTLS,
        username=server.username or None,
        password=server.password or None,
        timeout=ANSWER_LIMIT_S,
    )
    try:
        if (unreached := await _reach(client, server)) is not None:
            return unreached
        answer = await _offer_in_time(client, mail, sender, recipient)
        await _say_goodbye(client)
        return answer
    finally:
        client.close()


async def _reach(client: aiosmtplib.SMTP, server: MailServer) -> NotReached | None:
    """Connect, encrypt, greet and log in; None when the server is ready for a mail."""
    try:
        async with asyncio.timeout(REACH_LIMIT_S):
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await _greet(client)
    except aiosmtplib.SMTPAuthenticationError as fault:
        log.error("mail_login_refused", server=server.shown, fault=_told(fault))  # noqa: TRY400 - the operator needs the server's words, not our stack
        return NotReached(f"the mail server refuses our login: {_told(fault)}")
    except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
        # A ValueError is what aiosmtplib makes of a server that does not speak SMTP.
        return NotReached(_told(fault))
    return None


async def _greet(client: aiosmtplib.SMTP) -> None:
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        await client.helo()


async def _offer_in_time(
    client: aiosmtplib.SMTP, mail: bytes, sender: str, recipient: str
) -> Answer:
    """From here on the server may have taken the mail, whatever breaks: no hurry to repeat it."""
    try:
        async with asyncio.timeout(OFFER_LIMIT_S):
            return await _offer(client, mail, sender, recipient)
    except (aiosmtplib.SMTPException, OSError) as fault:
        return NotNow(BROKEN_OFF, f"the mail server broke off: {_told(fault)}")


async def _offer(client: aiosmtplib.SMTP, mail: bytes, sender: str, recipient: str) -> Answer:
    try:
        await _put_through(client, mail, sender, recipient)
    except aiosmtplib.SMTPSenderRefused as refused:
        if refused.code == _TOO_LARGE or refused.code < _FINAL:
            return _refused(refused.code, refused.message)
        log.error("mail_sender_refused", sender=sender, fault=_told(refused))  # noqa: TRY400 - as above
        words = f"the mail server refuses our sender {sender}: {_told(refused)}"
        return NotNow(refused.code, words)  # another tenant's sender it may take
    except (aiosmtplib.SMTPNotSupported, ValueError) as fault:
        return Never(0, f"the mail server cannot reach such an address: {fault}")
    except aiosmtplib.SMTPResponseException as refused:
        return _refused(refused.code, refused.message)
    return Taken(250)


async def _put_through(client: aiosmtplib.SMTP, mail: bytes, sender: str, recipient: str) -> None:
    encoding, options = "ascii", []
    if not (recipient.isascii() and sender.isascii()):
        encoding, options = "utf-8", ["SMTPUTF8"]
        if not client.supports_extension("smtputf8"):
            raise aiosmtplib.SMTPNotSupported("the mail server does not speak SMTPUTF8")
    if client.supports_extension("size"):
        options.append(f"SIZE={len(mail)}")
    await client.mail(sender, options=options, encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)
    await client.data(mail, timeout=TAKING_LIMIT_S)


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """End in good manners; what goes wrong now changes nothing of what was said about the mail."""
    try:
        await client.quit(timeout=GOODBYE_LIMIT_S)
    except (aiosmtplib.SMTPException, OSError) as fault:
        log.debug("mail_server_left_early", fault=_told(fault))


def _refused(status: int, words: str) -> Answer:
    error = " ".join(f"{status} {words}".split())
    if status < _NOT_NOW:
        return NotNow(BROKEN_OFF, f"the mail server says what cannot be: {error}")
    return Never(status, error) if status >= _FINAL else NotNow(status, error)


def _told(fault: Exception) -> str:
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return " ".join(f"{fault.code} {fault.message}".split())
    return " ".join(str(fault).split()) or type(fault).__name__
