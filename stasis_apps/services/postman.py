"""The postman: takes mails out of an outbox, hands them to the mail server, notes the answer.

Each mail is sent once. An attempt is committed before it begins (counted, and the mail taken away
from any other sender); what a process had in hand when it died is repeated by the only one of its
home that comes after it, or after a while. When the server has taken a mail, a mark is written to
disk before anything else, then the outbox is told: a database that is away, or a process that ends
there, does not send it again. What remains is the instant between the server's answer and the mark
on disk, and an answer that is lost on the network; after those the mail goes out a second time,
with the same Message-ID, by which mailboxes drop it.

Not here: what stands in the mails, and which outbox they lie in (see mail_sender, notice_sender).
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, ClassVar, Final, Generic, Protocol, TypeVar

import structlog

from models.errors import ModelsError
from models.mail_outbox import NOT_REACHED
from models.message_files import MessageFilesError, write_durably
from stasis_apps.services.smtp import Answer, Never, NotNow, NotReached, Taken, hand_over
from stasis_apps.settings import MailServer

WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
"""How long after each of the first attempts the next one comes."""

LONGEST_WAIT: Final = timedelta(hours=6)
LONGEST_UNREACHED_WAIT: Final = timedelta(minutes=15)
"""Asking our own mail server whether it is back is cheap."""

GIVE_UP_AFTER: Final = timedelta(days=4)
LEASE: Final = timedelta(minutes=15)
"""After this long an attempt counts as that of a process that died; longer than any attempt.

