"""A real SMTP server for tests, which can be down, refuse a recipient, or put senders off."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Lock
from types import TracebackType
from typing import Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support import sound
from tests.support.ports import small_block
from tests.support.waiting import COMES_S, until

HESITATION_S = 60.0


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as the recipients get it."""

    recipients: tuple[str, ...]
    message: EmailMessage

    @property
    def subject(self) -> str:
        """The subject in plain letters."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """What a person reads."""
        body = self.message.get_body(("plain",))
        assert body is not None, "the letter has no text"
        return str(body.get_content())

    @property
    def attachments(self) -> dict[str, bytes]:
        """The attached files by their names."""
        return {
            part.get_filename() or "": cast("bytes", part.get_content())
            for part in self.message.iter_attachments()
        }

    def recording(self) -> sound.Samples:
        """What is heard in the only attached WAV."""
        ((name, content),) = self.attachments.items()
        assert name.endswith(".wav"), name
        return sound.samples_in_wav(content)


class MailServer:
    """An SMTP server on a port of its own; starts and stops as often as a test likes."""

    def __init__(self) -> None:
        self._block = small_block()
        self.port = self._block.__enter__().one()
        self.host = "127.0.0.1"
        self._server: Controller | None = None
        self._lock = Lock()
        self._letters: list[Letter] = []
        self._refused: set[str] = set()
        self._put_off: dict[str, int] = {}
        self._asked = 0
        self._hesitates = Event()
        self._hesitated = Event()

    @property
    def url(self) -> str:
        """The value of ``PBX_SMTP_URL``."""
        return f"smtp://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        """Go up."""
        self.go_up()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Go down for good."""
        self.go_down()
        self._block.__exit__(kind, error, trace)

    def go_up(self) -> None:
        """Accept connections."""
        if self._server is None:
            self._server = Controller(
                self, hostname=self.host, port=self.port, ready_timeout=COMES_S
            )
            self._server.start()

    def go_down(self) -> None:
        """Refuse connections."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def refuse(self, recipient: str) -> None:
        """There is no such mailbox (550)."""
        with self._lock:
            self._refused.add(recipient)

    def put_off(self, recipient: str, times: int) -> None:
        """Say so many times that this mailbox is busy (451)."""
        with self._lock:
            self._put_off[recipient] = times

    @asynccontextmanager
    async def hesitating(self) -> AsyncIterator[None]:
        """While the block runs, let the sender of a letter wait for our word that we have it."""
        self._hesitated.clear()
        self._hesitates.set()
        try:
            yield
        finally:
            self._hesitates.clear()

    async def has_a_letter_in_hand(self) -> None:
        """Wait until a letter has come of which we have not said that we have taken it."""
        await until(self._hesitated.is_set, saying="a letter in hand")

    def letters(self, recipient: str) -> list[Letter]:
        """What this recipient has got until now."""
        with self._lock:
            return [letter for letter in self._letters if recipient in letter.recipients]

    async def letter(self, recipient: str, within_s: float = COMES_S) -> Letter:
        """Wait for the only letter to a recipient."""
        found = await until(
            lambda: self.letters(recipient),
            within_s=within_s,
            saying=lambda: f"a letter to {recipient}; {self._asked} attempts in all",
        )
        assert len(found) == 1, f"{len(found)} letters to {recipient}"
        return found[0]

    async def was_asked(self, times: int = 1, within_s: float = COMES_S) -> None:
        """Wait until so many more deliveries to somebody have been tried."""
        wanted = self._asked + times
        await until(
            lambda: self._asked >= wanted, within_s=within_s, saying=f"{times} attempts to deliver"
        )

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Say whether there is such a mailbox."""
        with self._lock:
            self._asked += 1
            if address in self._refused:
                return "550 5.1.1 No such mailbox"
            if self._put_off.get(address, 0) > 0:
                self._put_off[address] -= 1
                return "451 4.2.1 Mailbox busy, try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - the name that aiosmtpd calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a letter."""
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=policy.default)
        self._hesitated.set()
        await until(
            lambda: not self._hesitates.is_set(), within_s=HESITATION_S, saying="a decision"
        )
        with self._lock:
            self._letters.append(Letter(tuple(envelope.rcpt_tos), message))
        return "250 Accepted"
