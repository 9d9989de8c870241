"""Sends the mails that carry messages: with their sound, or a link to it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

import structlog

from models import mail_outbox, voicemail
from models.delivery import CARRY_THE_SOUND, MailFormat
from models.mail_outbox import NOT_WRITTEN, ClaimedMail
from models.message_files import MessageFilesError, MessageFolder
from stasis_apps.services.links import LINK_LIFE, Links
from stasis_apps.services.mail_text import AttachedSound, Link, write_mail
from stasis_apps.services.message_sound import SoundBroken, as_mp3
from stasis_apps.services.postman import LEASE, Postman, own_sender
from stasis_apps.services.smtp import NotNow
from stasis_apps.settings import MailServer

log = structlog.get_logger(__name__)


class MailSender(Postman[ClaimedMail]):
    """Sends the mails of one home's messages."""

    tells_of = "message"

    def __init__(
        self,
        server: MailServer,
        files: MessageFolder,
        links: Links,
        *,
        has_gone: Callable[[int, str], None] = lambda _tenant_id, _box: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Send by a mail server.

        Args:
            server: Which.
            files: Where sounds lie.
            links: Makes links to them.
            has_gone: Told the tenant's id and the box when a message has left its mailbox because
                its mails are sent: the lamp may go out.
            now: What time it is.
        """
        super().__init__(server, files.folder, now)
        self._files = files
        self._links = links
        self._has_gone = has_gone

    async def _due(self, *, limit: int) -> list[int]:
        home = await self._files.home_id()
        return await mail_outbox.due(home=home, at=self._now(), limit=limit)

    async def _claim(self, mail_number: int) -> ClaimedMail | None:
        return await mail_outbox.claim(mail_number, at=self._now(), lease=LEASE)

    async def _hurry_unreached(self) -> None:
        await mail_outbox.hurry_unreached(home=await self._files.home_id(), at=self._now())

    async def _release_claimed(self) -> None:
        await mail_outbox.release_claimed(home=await self._files.home_id(), at=self._now())

    async def _write(self, mail: ClaimedMail) -> tuple[str, bytes] | NotNow:
        sender = own_sender(self._server, otherwise=f"voicemail@{mail.domain}")
        try:
            sound, link = await self._sound_of(mail)
            compose = partial(write_mail, sender=sender, now=self._now(), sound=sound, link=link)
            return sender, await asyncio.to_thread(compose, mail)
        except MessageFilesError as fault:
            log.error("mail_without_sound", message=mail.message_id, fault=str(fault))  # noqa: TRY400 - the operator needs the fault, not our stack
            return NotNow(NOT_WRITTEN, str(fault))
        except Exception as fault:
            log.exception("mail_not_written", message=mail.message_id)
            return NotNow(NOT_WRITTEN, f"the mail cannot be written: {fault}")

    async def _sound_of(self, mail: ClaimedMail) -> tuple[AttachedSound | None, Link | None]:
        if mail.format is MailFormat.LINK:
            now = self._now()
            url = self._links.url(mail.tenant_id, mail.message_id, now=now)
            return None, Link(url, now + LINK_LIFE)
        if mail.format not in CARRY_THE_SOUND:
            return None, None
        wav = await self._files.read(mail.tenant_id, mail.message_id)
        if mail.format is MailFormat.MP3:
            try:
                return AttachedSound(await asyncio.to_thread(as_mp3, wav), "mp3"), None
            except SoundBroken as fault:
                log.warning("mail_not_in_mp3", message=mail.message_id, fault=str(fault))
        return AttachedSound(wav, "wav"), None

    async def _mark_sent(self, mail: ClaimedMail, status: int) -> None:
        if await mail_outbox.mark_sent(mail.id, at=self._now(), status=status):
            self._has_gone(mail.tenant_id, mail.box)

    async def _after_sent(self, mail: ClaimedMail) -> None:
        try:
            await voicemail.clear_away(self._files, message_id=mail.message_id)
        except MessageFilesError as fault:
            log.warning("sound_not_cleared_away", fault=str(fault))

    async def _mark_deferred(
        self, mail: ClaimedMail, *, until: datetime, status: int, error: str
    ) -> None:
        await mail_outbox.mark_deferred(mail.id, until=until, status=status, error=error)

    async def _mark_bounced(self, mail: ClaimedMail, *, status: int, error: str) -> None:
        await mail_outbox.mark_bounced(mail.id, at=self._now(), status=status, error=error)
        with contextlib.suppress(MessageFilesError):  # looked at again by the message keeper
            await voicemail.clear_away(self._files, message_id=mail.message_id)