The process that comes after it does not wait so long when it is the only one of its home.
"""

AT_ONCE: Final = 4
"""How many mails are handed over at the same time."""

POLL_S: Final = 5.0
"""How often the outbox is looked into when nobody says that there is something new."""

UNREACHED_PAUSE_S: Final = 20.0

END_LIMIT_S: Final = 3.0
"""How long the end of the process waits for mails that are just being handed over."""

_TAKEN_BEFORE: Final = 250

log = structlog.get_logger(__name__)


class Mail(Protocol):
    """A mail that has been taken out of an outbox for one attempt."""

    @property
    def id(self) -> int:
        """Its number in the outbox."""

    @property
    def mail_id(self) -> str:
        """Its Message-ID, the same in each attempt."""

    @property
    def recipient(self) -> str:
        """The only one."""

    @property
    def attempts(self) -> int:
        """How often it has been tried, this time included."""

    @property
    def queued_at(self) -> datetime:
        """Since when it shall go out."""

    @property
    def about(self) -> str:
        """The id of what it tells of."""


MailT = TypeVar("MailT", bound=Mail)


class Postman(ABC, Generic[MailT]):
    """Sends the mails of one outbox.

    Attributes:
        tells_of: What the log calls that which its mails tell of.
    """

    tells_of: ClassVar[str]

    def __init__(self, server: MailServer, folder: Path, now: Callable[[], datetime]) -> None:
        """Send by a mail server.

        Args:
            server: Which.
            folder: Where is marked who sends, and what the server has taken.
            now: What time it is.
        """
        self._server = server
        self._folder = folder
        self._now = now
        self._marks = _SentMarks(folder)
        self._wanted = asyncio.Event()
        self._is_back_to_be_told = True
        self._is_anything_left_behind = True

    @abstractmethod
    async def _due(self, *, limit: int) -> list[int]:
        """Which mails are to be tried now."""

    @abstractmethod
    async def _claim(self, mail_number: int) -> MailT | None:
        """Take a mail for one attempt; None when somebody else has it."""

    @abstractmethod
    async def _write(self, mail: MailT) -> tuple[str, bytes] | NotNow:
        """Its sender, and the mail as it goes over the wire; or why there is none to send."""

    @abstractmethod
    async def _mark_sent(self, mail: MailT, status: int) -> None:
        """The mail server has it."""

    @abstractmethod
    async def _mark_deferred(
        self, mail: MailT, *, until: datetime, status: int, error: str
    ) -> None:
        """It is tried again."""

    @abstractmethod
    async def _mark_bounced(self, mail: MailT, *, status: int, error: str) -> None:
        """It is tried no more."""

    @abstractmethod
    async def _hurry_unreached(self) -> None:
        """The mail server is back: what waited only for that is due now."""

    @abstractmethod
    async def _release_claimed(self) -> None:
        """What a process that died was handing over is due now."""

    async def _after_sent(self, mail: MailT) -> None:
        """The mail is sent and noted as such."""

    def wake(self) -> None:
        """There is a new mail: send it now."""
        self._wanted.set()

    async def serve(self) -> None:
        """Send what is due, as it becomes due, until cancelled; nothing ends this."""
        with contextlib.suppress(ModelsError):  # the next round says what is wrong
            await self._hurry_unreached()
        async with only_sender(self._folder) as is_only:
            while True:
                self._wanted.clear()
                pause_s = await self._round(is_only=is_only)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(pause_s):
                        await self._wanted.wait()

    async def send_due(self) -> bool:
        """Try every mail that is due now, until none is or the mail server cannot be reached.

        Returns:
            Whether the mail server was there.

        Raises:
            ModelsError: The database is away, or the home cannot be used.
        """
        while numbers := await self._due(limit=AT_ONCE):
            for first in range(0, len(numbers), AT_ONCE):
                if not await self._try(numbers[first : first + AT_ONCE]):
                    return False
        return True

    async def _try(self, numbers: Sequence[int]) -> bool:
        """Try some mails; whether the mail server was there."""
        tried = await self._attempts(numbers)
        if any(isinstance(one, NotReached) for one in tried):
            self._is_back_to_be_told = True
            return False
        if self._is_back_to_be_told and any(tried):
            self._is_back_to_be_told = False
            await self._hurry_unreached()
        return True

    async def _round(self, *, is_only: bool) -> float:
        try:
            if is_only and self._is_anything_left_behind:
                await self._release_claimed()
                self._is_anything_left_behind = False
            return POLL_S if await self.send_due() else UNREACHED_PAUSE_S
        except ModelsError as fault:
            log.warning("outbox_not_read", fault=str(fault))
        except Exception:
            log.exception("mail_round_failed")
        self._is_anything_left_behind = True
        return UNREACHED_PAUSE_S

    async def _attempts(self, numbers: Sequence[int]) -> list[Answer | None]:
        """Try some mails at once.

        When this process is told to end, what a mail server is just taking is brought to its end:
        nobody would know whether it was taken.
        """
        attempts = [asyncio.create_task(self._attempt(one)) for one in numbers]
        try:
            await asyncio.wait(attempts)
        except asyncio.CancelledError:
            _, late = await asyncio.wait(attempts, timeout=END_LIMIT_S)
            for attempt in late:
                attempt.cancel()
            await asyncio.gather(*attempts, return_exceptions=True)
            raise
        faults = [fault for one in attempts if (fault := one.exception()) is not None]
        for fault in faults:
            raise fault
        return [attempt.result() for attempt in attempts]

    async def _attempt(self, mail_number: int) -> Answer | None:
        mail = await self._claim(mail_number)
        if mail is None:
            return None
        if await self._marks.has(mail):
            answer: Answer = Taken(_TAKEN_BEFORE)
        else:
            answer = await self._send(mail)
        await self._note(mail, answer)
        return answer

    async def _send(self, mail: MailT) -> Answer:
        written = await self._write(mail)
        if isinstance(written, NotNow):
            return written
        sender, content = written
        return await hand_over(self._server, content, sender=sender, recipient=mail.recipient)

    async def _note(self, mail: MailT, answer: Answer) -> None:
        match answer:
            case Taken(status):
                await self._note_sent(mail, status)
            case NotNow(status, error):
                await self._try_again(mail, status, error, LONGEST_WAIT)
            case NotReached(error):
                await self._try_again(mail, NOT_REACHED, error, LONGEST_UNREACHED_WAIT)
            case Never(status, error):
                await self._bounce(mail, status, error)

    async def _note_sent(self, mail: MailT, status: int) -> None:
        await self._marks.put(mail)
        await self._mark_sent(mail, status)
        await self._marks.forget(mail)
        log.info("mail_sent", attempts=mail.attempts, **self._named(mail))
        await self._after_sent(mail)

    async def _try_again(self, mail: MailT, status: int, error: str, longest: timedelta) -> None:
        until = self._now() + wait_after(mail.attempts, longest)
        if until > mail.queued_at + GIVE_UP_AFTER and mail.attempts > len(WAITS):
            await self._bounce(mail, status, f"given up after {GIVE_UP_AFTER.days} days: {error}")
            return
        await self._mark_deferred(mail, until=until, status=status, error=error)
        log.warning("mail_deferred", until=until.isoformat(), fault=error, **self._named(mail))

    async def _bounce(self, mail: MailT, status: int, error: str) -> None:
        await self._mark_bounced(mail, status=status, error=error)
        log.error("mail_bounced", attempts=mail.attempts, fault=error, **self._named(mail))

    def _named(self, mail: MailT) -> dict[str, str]:
        return {self.tells_of: mail.about}


class _SentMarks:
    """Which mails the server has taken while the outbox does not know it yet; survives a crash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "sent"

    async def put(self, mail: Mail) -> None:
        try:
            await asyncio.to_thread(write_durably, self._path(mail), mail.mail_id.encode())
        except MessageFilesError as fault:
            log.warning("mail_not_marked_sent", about=mail.about, fault=str(fault))

    async def has(self, mail: Mail) -> bool:
        return await asyncio.to_thread(self._is_there, mail)

    async def forget(self, mail: Mail) -> None:
        with contextlib.suppress(OSError):  # a mark too many is of one Message-ID: it does no harm
            await asyncio.to_thread(self._path(mail).unlink, missing_ok=True)

    def _is_there(self, mail: Mail) -> bool:
        try:
            return self._path(mail).read_bytes() == mail.mail_id.encode()
        except OSError:
            return False

    def _path(self, mail: Mail) -> Path:
        return self._folder / f"{mail.about}.{mail.id}"


def wait_after(attempts: int, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long a mail waits after so many attempts, the one that has just failed included."""
    return min(longest, WAITS[attempts - 1] if attempts <= len(WAITS) else LONGEST_WAIT)


@contextlib.asynccontextmanager
async def only_sender(folder: Path) -> AsyncIterator[bool]:
    """Be the process that sends this home's mails, until the block or the process ends.

    Yields:
        Whether there is no other one; then what was being handed over is nobody's any more.
    """
    lock = None
    try:
        lock = await asyncio.to_thread(_locked, folder)
    except OSError as fault:
        log.warning("mail_sender_not_alone", fault=str(fault))
    with contextlib.closing(lock) if lock is not None else contextlib.nullcontext():
        yield lock is not None


def _locked(folder: Path) -> IO[bytes]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = (folder / "sender.lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def own_sender(server: MailServer, *, otherwise: str) -> str:
    """Who mails are from: as the operator set it, or our login, or an address of the tenant's."""
    of_login = server.username if "@" in server.username else ""
    return server.sender or of_login or otherwise
