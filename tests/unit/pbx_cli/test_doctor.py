"""What the doctor says of a key, of passwords that lie open, of certificates and of silence."""

import asyncio
import re
import ssl
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import PIPE, Popen

import pytest
from aiohttp import web
from cryptography.fernet import Fernet

from ari_client import AriError
from asterisk_conf import certificate
from asterisk_conf.node import certificate_place
from pbx_cli.commands.doctor import lines_of
from pbx_cli.doctor.asterisk import check_ami, check_ari, check_doors, check_process
from pbx_cli.doctor.checks import check_secret_key, check_sip_tcp
from pbx_cli.doctor.findings import Finding, Health
from pbx_cli.doctor.privacy import check_privacy
from pbx_cli.doctor.silence import why_silent
from pbx_cli.doctor.tls import check_tls, finding_of_refused
from pbx_cli.doctor.watching import check_watching
from stasis_apps.settings import Settings, read_settings
from tests.support.certificates import Authority, TlsPair
from tests.support.ports import PortBlock, small_block
from tests.unit.pbx_cli.shell import Shell

WIDTH = 100


@pytest.fixture
def ports() -> Iterator[PortBlock]:
    """Ports that nobody else uses."""
    with small_block() as block:
        yield block


@pytest.fixture
def pair(tmp_path: Path) -> TlsPair:
    """A certificate as an operator lays it down."""
    return Authority(tmp_path).pair()


def settings_of(shell: Shell, **more: str) -> Settings:
    given = {name: value for name, value in shell.environment.items() if value is not None}
    return read_settings(given | more)


def key_of(shell: Shell) -> tuple[Health, str]:
    found = asyncio.run(check_secret_key(settings_of(shell)))
    return found.health, found.words


@contextmanager
def living(*arguments: str) -> Iterator[int]:
    """A process that lives as long as the block, with these words in its command line."""
    command = [sys.executable, "-c", "input()", *arguments]
    with Popen(command, stdin=PIPE, stderr=PIPE) as process:
        yield process.pid


def test_a_home_without_passwords_gets_its_key_with_the_first(shell: Shell) -> None:
    health, words = key_of(shell)

    assert health is Health.WARNING
    assert "it is made with the first password" in words


def test_the_doctor_tries_the_key_on_a_password_of_the_database(acme: Shell) -> None:
    key_file = acme.home / "secret.key"
    right = key_file.read_bytes()
    assert key_of(acme) == (Health.UP, str(key_file))

    key_file.write_bytes(Fernet.generate_key())
    health, words = key_of(acme)
    assert health is Health.DOWN
    assert "does not open the passwords of this database" in words

    key_file.unlink()
    health, words = key_of(acme)
    assert health is Health.DOWN
    assert "is missing" in words
    assert "put it back" in words

    key_file.write_bytes(right)
    key_file.chmod(0o600)
    assert key_of(acme)[0] is Health.UP


def privacy_of(settings: Settings) -> Finding:
    return asyncio.run(check_privacy(settings))


@pytest.mark.parametrize(
    "line",
    [
        "PBX_SMTP_URL=smtp://pbx:sesame@mail.test",
        "PBX_DATABASE_URL=postgres://pbx:sesame@db.test/pbx",
    ],
)
def test_a_settings_file_with_a_password_is_for_the_group_at_most(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    file = tmp_path / "pbx.env"
    file.write_text(f"PBX_HOME={shell.home}\n{line}\n")
    (shell.home / "pbx.sqlite3").chmod(0o600)
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(file))

    file.chmod(0o644)
    found = privacy_of(settings_of(shell))
    assert found.health is Health.WARNING
    assert f"chmod o= {file}" in found.words  # the group pbx of a service still reads it

    file.chmod(0o640)
    assert privacy_of(settings_of(shell)).health is Health.UP


def test_a_settings_file_without_a_password_may_be_read(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "pbx.env"
    file.write_text(f"PBX_HOME={shell.home}\nPBX_SMTP_URL=smtp://mail.test\n")
    (shell.home / "pbx.sqlite3").chmod(0o600)
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(file))

    file.chmod(0o644)
    assert privacy_of(settings_of(shell)).health is Health.UP


def test_a_key_of_tls_that_everybody_may_read_worries_the_doctor(
    shell: Shell, pair: TlsPair
) -> None:
    (shell.home / "pbx.sqlite3").chmod(0o600)
    settings = settings_of(shell, **pair.settings)

    pair.key_file.chmod(0o644)
    assert f"chmod o= {pair.key_file}" in privacy_of(settings).words

    pair.key_file.chmod(0o640)
    assert privacy_of(settings).health is Health.UP


