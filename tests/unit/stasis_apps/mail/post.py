"""Messages that are to be mailed, and mail servers that refuse at a place of one's choice."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from models import voicemail
from models.facts import TenantFacts
from models.voicemail import MessageFacts
from stasis_apps.services.links import Links
from stasis_apps.services.messages import MessageKeeper
from stasis_apps.settings import MailServer, Tls
from tests.unit.stasis_apps.mail.box import RecordingsOnShelf, a_tone, new_message

LINKS = Links(b"a key", "https://pbx.example")
ALICE, BORIS = "alice@acme.test", "boris@acme.test"


class Clock:
    """What time it is for a sender; never earlier than what has been queued."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC) + timedelta(minutes=10)

    def __call__(self) -> datetime:
        return self.now

    def later(self, **span: float) -> None:
        self.now += timedelta(**span)


async def left(
    acme: TenantFacts,
    keeper: MessageKeeper,
    recordings: RecordingsOnShelf,
    *recipients: str,
    **changes: object,
) -> str:
    """Somebody has left a message."""
    message = new_message(acme.id, *recipients, **changes)
    await keeper.begin(message)
    recordings.shelf[message.recording] = a_tone(3)
    await keeper.finish(message.id)
    return message.id


async def the_only_message() -> MessageFacts:
    (message,) = await voicemail.list_messages()
    return message


async def states() -> dict[str, str]:
    return {one.recipient: one.state for one in (await the_only_message()).deliveries}


class OddServer:
    """A mail server that refuses at a place of one's choice.

    Attributes:
        taken: How many mails it has taken.
        senders: From whom it was offered one, in order.
    """

    def __init__(
        self,
        *,
        mail: str = "250 OK",
        refused_sender: str = "",
        data: str = "250 OK",
        thinks_s: float = 0.0,
        on_data: Callable[[], None] = lambda: None,
        password: str = "",
        tls: ssl.SSLContext | None = None,
        is_tls_from_the_start: bool = False,
    ) -> None:
        self._mail, self._data, self._on_data = mail, data, on_data
        self._refused_sender, self._thinks_s = refused_sender, thinks_s
        self._password, self._tls, self._is_smtps = password, tls, is_tls_from_the_start
        self.taken = 0
        self.senders: list[str] = []

    @asynccontextmanager
    async def listening(self, **login: str) -> AsyncIterator[MailServer]:
        """Listen, and say where, with what one logs in."""
        open_line = await asyncio.get_running_loop().create_server(
            self._line, "127.0.0.1", 0, ssl=self._tls if self._is_smtps else None
        )
        tls = Tls.NONE
        if self._tls is not None:
            tls = Tls.FROM_THE_START if self._is_smtps else Tls.STARTTLS
        port = open_line.sockets[0].getsockname()[1]
        try:
            yield MailServer(host="127.0.0.1", port=port, tls=tls, **login)
        finally:
            open_line.close()

    def _line(self) -> SMTP:
        return SMTP(
            self,
            hostname="mail.test",
            tls_context=None if self._is_smtps else self._tls,
            require_starttls=self._tls is not None and not self._is_smtps,
            auth_required=bool(self._password),
            auth_require_tls=False,
            authenticator=self._login if self._password else None,
        )

    def _login(self, *arguments: object) -> AuthResult:
        told = arguments[-1]
        is_right = isinstance(told, LoginPassword) and told.password.decode() == self._password
        return AuthResult(success=is_right, handled=False)

    async def handle_MAIL(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        self.senders.append(address)
        answer = self._mail if self._refused_sender in ("", address) else "250 OK"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, _envelope: Envelope
    ) -> str:
        self._on_data()
        await asyncio.sleep(self._thinks_s)
        if self._data.startswith("250"):
            self.taken += 1
        return self._data


@asynccontextmanager
async def a_server_that_breaks_off(
    taken: list[str], *, after_taking: str
) -> AsyncIterator[MailServer]:
    """A mail server that takes every mail, and leaves without a word after those to somebody."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.test\r\n")
        recipient = ""
        while line := (await reader.readline()).decode():
            if line.startswith("RCPT"):
                recipient = line.partition("<")[2].partition(">")[0]
            if line.startswith("DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                taken.append(recipient)
                if recipient == after_taking:
                    break
            writer.write(b"250 OK\r\n")
        writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, limit=2**22)
    async with listening:
        yield MailServer(host="127.0.0.1", port=listening.sockets[0].getsockname()[1])
