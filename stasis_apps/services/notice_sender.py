"""Sends the mails that tell administrators of what has happened."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import structlog

from models import notices
from models.notices import ClaimedNotice
from models.outbox import NOT_WRITTEN
from stasis_apps.services.notice_text import write_notice
from stasis_apps.services.postman import LEASE, Postman, own_sender
from stasis_apps.services.smtp import NotNow
from stasis_apps.settings import MailServer

log = structlog.get_logger(__name__)


class NoticeSender(Postman[ClaimedNotice]):
    """Sends the mails to administrators of all tenants."""

    tells_of = "notice"

    def __init__(
        self,
        server: MailServer,
        folder: Path,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Send by a mail server; what it has taken is marked in the folder."""
        super().__init__(server, folder, now)

    async def _due(self, *, limit: int) -> list[int]:
        return await notices.due(at=self._now(), limit=limit)

    async def _claim(self, mail_number: int) -> ClaimedNotice | None:
        return await notices.claim(mail_number, at=self._now(), lease=LEASE)

    async def _hurry_unreached(self) -> None:
        await notices.hurry_unreached(at=self._now())

    async def _release_claimed(self) -> None:
        """Nothing: another machine may have it in hand; what was ours comes back by its lease."""

    async def _write(self, mail: ClaimedNotice) -> tuple[str, bytes] | NotNow:
        sender = own_sender(self._server, otherwise=f"pbx@{mail.domain}")
        try:
            compose = partial(write_notice, sender=sender, now=self._now())
            return sender, await asyncio.to_thread(compose, mail)
        except Exception as fault:
            log.exception("mail_not_written", notice=mail.about)
            return NotNow(NOT_WRITTEN, f"the mail cannot be written: {fault}")

    async def _mark_sent(self, mail: ClaimedNotice, status: int) -> None:
        await notices.mark_sent(mail.id, at=self._now(), status=status)

    async def _mark_deferred(
        self, mail: ClaimedNotice, *, until: datetime, status: int, error: str
    ) -> None:
        await notices.mark_deferred(mail.id, until=until, status=status, error=error)

    async def _mark_bounced(self, mail: ClaimedNotice, *, status: int, error: str) -> None:
        await notices.mark_bounced(mail.id, at=self._now(), status=status, error=error)
