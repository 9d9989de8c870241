"""The doctor's questions about Asterisk, which runs on this machine or elsewhere."""

from __future__ import annotations

import asyncio
import ipaddress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ari_client import AriClient, AriError, ResourceGone
from asterisk_conf import AsteriskError, AsteriskInstall, AsteriskMissing, AsteriskProcess
from asterisk_conf.fetch import PROMPTS
from asterisk_conf.install import OLDEST_VERSION, advice_on_prompts, is_new_enough
from asterisk_conf.running import adopt
from models.errors import ModelsError
from pbx_cli.asterisk import ari_access, find_installed, home_node
from pbx_cli.doctor.findings import Finding, down, up, warning
from pbx_cli.doctor.silence import why_silent
from pbx_cli.output import counted, in_words
from stasis_apps.services.ami import AmiError, ami_settings, connected
from stasis_apps.settings import Address, Settings

COMPLAINTS_SHOWN: Final = 2
A_PROMPT: Final = "vm-intro"
"""Every language that Asterisk speaks has it."""

PRIVATE: Final = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"))
)
"""RFC 1918 and 4193."""


async def check_program(settings: Settings) -> Finding:
    """Is there an Asterisk, new and whole enough?"""
    name = "Asterisk"
    try:
        install = await _installed(settings)
        if install is None:
            return await _found_elsewhere(name, settings)
        await asyncio.to_thread(install.require_modules)
    except (AsteriskError, AriError) as problem:
        return down(name, _words(problem, settings))
    return up(name, f"{install.version}, all modules there")


async def check_prompts(settings: Settings) -> Finding:
    """Can Asterisk speak every language of ours?"""
    name = "spoken prompts"
    try:
        install = await _installed(settings)
        if install is not None:
            advice = await asyncio.to_thread(advice_on_prompts, install, settings.asterisk_root)
        else:
            advice = await _advice_on_prompts_elsewhere(settings)
    except (AsteriskError, AriError) as problem:
        return warning(name, _words(problem, settings))
    return up(name, "in every language") if advice is None else warning(name, advice)


async def check_process(settings: Settings) -> Finding:
    """Does it run with the configuration of this home?"""
    name = "Asterisk process"
    try:
        which = await _which_process(settings)
        node = home_node(settings)
        declined = await AsteriskProcess(node).declined_modules()
        is_outdated = await _was_started_before(settings, node.etc)
        has_log = await asyncio.to_thread(node.log_file.exists)
    except (AsteriskError, ModelsError, AriError) as problem:
        return down(name, _words(problem, settings))
    if declined:
        return warning(name, f"{which}; did not load: {', '.join(declined)}")
    if is_outdated:
        return warning(name, f"{which}; started before {node.etc} was changed: start it again")
    return up(name, f"{which}, all modules loaded" if has_log else which)


async def check_ari(settings: Settings) -> Finding:
    """Does Asterisk's REST interface answer to our password?"""
    name = "ARI"
    try:
        async with AriClient(ari_access(settings)) as ari:
            facts = await ari.asterisk.get_info()
            channels = len(await ari.channels.list())
    except (AriError, AsteriskError) as fault:
        return down(name, _words(fault, settings))
    version = facts.system.version if facts.system else "unknown"
    where = settings.reached_at(settings.ari_bind)
    return up(name, f"{where}, Asterisk {version}, {channels} channels")


async def check_ami(settings: Settings) -> Finding:
    """Does Asterisk's manager interface answer, by which lamps are lit and phones are asked for?"""
    name = "AMI"
    where = "AMI"
    try:
        access = await asyncio.to_thread(ami_settings, settings)
        where = str(Address(access.host, access.port))
        async with connected(access):
            return up(name, f"{where} answers")
    except AmiError as fault:
        return warning(
            name,
            "lamps of phones are not lit, and nobody can be told how phones and trunks are: "
            f"{why_silent(fault, where)}",
        )


async def check_doors(settings: Settings) -> Finding:
    """Is Asterisk opened to more than this machine?"""
    name = "Asterisk's doors"
    binds = {"PBX_ARI_BIND": settings.ari_bind, "PBX_AMI_BIND": settings.ami_bind}
    opened = [f"{one}={bind}" for one, bind in binds.items() if bind and not _is_own(bind.host)]
    if not opened:
        return up(name, "ARI and AMI listen on loopback alone")
    if settings.asterisk_host and (inside := _one_private_host(settings)):
        return up(name, f"ARI and AMI listen at {inside} alone, inside a private network")
    return warning(
        name,
        f"{in_words(opened)} listen to other machines: let nothing but the application reach them, "
        "by a private network or a firewall",
    )


async def check_application(settings: Settings) -> Finding:
    """Is the application connected, so that calls are decided?"""
    name = "application"
    try:
        async with AriClient(ari_access(settings)) as ari:
            await ari.applications.get(ari.settings.app)
    except ResourceGone:
        return down(name, f"is not connected to Asterisk; {_starts_the_application(settings)}")
    except (AriError, AsteriskError) as fault:
        return down(name, _words(fault, settings))
    pid = await asyncio.to_thread(_application_pid, settings)
    if pid is None:
        # Asterisk remembers the name of a dead one for as long as it holds its channels.
        return down(name, f"has died; {_starts_the_application(settings)}")
    return up(name, f"connected, process {pid}")


