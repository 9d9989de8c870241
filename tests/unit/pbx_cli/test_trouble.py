"""What operators read, and which exit code scripts get, when the machine is not as it should be."""

import json
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from asterisk_conf.modules import EVERY
from pbx_cli.home import only_supervisor
from tests.support.operator import Outcome, run_pbx
from tests.support.ports import PortBlock, small_block
from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.test_sounds import a_tone

TENANT = ("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")
LOADER = "#!/bin/sh\necho Asterisk 22.10.1\n"
LIBRARIES = "usr/lib/x86_64-linux-gnu"


@pytest.fixture
def ports() -> Iterator[PortBlock]:
    """Ports that nobody else uses."""
    with small_block() as block:
        yield block


@pytest.fixture
def environment(shell: Shell, ports: PortBlock) -> dict[str, str]:
    """The settings of a home in which `pbx run` would come far."""
    given = {name: value for name, value in shell.environment.items() if value is not None}
    addresses = {
        name: f"127.0.0.1:{ports.one()}"
        for name in ("PBX_SIP_BIND", "PBX_ARI_BIND", "PBX_HTTP_BIND")
    }
    return {"PATH": "/usr/bin:/bin", **given, **addresses}


def run(environment: dict[str, str], *options: str) -> Outcome:
    return run_pbx(("run", "--no-demo", *options), environment, "")


def a_fetched_asterisk(root: Path, modules: tuple[str, ...] = EVERY) -> None:
    """Lay out what looks like a fetched Asterisk, as far as it is looked at before its start."""
    moddir = root / LIBRARIES / "asterisk" / "modules"
    moddir.mkdir(parents=True)
    for name in modules:
        (moddir / f"{name}.so").touch()
    for language in ("en", "ru"):
        sounds = root / "usr/share/asterisk/sounds" / language
        sounds.mkdir(parents=True)
        (sounds / "vm-intro.wav").touch()
    (root / "usr/sbin").mkdir(parents=True)
    (root / "usr/sbin/asterisk").touch()
    loader = root / LIBRARIES / "ld-linux-x86-64.so.2"
    loader.write_text(LOADER)
    loader.chmod(0o755)


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Hold a database as somebody does who writes for a long time."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


