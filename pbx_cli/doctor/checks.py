"""The doctor's questions, one per dependency, in the order in which one stands on another."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ari_client import AriClient, AriError, ResourceGone
from asterisk_conf import AsteriskError, AsteriskInstall, AsteriskProcess
from asterisk_conf.install import advice_on_prompts
from asterisk_conf.running import adopt
from models.config import parse_url
from models.database import SchemaState, schema_state
from models.errors import ModelsError
from models.seal import Seal
from pbx_cli.asterisk import ari_access, find_installed
from pbx_cli.doctor.findings import Finding, down, up, warning
from pbx_cli.doctor.mail import check_mail
from pbx_cli.doctor.trial_call import answers_options
from pbx_cli.home import is_open_to_others
from pbx_cli.machine import ANY, LOOPBACK
from pbx_cli.output import in_words
from pbx_cli.supervisor.node import node_settings
from stasis_apps.settings import Settings

FEWEST_FREE_BYTES: Final = 500 * 1024 * 1024
TCP_LIMIT_S: Final = 3.0
COMPLAINTS_SHOWN: Final = 2
SPOOL: Final = "journal.*"

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
    if not await asyncio.to_thread(path.exists):
        return warning(name, f"{path} is not there yet; it is made with the first password")
    try:
        await asyncio.to_thread(Seal, path)
    except ModelsError as fault:
        return down(name, str(fault))
    if await asyncio.to_thread(is_open_to_others, path):
        return warning(name, f"{path} can be read by others: chmod 600 {path}")
    return up(name, str(path))


async def check_asterisk_program(settings: Settings) -> Finding:
    """Is there an Asterisk, new and whole enough?"""
    name = "Asterisk"
    try:
        install = await asyncio.to_thread(find_installed, settings)
        await asyncio.to_thread(install.require_modules)
    except AsteriskError as problem:
        return down(name, str(problem))
    return up(name, f"{install.version}, all modules there")


async def check_prompts(settings: Settings) -> Finding:
    """Can Asterisk speak every language of ours?"""
    name = "spoken prompts"
    try:
        install = await asyncio.to_thread(find_installed, settings)
    except AsteriskError as problem:
        return warning(name, str(problem))
    advice = await asyncio.to_thread(advice_on_prompts, install, settings.asterisk_root)
    return up(name, "in every language") if advice is None else warning(name, advice)


async def check_asterisk_process(settings: Settings) -> Finding:
    """Does it run with the configuration of this home?"""
    name = "Asterisk process"
    try:
        node = node_settings(settings, await asyncio.to_thread(find_installed, settings))
        running = await asyncio.to_thread(adopt, node)
        if running is None:
            return down(name, "does not run; `pbx run` starts it")
        declined = await AsteriskProcess(node).declined_modules()
    except (AsteriskError, ModelsError) as problem:
        return down(name, str(problem))
    if declined:
        return warning(name, f"process {running.pid}; did not load: {', '.join(declined)}")
    return up(name, f"process {running.pid}, all modules loaded")


async def check_ari(settings: Settings) -> Finding:
    """Does Asterisk's REST interface answer to our password?"""
    name = "ARI"
    try:
        async with AriClient(ari_access(settings)) as ari:
            facts = await ari.asterisk.get_info()
            channels = len(await ari.channels.list())
    except (AriError, AsteriskError) as fault:
        return down(name, str(fault))
    version = facts.system.version if facts.system else "unknown"
    return up(name, f"{settings.ari_bind}, Asterisk {version}, {channels} channels")


async def check_application(settings: Settings) -> Finding:
    """Is the application connected, so that calls are decided?"""
    name = "application"
    try:
        async with AriClient(ari_access(settings)) as ari:
            await ari.applications.get(ari.settings.app)
    except ResourceGone:
        return down(name, "is not connected to Asterisk; `pbx run` starts it")
    except (AriError, AsteriskError) as fault:
        return down(name, str(fault))
    pid = await asyncio.to_thread(_read, settings.run_folder / "application.pid")
    if not (pid and pid.isdecimal() and await asyncio.to_thread(Path("/proc", pid).exists)):
        # Asterisk remembers the name of a dead one for as long as it holds its channels.
        return down(name, "has died; `pbx run` starts it")
    return up(name, f"connected, process {pid}")