async def check_log(settings: Settings) -> Finding:
    """Has Asterisk complained since it was started?"""
    name = "Asterisk's log"
    try:
        node = home_node(settings)
        if settings.asterisk_host and not await asyncio.to_thread(node.log_file.exists):
            return up(name, "lies where Asterisk runs; look at it there")
        found = [one for one in await AsteriskProcess(node).complaints() if one.level == "ERROR"]
    except (AsteriskError, ModelsError) as problem:
        return warning(name, str(problem))
    if not found:
        return up(name, "no errors since its start")
    latest = in_words([one.text for one in found[-COMPLAINTS_SHOWN:]])
    return warning(
        name, f"{counted(len(found), 'error')} since its start in {node.log_file}: {latest}"
    )


async def _installed(settings: Settings) -> AsteriskInstall | None:
    """The Asterisk of this machine; None for one elsewhere.

    Raises:
        AsteriskMissing: There is none, neither here nor there.
    """
    if settings.asterisk_host:
        return None
    try:
        return await asyncio.to_thread(find_installed, settings)
    except AsteriskMissing:
        try:
            async with AriClient(ari_access(settings)) as ari:
                await ari.asterisk.ping()
        except (AriError, AsteriskError):
            pass
        else:
            return None
        raise


async def _found_elsewhere(name: str, settings: Settings) -> Finding:
    async with AriClient(ari_access(settings)) as ari:
        system = (await ari.asterisk.get_info()).system
    version = system.version if system else "unknown"
    if not is_new_enough(version):
        oldest = ".".join(map(str, OLDEST_VERSION))
        return down(name, f"the one elsewhere is {version}: too old, {oldest} is needed")
    return up(name, f"{version}, elsewhere")


async def _advice_on_prompts_elsewhere(settings: Settings) -> str | None:
    async with AriClient(ari_access(settings)) as ari:
        try:
            prompt = await ari.sounds.get(A_PROMPT)
        except ResourceGone:
            return "the Asterisk elsewhere has no prompts: callers hear nothing where it speaks"
    missing = PROMPTS.keys() - {one.language for one in prompt.formats}
    if not missing:
        return None
    listed = ", ".join(sorted(missing))
    return f"the Asterisk elsewhere has no prompts in {listed}: callers hear English instead"


async def _which_process(settings: Settings) -> str:
    """Say which process it is.

    Raises:
        AsteriskError: It does not run.
        AriError: It is elsewhere, and does not answer.
    """
    running = await asyncio.to_thread(adopt, home_node(settings))
    if running is not None:
        return f"process {running.pid}"
    if await _installed(settings) is not None:
        is_apart = await asyncio.to_thread(_application_pid, settings) is not None
        starter = "`pbx asterisk run`" if is_apart else "`pbx run`"
        raise AsteriskError(f"does not run; {starter} starts it")
    started_at = await _started_at(settings)
    return f"elsewhere, up since {started_at:%Y-%m-%d %H:%M:%S}Z"


async def _was_started_before(settings: Settings, folder: Path) -> bool:
    """Whether it runs with other files than those that are there now."""
    changed_at = await asyncio.to_thread(_changed_at, folder)
    return await _started_at(settings) < changed_at


async def _started_at(settings: Settings) -> datetime:
    async with AriClient(ari_access(settings)) as ari:
        status = (await ari.asterisk.get_info()).status
    started_at = status.startup_time if status else None
    return (started_at or datetime.now(UTC)).astimezone(UTC)


def _changed_at(folder: Path) -> datetime:
    latest = max((path.stat().st_mtime for path in folder.glob("*.conf")), default=0.0)
    return datetime.fromtimestamp(latest, UTC)


def _is_own(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def _one_private_host(settings: Settings) -> str:
    """The one address, private and of one network card, at which both doors are; empty for none."""
    hosts = {bind.host for bind in (settings.ari_bind, settings.ami_bind) if bind}
    host = ipaddress.ip_address(hosts.pop()) if len(hosts) == 1 else None
    is_private = host and any(host in one for one in PRIVATE if one.version == host.version)
    return str(host) if is_private else ""


def _words(fault: Exception, settings: Settings) -> str:
    return why_silent(fault, str(settings.reached_at(settings.ari_bind)))


def _starts_the_application(settings: Settings) -> str:
    command = "pbx run --no-asterisk" if settings.asterisk_host else "pbx run"
    return f"`{command}` starts it"


def _application_pid(settings: Settings) -> str | None:
    """The process of the application; None when it does not live."""
    pid = _read(settings.run_folder / "application.pid")
    return pid if pid.isdecimal() and Path("/proc", pid).exists() else None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except OSError:
        return ""