async def test_a_renewal_that_is_refused_leaves_phones_with_the_old_certificate(
    shell: Shell, pair: TlsPair, ports: PortBlock
) -> None:
    port = ports.one()
    settings = settings_of(shell, **pair.settings, PBX_TLS_BIND=f"127.0.0.1:{port}")
    assert settings.tls is not None
    place = certificate_place(shell.home)
    place.parent.mkdir()
    certificate.lay(settings.tls, place)
    shown = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shown.load_cert_chain(place)
    listening = await asyncio.start_server(lambda _, out: out.close(), "127.0.0.1", port, ssl=shown)
    async with listening:
        assert (await check_tls(settings)).health is Health.UP
        pair.key_file.write_text("half a key")
        found = await check_tls(settings)
    in_use = certificate.in_use(place)

    assert in_use is not None
    assert found.health is Health.WARNING
    assert found.words.startswith("new files refused: PBX_TLS_KEY_FILE=")
    assert f"shown until {in_use.ends_at:%Y-%m-%d %H:%M}Z: pbx.test" in found.words
    too_late = finding_of_refused("no", in_use, datetime.now(UTC) + timedelta(days=91))
    assert too_late.health is Health.DOWN


@pytest.mark.parametrize(
    ("given", "health"),
    [
        ({}, Health.UP),
        ({"PBX_ASTERISK_HOST": "asterisk"}, Health.UP),
        ({"PBX_AMI_BIND": "10.213.8.11:5038", "PBX_ASTERISK_HOST": "asterisk"}, Health.WARNING),
        ({"PBX_ARI_BIND": "0.0.0.0:8088", "PBX_ASTERISK_HOST": "asterisk"}, Health.WARNING),
        ({"PBX_ARI_BIND": "203.0.113.8:8088", "PBX_ASTERISK_HOST": "asterisk"}, Health.WARNING),
        ({"PBX_ASTERISK_HOST": ""}, Health.WARNING),
    ],
)
def test_doors_at_one_private_address_of_an_asterisk_elsewhere_are_well(
    shell: Shell, given: dict[str, str], health: Health
) -> None:
    inside = {
        name: f"10.213.8.10:{port}"
        for name, port in (("PBX_ARI_BIND", 8088), ("PBX_AMI_BIND", 5038))
    }
    settings = settings_of(shell, **(inside | given if given else {}))

    assert asyncio.run(check_doors(settings)).health is health


def test_silence_is_told_in_a_few_words(shell: Shell, ports: PortBlock) -> None:
    ari, ami = (f"127.0.0.1:{ports.one()}" for _ in range(2))
    folder = shell.home / "asterisk"
    folder.mkdir()
    for name in ("ari.secret", "ami.secret"):
        (folder / name).write_text("sesame\n")
    sip = f"127.0.0.1:{ports.one()}"
    settings = settings_of(shell, PBX_ARI_BIND=ari, PBX_AMI_BIND=ami, PBX_SIP_BIND=sip)

    assert asyncio.run(check_ari(settings)).words == f"{ari} refuses connections"
    lamps = asyncio.run(check_ami(settings)).words
    assert lamps.startswith("lamps of phones are not lit, and nobody can be told how phones")
    assert lamps.endswith(f": {ami} refuses connections")
    assert asyncio.run(check_sip_tcp(settings)).words == f"{sip} refuses connections"
    assert why_silent(AriError("another fault"), ari) == "another fault"


@pytest.mark.parametrize(
    ("answer", "health", "words"),
    [
        (b'{"node": "pbx-0a0a0a"}', Health.UP, "calls are taken"),
        (b'{"node": "pbx-0b0b0b"}', Health.WARNING, "another exchange answers there (pbx-0b0b0b;"),
        (b"<html>", Health.WARNING, "another program answers there"),
    ],
)
async def test_another_exchange_at_the_port_for_health_is_not_taken_for_this_one(
    shell: Shell, ports: PortBlock, answer: bytes, health: Health, words: str
) -> None:
    (shell.home / "asterisk").mkdir()
    (shell.home / "asterisk" / "node.name").write_text("pbx-0a0a0a\n")
    settings = settings_of(shell, PBX_HEALTH_BIND=f"127.0.0.1:{ports.one()}")

    async def answered(_request: web.Request) -> web.Response:
        return web.Response(body=answer, content_type="application/json")

    there = web.Application()
    there.router.add_get("/readyz", answered)
    runner = web.AppRunner(there)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", settings.health_bind.port).start()
        found = await check_watching(settings)
    finally:
        await runner.cleanup()

    assert found.health is health
    assert words in found.words


