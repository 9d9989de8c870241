"""The doctor's questions, one per dependency, in the order in which one stands on another."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final

from models.config import parse_url
from models.database import SchemaState, schema_state
from models.errors import DatabaseError, ModelsError
from models.seal import Seal
from models.seal_check import KeyState, key_state
from pbx_cli.doctor import asterisk
from pbx_cli.doctor.carriers import check_carriers
from pbx_cli.doctor.findings import Finding, down, up, warning
from pbx_cli.doctor.mail import check_mail
from pbx_cli.doctor.privacy import check_privacy
from pbx_cli.doctor.silence import why_silent
from pbx_cli.doctor.tls import check_tls
from pbx_cli.doctor.trial_call import answers_options
from pbx_cli.doctor.trunks import check_trunks
from pbx_cli.doctor.watching import check_watching
from pbx_cli.home import is_open_to_others
from pbx_cli.machine import ANY, LOOPBACK
from stasis_apps.settings import Settings

FEWEST_FREE_BYTES: Final = 500 * 1024 * 1024
TCP_LIMIT_S: Final = 3.0

Check = Callable[[Settings], Awaitable[Finding]]


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Ask all questions, one after the other."""
    for check in CHECKS:
        yield await check(settings)


async def check_database(settings: Settings) -> Finding:
    """Does it answer, and are its tables those of this program?"""
    name = "database"
    try:
        shown = parse_url(settings.database_url).shown
        state = await schema_state(settings.database_url)
    except ModelsError as fault:
        return down(name, str(fault))
    match state:
        case SchemaState.CURRENT:
            return up(name, f"{shown}, its tables are current")
        case SchemaState.BEHIND:
            return down(name, f"{shown}: its tables are missing or old; any command mends that")
        case SchemaState.NEWER:
            return down(name, f"{shown} was written by a newer version of this program")


async def check_secret_key(settings: Settings) -> Finding:
    """Is there a key that opens the stored passwords?"""
    name, path = "secret key", settings.secret_key_file
    try:
        state = await key_state(settings.database_url, path)
    except DatabaseError:  # told by the check of the database
        state = KeyState.NOTHING_SEALED
    if state is KeyState.MISSING:
        return down(name, f"{path} is missing, and passwords are sealed with it: put it back")
    if not await asyncio.to_thread(path.exists):
        return warning(name, f"{path} is not there yet; it is made with the first password")
    try:
        await asyncio.to_thread(Seal, path)
    except ModelsError as fault:
        return down(name, str(fault))
    if state is KeyState.OTHER:
        words = f"{path} does not open the passwords of this database: put the right one back"
        return down(name, words)
    if await asyncio.to_thread(is_open_to_others, path):
        return warning(name, f"{path} can be read by others: chmod 600 {path}")
    return up(name, str(path))


async def check_sip_udp(settings: Settings) -> Finding:
    """Does somebody answer an OPTIONS request at the SIP port?"""
    where = settings.reached_at(settings.sip_bind)
    try:
        answers = await answers_options(sip_server(settings))
    except OSError as fault:
        return down("SIP over UDP", f"{where} cannot be reached: {fault}")
    if answers:
        return up("SIP over UDP", f"{where} answers")
    return down("SIP over UDP", f"{where} does not answer")


async def check_sip_tcp(settings: Settings) -> Finding:
    """Can a phone connect to the SIP port?"""
    where = settings.reached_at(settings.sip_bind)
    try:
        async with asyncio.timeout(TCP_LIMIT_S):
            _, writer = await asyncio.open_connection(*sip_server(settings))
    except (OSError, TimeoutError) as fault:
        return down("SIP over TCP", why_silent(fault, str(where)))
    writer.close()
    await writer.wait_closed()
    return up("SIP over TCP", f"{where} answers")


async def check_sounds(settings: Settings) -> Finding:
    """Can prompts be stored?"""
    name, folder = "sounds folder", settings.sound_folder
    there = folder if await asyncio.to_thread(folder.exists) else settings.home
    if not os.access(there, os.W_OK | os.X_OK):
        return down(name, f"{folder} cannot be written by this user")
    return up(name, str(folder))


async def check_disk(settings: Settings) -> Finding:
    """Is there room for recordings, logs and the database?"""
    name = "disk space"
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, settings.home)).free
    except OSError as problem:
        return down(name, f"{settings.home}: {problem.strerror}")
    words = f"{free / 1024**3:.1f} GiB free in {settings.home}"
    return up(name, words) if free >= FEWEST_FREE_BYTES else warning(name, f"only {words}")


CHECKS: Final[Sequence[Check]] = (
    check_database,
    check_secret_key,
    asterisk.check_program,
    asterisk.check_prompts,
    asterisk.check_process,
    asterisk.check_ari,
    asterisk.check_ami,
    asterisk.check_doors,
    asterisk.check_application,
    check_sip_udp,
    check_sip_tcp,
    check_tls,
    check_carriers,
    check_trunks,
    check_sounds,
    check_mail,
    check_watching,
    check_privacy,
    check_disk,
    asterisk.check_log,
)


def sip_server(settings: Settings) -> tuple[str, int]:
    """Where this machine itself reaches the SIP port."""
    server = settings.reached_at(settings.sip_bind)
    return LOOPBACK if server.host in ANY else server.host, server.port