async def check_sip_udp(settings: Settings) -> Finding:
    """Does somebody answer an OPTIONS request at the SIP port?"""
    server = sip_server(settings)
    if await answers_options(server):
        return up("SIP over UDP", f"{settings.sip_bind} answers")
    return down("SIP over UDP", f"{settings.sip_bind} does not answer")


async def check_sip_tcp(settings: Settings) -> Finding:
    """Can a phone connect to the SIP port?"""
    try:
        async with asyncio.timeout(TCP_LIMIT_S):
            _, writer = await asyncio.open_connection(*sip_server(settings))
    except (OSError, TimeoutError) as fault:
        words = str(fault) or "no answer"
        return down("SIP over TCP", f"{settings.sip_bind} does not answer: {words}")
    writer.close()
    await writer.wait_closed()
    return up("SIP over TCP", f"{settings.sip_bind} answers")


async def check_sounds(settings: Settings) -> Finding:
    """Can prompts be stored?"""
    name, folder = "sounds folder", settings.sound_folder
    there = folder if await asyncio.to_thread(folder.exists) else settings.home
    if not os.access(there, os.W_OK | os.X_OK):
        return down(name, f"{folder} cannot be written by this user")
    return up(name, str(folder))


async def check_privacy(settings: Settings) -> Finding:
    """Do home, database and recordings belong to this user's eyes alone?"""
    name = "privacy"
    open_places = await asyncio.to_thread(_open_places, settings)
    if open_places:
        listed = " ".join(str(place) for place in open_places)
        return warning(name, f"other users of this machine may read part of it: chmod go= {listed}")
    return up(name, "other users of this machine can read nothing of it")


async def check_disk(settings: Settings) -> Finding:
    """Is there room for recordings, logs and the database?"""
    name = "disk space"
    try:
        free = (await asyncio.to_thread(shutil.disk_usage, settings.home)).free
    except OSError as problem:
        return down(name, f"{settings.home}: {problem.strerror}")
    words = f"{free / 1024**3:.1f} GiB free in {settings.home}"
    return up(name, words) if free >= FEWEST_FREE_BYTES else warning(name, f"only {words}")


async def check_log(settings: Settings) -> Finding:
    """Has Asterisk complained since it was started?"""
    name = "Asterisk's log"
    try:
        install: AsteriskInstall = await asyncio.to_thread(find_installed, settings)
        node = node_settings(settings, install)
        found = [one for one in await AsteriskProcess(node).complaints() if one.level == "ERROR"]
    except (AsteriskError, ModelsError) as problem:
        return warning(name, str(problem))
    if not found:
        return up(name, "no errors since its start")
    latest = in_words([one.text for one in found[-COMPLAINTS_SHOWN:]])
    return warning(name, f"{len(found)} errors since its start in {node.log_file}: {latest}")


CHECKS: Final[Sequence[Check]] = (
    check_database,
    check_secret_key,
    check_asterisk_program,
    check_prompts,
    check_asterisk_process,
    check_ari,
    check_application,
    check_sip_udp,
    check_sip_tcp,
    check_sounds,
    check_mail,
    check_privacy,
    check_disk,
    check_log,
)


def sip_server(settings: Settings) -> tuple[str, int]:
    """Where this machine itself reaches the SIP port."""
    host = LOOPBACK if settings.sip_bind.host in ANY else settings.sip_bind.host
    return host, settings.sip_bind.port


def _open_places(settings: Settings) -> list[Path]:
    """What lies open; the key has a line of its own."""
    places = [settings.home, settings.sound_folder, settings.voicemail_folder]
    places += [*settings.home.glob(SPOOL)]
    with suppress(ModelsError):  # told by the check of the database
        file = parse_url(settings.database_url).sqlite_path
        places += [Path(file)] if file is not None else []
    return [place for place in places if is_open_to_others(place)]


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