def test_who_starts_an_asterisk_that_does_not_run_is_told(shell: Shell) -> None:
    root = shell.home / "no-asterisk"
    (root / "usr/sbin").mkdir(parents=True)
    with living() as application:
        (shell.home / "run").mkdir()
        (shell.home / "run" / "application.pid").write_text(f"{application}\n")
        apart = asyncio.run(check_process(settings_of(shell, PBX_ASTERISK_ROOT=an_asterisk(root))))
    together = asyncio.run(check_process(settings_of(shell)))

    assert apart.words == "does not run; `pbx asterisk run` starts it"
    assert together.words == "does not run; `pbx run` starts it"


def an_asterisk(root: Path) -> str:
    """What looks like a fetched Asterisk, as far as it is looked at."""
    modules = root / "usr/lib/x86_64-linux-gnu/asterisk/modules"
    modules.mkdir(parents=True)
    (root / "usr/sbin/asterisk").touch()
    loader = modules.parent.parent / "ld-linux-x86-64.so.2"
    loader.write_text("#!/bin/sh\necho Asterisk 22.10.1\n")
    loader.chmod(0o755)
    return str(root)


def test_a_long_finding_is_laid_out_on_a_screen_of_100_columns() -> None:
    folder = f"/{'a' * WIDTH}"

    lines = lines_of(f"started before\n{folder} was changed: {'word ' * 40}")

    assert folder in lines  # can be copied
    assert max(len(line) for line in lines if line != folder) <= WIDTH - 18 - 9
    assert lines_of("") == [""]


def test_a_certificate_that_is_no_good_is_refused_before_a_file_is_changed(
    shell: Shell, pair: TlsPair
) -> None:
    pair.key_file.write_text("half a key")
    broken = Shell(shell.home, {**shell.environment, **pair.settings})
    shell.done("asterisk", "config")
    before = files_of(shell.home)

    ran = broken("asterisk", "config", "--data", "/opt/asterisk", "--json")

    assert ran.code == 2
    assert "PBX_TLS_KEY_FILE" in ran.refusal["error"]
    assert files_of(shell.home) == before


def files_of(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize("option", ["--data", "--modules"])
@pytest.mark.parametrize("path", ["share/asterisk", "../asterisk", "~/asterisk"])
def test_a_folder_over_there_is_named_from_its_root(shell: Shell, option: str, path: str) -> None:
    ran = shell("asterisk", "config", option, path, "--json")

    assert ran.code == 2
    assert "must be a path from / on" in ran.refusal["error"]
    assert not (shell.home / "asterisk").exists()


def test_who_configures_a_running_asterisk_is_told_when_that_counts(shell: Shell) -> None:
    main_file = Path(shell.done("asterisk", "config")["main_file"])
    moved = Shell(shell.home, {**shell.environment, "PBX_RTP_PORTS": "20000-20099"})
    with living("-C", str(main_file)) as pid:
        (shell.home / "asterisk" / "run" / "started.pid").write_text(f"{pid}\n")
        changed = moved("asterisk", "config")
        same = moved("asterisk", "config")
        second = shell("asterisk", "run")

    assert "(1 file changed)" in changed.out
    assert f"runs now (process {pid})" in changed.err
    assert same.err == ""
    assert second.code == 4
    assert f"runs already (process {pid})" in second.err  # and none was looked for


def test_nobody_ends_an_asterisk_that_does_not_run(shell: Shell) -> None:
    ran = shell("asterisk", "restart", "--json")

    assert ran.code == 6
    assert ran.refusal["error"] == "Asterisk does not run"


@pytest.mark.parametrize("wait", ["ten", "-1", "nan", "inf"])
def test_a_time_to_wait_is_a_number_of_seconds(shell: Shell, wait: str) -> None:
    ran = shell("migrate", "--wait", wait, "--json")

    assert ran.code == 2
    assert "must be seconds from 0 to 86400" in ran.refusal["error"]


def test_every_command_is_told_in_one_line(shell: Shell) -> None:
    for group in ((), ("asterisk",)):
        lines = shell(*group, "--help").out.partition("Commands:\n")[2].splitlines()
        assert len(lines) > 2
        assert [line for line in lines if not re.fullmatch(r"  \w+ +\S.*[^.]\.", line)] == []
