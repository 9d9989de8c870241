"""The doctor's question about mail: is there a way out, and has anything come back?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from models import mail_outbox, notices
from models.database import open_database
from models.delivery import DeliveryState
from models.errors import ModelsError
from pbx_cli.doctor.findings import Finding, up, warning
from stasis_apps.settings import MailServer, Settings

NAME: Final = "mail"
CONNECT_LIMIT_S: Final = 3.0
NOT_SET: Final = "PBX_SMTP_URL is not set: mails wait in the outbox"
DEAD_LETTERS: Final = "pbx voicemail list --state bounced"
DEAD_NOTICES: Final = "pbx tenant events TENANT"
WAITING: Final = (DeliveryState.QUEUED, DeliveryState.DEFERRED)


async def check_mail(settings: Settings) -> Finding:
    """Can mail be handed over, and are there dead letters? Calls go on without it."""
    try:
        async with open_database(settings.database_url):
            many = {state: await mail_outbox.count_mails(state=state) for state in DeliveryState}
            told = {state: await notices.count_mails(state=state) for state in DeliveryState}
    except ModelsError as fault:
        return warning(NAME, f"the outbox cannot be read: {fault}")
    waiting = sum(mails[state] for mails in (many, told) for state in WAITING)
    dead = [
        f"{mails[DeliveryState.BOUNCED]} came back: {where}"
        for mails, where in ((many, DEAD_LETTERS), (told, DEAD_NOTICES))
        if mails[DeliveryState.BOUNCED]
    ]
    return await _finding(settings.mail_server, waiting=waiting, dead=dead)


async def _finding(server: MailServer | None, *, waiting: int, dead: Sequence[str]) -> Finding:
    told = ", ".join([f"{waiting} waiting", *dead])
    if server is None:
        words = f"{NOT_SET}; {told}"
        return warning(NAME, words) if waiting or dead else up(NAME, words)
    if not await _answers(server):
        return warning(NAME, f"{server.shown} cannot be reached; {told}")
    words = f"{server.shown} answers; {told}"
    return warning(NAME, words) if dead else up(NAME, words)


async def _answers(server: MailServer) -> bool:
    try:
        async with asyncio.timeout(CONNECT_LIMIT_S):
            _, writer = await asyncio.open_connection(server.host, server.port)
    except OSError:
        return False
    writer.close()
    return True
