"""One mail handed to the mail server, and what it said; keeps and repeats nothing."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Final

import aiosmtplib
import structlog

from stasis_apps.settings import MailServer, Tls

ANSWER_LIMIT_S: Final = 30.0
"""How long is waited for each answer of the mail server."""

ATTEMPT_LIMIT_S: Final = 90.0
"""How long one attempt may take in all."""

_NOT_NOW: Final = 400
_FINAL: Final = 500
_CLOSING: Final = 421
_TOO_LARGE: Final = 552

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Taken:
    """The mail server has the mail and answers for it from now on."""

    status: int


@dataclass(frozen=True, slots=True)
class NotNow:
    """The mail server refuses this mail for the moment (4xx), or its sender: that can be mended."""

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
    try:
        async with asyncio.timeout(ATTEMPT_LIMIT_S):
            return await _hand_over(server, mail, sender, recipient)
    except aiosmtplib.SMTPAuthenticationError as fault:
        log.error("mail_login_refused", server=server.shown, fault=_told(fault))  # noqa: TRY400 - the operator needs the server's words, not our stack
        return NotReached(f"the mail server refuses our login: {_told(fault)}")
    except (aiosmtplib.SMTPException, OSError, ValueError) as fault:
        # A ValueError is what aiosmtplib makes of a server that does not speak SMTP.
        return NotReached(_told(fault))


async def _hand_over(server: MailServer, mail: bytes, sender: str, recipient: str) -> Answer:
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls is Tls.FROM_THE_START,
        start_tls=server.tls is Tls.STARTTLS,
        username=server.username or None,
        password=server.password or None,
        timeout=ANSWER_LIMIT_S,
    )
    await client.connect()
    try:
        answer = await _offer(client, mail, sender, recipient)
        if not isinstance(answer, NotReached):
            await _say_goodbye(client)
        return answer
    finally:
        client.close()


async def _offer(client: aiosmtplib.SMTP, mail: bytes, sender: str, recipient: str) -> Answer:
    try:
        options = None if recipient.isascii() and sender.isascii() else ["SMTPUTF8"]
        await client.sendmail(sender, [recipient], mail, mail_options=options)
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        return _refused(first.code, first.message)
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


async def _say_goodbye(client: aiosmtplib.SMTP) -> None:
    """End in good manners; what goes wrong now changes nothing of what was said about the mail."""
    try:
        await client.quit()
    except (aiosmtplib.SMTPException, OSError) as fault:
        log.debug("mail_server_left_early", fault=_told(fault))


def _refused(status: int, words: str) -> Answer:
    error = " ".join(f"{status} {words}".split())
    if status == _CLOSING or status < _NOT_NOW:
        return NotReached(error)
    return Never(status, error) if status >= _FINAL else NotNow(status, error)


def _told(fault: Exception) -> str:
    if isinstance(fault, aiosmtplib.SMTPResponseException):
        return " ".join(f"{fault.code} {fault.message}".split())
    return " ".join(str(fault).split()) or type(fault).__name__