def test_a_home_that_cannot_be_made_is_named_with_its_setting(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    environment["PBX_HOME"] = str(tmp_path / "file" / "home")

    for arguments in (("run",), TENANT):
        ran = run_pbx(arguments, environment, "")
        assert ran.code == 2
        assert b"PBX_HOME=" in ran.err
        assert b"cannot be made: Not a directory" in ran.err


def test_a_new_home_is_closed_to_others(shell: Shell, tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    new = Shell(home, {**shell.environment, "PBX_HOME": str(home)})

    ran = new("tenant", "list")

    assert ran.code == 0
    assert "brought up to date" in ran.err
    assert home.stat().st_mode & 0o777 == 0o700


def test_a_home_that_stood_open_is_closed_and_that_is_said(
    environment: dict[str, str], shell: Shell
) -> None:
    shell.home.chmod(0o755)

    ran = run_pbx((*TENANT, "--json"), environment, "")

    assert ran.code == 0
    assert b"was open to other users (mode 0755); it has mode 0700 now" in ran.err
    assert shell.home.stat().st_mode & 0o777 == 0o700


def test_an_open_folder_with_other_things_in_it_is_no_home(shell: Shell) -> None:
    shutil.rmtree(shell.home)
    (shell.home / "holidays").mkdir(parents=True)
    shell.home.chmod(0o755)

    ran = shell("tenant", "list", "--json")

    assert ran.code == 2
    assert "open to other users (mode 0755) and not ours to close" in ran.refusal["error"]
    assert [path.name for path in shell.home.iterdir()] == ["holidays"]
    assert shell.home.stat().st_mode & 0o777 == 0o755


def test_what_a_command_writes_is_for_its_owner_alone(
    environment: dict[str, str], acme: Shell, tmp_path: Path
) -> None:
    (acme.home / "pbx.sqlite3").unlink()
    sound = a_tone(tmp_path / "tone.wav", seconds=1)
    for arguments in (
        TENANT,
        ("extension", "create", "100", "--tenant", "acme"),
        ("sound", "create", "welcome", str(sound), "--tenant", "acme"),
    ):
        assert run_pbx(arguments, environment, "").code == 0

    written = [acme.home, *acme.home.rglob("*")]
    assert {"pbx.sqlite3", "secret.key", "welcome.wav"} <= {path.name for path in written}
    assert [path for path in written if path.stat().st_mode & 0o077] == []


def test_a_setting_that_cannot_be_read_is_a_usage_fault(shell: Shell) -> None:
    odd = Shell(shell.home, {**shell.environment, "PBX_SIP_BIND": "everywhere"})

    ran = odd("tenant", "list", "--json")

    assert ran.code == 2
    assert "PBX_SIP_BIND='everywhere'" in ran.refusal["error"]


def test_a_port_in_use_is_named_with_its_setting_before_anything_is_made(
    environment: dict[str, str], tmp_path: Path
) -> None:
    home = tmp_path / "fresh"
    environment["PBX_HOME"] = str(home)
    a_fetched_asterisk(Path(environment["PBX_ASTERISK_ROOT"]))
    host, port = environment["PBX_SIP_BIND"].split(":")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as somebody:
        somebody.bind((host, int(port)))

        ran = run(environment, "--json")

    assert ran.code == 6
    refusal = json.loads(ran.err.splitlines()[-1])
    assert f"PBX_SIP_BIND: UDP {host}:{port} is in use" in refusal["error"]
    assert not (home / "pbx.sqlite3").exists()


def test_a_module_that_asterisk_lacks_is_named(environment: dict[str, str]) -> None:
    root = Path(environment["PBX_ASTERISK_ROOT"])
    a_fetched_asterisk(root, tuple(name for name in EVERY if name != "res_pjsip"))

    ran = run(environment)

    assert ran.code == 6
    assert b"has no res_pjsip;" in ran.err


def test_an_asterisk_elsewhere_is_not_started_here(environment: dict[str, str]) -> None:
    ran = run({**environment, "PBX_ASTERISK_HOST": "asterisk"})

    assert ran.code == 2
    assert b"PBX_ASTERISK_HOST='asterisk': Asterisk runs there: give --no-asterisk" in ran.err


@pytest.mark.parametrize("command", [("run", "--no-asterisk"), ("asterisk", "config")])
@pytest.mark.parametrize(
    ("binds", "named"),
    [
        ({"PBX_ARI_BIND": "127.0.0.1:8088", "PBX_AMI_BIND": "0.0.0.0:5038"}, b"PBX_ARI_BIND="),
        ({"PBX_ARI_BIND": "0.0.0.0:8088", "PBX_AMI_BIND": "[::1]:5038"}, b"PBX_AMI_BIND="),
        ({"PBX_ARI_BIND": "0.0.0.0:8088"}, b"PBX_AMI_BIND=''"),
    ],
)
def test_an_asterisk_elsewhere_must_listen_for_other_machines(
    environment: dict[str, str],
    command: tuple[str, ...],
    binds: dict[str, str],
    named: bytes,
) -> None:
    there = {**environment, "PBX_ASTERISK_HOST": "asterisk", **binds}

    ran = run_pbx(command, there, "")

    assert ran.code == 2
    assert named in ran.err
    assert b"must be where asterisk (PBX_ASTERISK_HOST) listens" in ran.err


def test_the_configuration_for_an_asterisk_elsewhere_is_written_without_any_here(
    shell: Shell,
) -> None:
    first = shell.done("asterisk", "config", "--data", "/opt/asterisk")
    again = shell.done("asterisk", "config", "--data", "/opt/asterisk")

    assert Path(first["main_file"]).is_relative_to(shell.home)
    assert "astdatadir => /opt/asterisk\n" in Path(first["main_file"]).read_text()
    assert "asterisk.conf" in first["changed_files"]
    assert again["changed_files"] == []


def test_ports_that_cannot_be_are_refused_before_they_are_written(shell: Shell) -> None:
    sip_in_the_middle = {**shell.environment, "PBX_RTP_PORTS": "5000-6000"}

    ran = Shell(shell.home, sip_in_the_middle)("asterisk", "config", "--json")

    assert ran.code == 2
    assert "must not contain the SIP port 5060" in ran.refusal["error"]
    assert not (shell.home / "asterisk" / "etc").exists()


def test_doors_that_are_open_to_other_machines_worry_the_doctor(shell: Shell) -> None:
    opened = {**shell.environment, "PBX_ARI_BIND": "192.0.2.3:8088", "PBX_AMI_BIND": "[::]:5038"}

    for environment, health in ((opened, "warning"), (shell.environment, "up")):
        findings = Shell(shell.home, environment)("doctor", "--json").json
        (found,) = [one for one in findings if one["name"] == "Asterisk's doors"]
        assert found["health"] == health
        assert ("PBX_ARI_BIND=192.0.2.3:8088" in found["words"]) is (health == "warning")
        assert ("PBX_AMI_BIND=[::]:5038" in found["words"]) is (health == "warning")


def test_a_second_run_on_one_home_is_refused(environment: dict[str, str]) -> None:
    with only_supervisor(Path(environment["PBX_HOME"]) / "run"):
        ran = run(environment)

    assert ran.code == 4
    assert b"another `pbx run` (process " in ran.err


def test_a_locked_database_is_waited_for_and_then_told(shell: Shell) -> None:
    file = shell.home / "pbx.sqlite3"
    url = f"sqlite://{file}?busy_timeout=100"
    impatient = Shell(shell.home, {**shell.environment, "PBX_DATABASE_URL": url})
    with held(file):
        ran = impatient(*TENANT, "--json")

    assert ran.code == 6
    assert "is locked by another process" in ran.refusal["error"]
    assert shell.done("tenant", "list") == []


def test_a_database_of_a_newer_version_is_left_alone(
    shell: Shell, environment: dict[str, str]
) -> None:
    file = shell.home / "pbx.sqlite3"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(
            "INSERT INTO tortoise_migrations (app, name, applied_at) "
            "VALUES ('models', '9999_from_the_future', '2030-01-01')"
        )
    before = file.read_bytes()

    ran = shell(*TENANT, "--json")
    assert ran.code == 6
    assert "newer version" in ran.refusal["error"]
    a_fetched_asterisk(Path(environment["PBX_ASTERISK_ROOT"]))
    assert run(environment).code == 6
    assert file.read_bytes() == before


def test_a_file_that_is_no_database_is_told(shell: Shell) -> None:
    (shell.home / "pbx.sqlite3").write_text("this is a diary\n" * 1_000)

    ran = shell("tenant", "list", "--json")

    assert ran.code == 6
    assert "cannot be used" in ran.refusal["error"]


def test_a_database_server_that_is_away_is_told_without_the_password(
    shell: Shell, ports: PortBlock
) -> None:
    url = f"postgres://pbx:sesame@127.0.0.1:{ports.one()}/pbx"
    far = Shell(shell.home, {**shell.environment, "PBX_DATABASE_URL": url})

    ran = far("tenant", "list", "--json")

    assert ran.code == 6
    assert "does not answer" in ran.refusal["error"]
    assert "sesame" not in ran.err


def test_the_doctor_tells_each_dependency_and_ends_with_6(shell: Shell, ports: PortBlock) -> None:
    addresses = {name: f"127.0.0.1:{ports.one()}" for name in ("PBX_SIP_BIND", "PBX_ARI_BIND")}
    patient = Shell(shell.home, {**shell.environment, **addresses})

    ran = patient("doctor", "--json")

    assert ran.code == 6
    health = {finding["name"]: finding["health"] for finding in ran.json}
    assert health["database"] == "up"
    assert health["sounds folder"] == "up"
    down = {name for name, how in health.items() if how == "down"}
    assert down == {
        "Asterisk",
        "Asterisk process",
        "ARI",
        "application",
        "SIP over UDP",
        "SIP over TCP",
    }


@pytest.mark.parametrize("speaks_russian", [True, False])
def test_a_language_that_asterisk_cannot_speak_worries_the_doctor(
    shell: Shell, speaks_russian: bool
) -> None:
    root = Path(str(shell.environment["PBX_ASTERISK_ROOT"]))
    a_fetched_asterisk(root)
    if not speaks_russian:
        shutil.rmtree(root / "usr/share/asterisk/sounds/ru")

    (found,) = [one for one in shell("doctor", "--json").json if one["name"] == "spoken prompts"]

    assert found["health"] == ("up" if speaks_russian else "warning")
    assert ("no prompts in ru: callers hear English" in found["words"]) is not speaks_russian


def test_a_key_that_others_may_read_worries_the_doctor(shell: Shell) -> None:
    shell.done(*TENANT)
    shell.done("extension", "create", "100", "--tenant", "acme")
    (shell.home / "secret.key").chmod(0o644)

    findings = {one["name"]: one for one in shell("doctor", "--json").json}

    assert findings["secret key"]["health"] == "warning"
    assert "chmod 600" in findings["secret key"]["words"]


def test_what_others_may_read_worries_the_doctor(shell: Shell) -> None:
    shell.home.chmod(0o755)
    (shell.home / "pbx.sqlite3").chmod(0o644)
    (shell.home / "journal.spool").touch(mode=0o644)

    findings = {one["name"]: one for one in shell("doctor", "--json").json}

    assert findings["privacy"]["health"] == "warning"
    for path in (shell.home, shell.home / "pbx.sqlite3", shell.home / "journal.spool"):
        assert str(path) in findings["privacy"]["words"].split()
        path.chmod(path.stat().st_mode & ~0o077)
    again = {one["name"]: one for one in shell("doctor", "--json").json}
    assert again["privacy"]["health"] == "up"


def test_the_doctor_needs_no_home(shell: Shell) -> None:
    shutil.rmtree(shell.home)

    ran = shell("doctor", "--json")

    assert ran.code == 6
    assert ran.json[0]["health"] == "down"
    assert not shell.home.exists()
