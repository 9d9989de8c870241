"""What an operator installs: a wheel in an environment of its own, without a checkout."""

import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

import pytest

from tests.support import sound
from tests.support.baresip import Phone
from tests.support.installed import (
    PROJECT,
    Installed,
    InstalledExchange,
    far_from_a_checkout,
    installed_pbx,
)
from tests.support.talks import a_talk, they_hear_each_other
from tests.support.tenant import demo_tenant

pytestmark = pytest.mark.timeout(300)  # packages may have to be downloaded

NOT_SHIPPED, CACHE = {".md"}, "__pycache__"

ORDINARY = 65534 if os.geteuid() == 0 else None
"""Who types what an ordinary user types: nobody, when root runs the tests, else whoever does."""


@pytest.fixture(scope="module")
def installed() -> Iterator[Installed]:
    """The program, installed once for all tests here."""
    with installed_pbx() as program:
        yield program


@pytest.fixture
def exchange_of_the_wheel(installed: Installed) -> Iterator[InstalledExchange]:
    """An exchange that is not started yet."""
    exchange = InstalledExchange(installed)
    try:
        yield exchange
    finally:
        exchange.close()


@pytest.fixture
def person() -> Iterator[dict[str, str]]:
    """The environment of an ordinary user with an empty home folder."""
    with TemporaryDirectory(prefix="pbx-person-") as name:
        if ORDINARY is not None:
            os.chown(name, ORDINARY, ORDINARY)
        mine = {
            key: value
            for key, value in far_from_a_checkout().items()
            if not key.startswith(("XDG_", "PBX_"))
        }
        yield mine | {"HOME": name}


@pytest.fixture
def home_of_nobody() -> Iterator[Path]:
    """A home that belongs to an ordinary user."""
    with TemporaryDirectory(prefix="pbx-person-") as name:
        home = Path(name)
        os.chown(home, ORDINARY or -1, ORDINARY or -1)
        yield home


@contextmanager
def closed_to_others(folder: Path) -> Iterator[None]:
    """Only its owner can go through a folder for a moment."""
    folder.chmod(0o700)
    try:
        yield
    finally:
        folder.chmod(0o755)


def the_projects_own_settings() -> Any:
    return tomllib.loads((PROJECT / "pyproject.toml").read_text())


def runs_of(installed: Installed, pid: int | None) -> bool:
    """Whether a process was started by the installed program."""
    words = Path(f"/proc/{pid}/cmdline").read_text()
    return words.startswith(str(installed.program.parent))


def test_the_wheel_holds_every_file_of_the_packages(installed: Installed) -> None:
    patterns = the_projects_own_settings()["tool"]["setuptools"]["packages"]["find"]["include"]
    wanted = {
        str(file.relative_to(PROJECT))
        for pattern in patterns
        for package in PROJECT.glob(pattern)
        for file in package.rglob("*")
        if file.is_file() and file.suffix not in NOT_SHIPPED and file.parent.name != CACHE
    }

    with ZipFile(installed.wheel) as wheel:
        held = {name for name in wheel.namelist() if ".dist-info/" not in name}

    assert wanted == held


def test_the_program_knows_its_version(installed: Installed) -> None:
    ran = installed("--version", environment=far_from_a_checkout())

    assert ran.out.strip() == the_projects_own_settings()["project"]["version"]


async def test_an_exchange_is_made_and_answers(
    installed: Installed, exchange_of_the_wheel: InstalledExchange, sounds: dict[str, Path]
) -> None:
    exchange = exchange_of_the_wheel

    made = exchange.init()

    assert made.code == 0, made.err
    home, key = exchange.home / "var", exchange.home / "var" / "secret.key"
    assert made.json["made"] == [str(home), str(key), str(exchange.settings_file)]
    assert [oct(path.stat().st_mode & 0o777) for path in (home, key)] == ["0o700", "0o600"]

    exchange.start()
    assert runs_of(installed, exchange.application_pid()), "no checkout has a part in it"
    tenant = await demo_tenant(exchange)
    tenant.add_sound("news", sounds["news"])
    tenant.add_element("play", "5101", sound="news")
    tenant.wait_until_in_effect()
    caller = Phone(tenant.account("100"), plays=sound.ALICE)
    callee = Phone(tenant.account("101"), plays=sound.BORIS)
    async with a_talk(caller, callee):
        await they_hear_each_other(caller, callee)
    async with Phone(tenant.account("100")) as listener:
        await listener.registered()
        await listener.dial("5101")
        await listener.ear.hears(sound.NEWS)
        await listener.closed()
    await exchange.nothing_left()
    assert exchange.end() == 0


def test_a_home_that_is_made_again_stays_as_it_is(exchange_of_the_wheel: InstalledExchange) -> None:
    exchange = exchange_of_the_wheel
    exchange.init()
    key = (exchange.home / "var" / "secret.key").read_bytes()

    again = exchange.init()

    assert again.json["made"] == []
    assert (exchange.home / "var" / "secret.key").read_bytes() == key


def test_who_has_no_exchange_is_told_how_to_make_one_and_nothing_is_made(
    installed: Installed, person: dict[str, str]
) -> None:
    before = set(installed.folder.iterdir())

    ran = installed("tenant", "list", environment=person, user=ORDINARY)

    assert ran.code == 2
    assert "PBX_HOME" in ran.err
    assert "pbx init" in ran.err
    assert set(installed.folder.iterdir()) == before


def test_a_persons_own_exchange_is_found_from_every_folder(
    installed: Installed, person: dict[str, str]
) -> None:
    made = installed("init", "--json", environment=person, user=ORDINARY)
    tenants = installed("tenant", "list", "--json", environment=person, user=ORDINARY)

    own = Path(person["HOME"])
    assert made.json["settings_file"] == str(own / ".config" / "pbx" / "pbx.env")
    assert made.json["home"] == str(own / ".local" / "share" / "pbx")
    assert tenants.json == []
    assert (own / ".local" / "share" / "pbx" / "pbx.sqlite3").exists()


@pytest.mark.skipif(ORDINARY is None, reason="only root can become somebody else")
def test_a_command_of_roots_leaves_nothing_in_the_home_that_its_owner_could_not_use(
    installed: Installed, home_of_nobody: Path
) -> None:
    environment = far_from_a_checkout() | {"PBX_HOME": str(home_of_nobody), "SUDO_USER": "olga"}

    made = installed(
        *("tenant", "create", "acme", "--domain", "acme.test"), environment=environment
    )
    history = installed("tenant", "history", "acme", "--json", environment=environment)

    assert made.code == 0, made.err
    assert {path.stat().st_uid for path in home_of_nobody.rglob("*")} == {ORDINARY}
    assert [revision["who"] for revision in history.json] == ["olga"]


@pytest.mark.parametrize("user", [None, ORDINARY])
def test_nobody_goes_by_settings_that_lie_in_the_working_folder(
    installed: Installed, home_of_nobody: Path, person: dict[str, str], user: int | None
) -> None:
    laid = home_of_nobody / ".env"
    laid.write_text(f"PBX_HOME={home_of_nobody / 'trap'}\n")
    os.chown(laid, ORDINARY or -1, -1)
    there = replace(installed, folder=home_of_nobody)

    ran = there("tenant", "list", environment=person, user=user)

    assert ran.code == 2
    assert "pbx init" in ran.err
    assert not (home_of_nobody / "trap").exists()


@pytest.mark.skipif(ORDINARY is None, reason="root closes a folder to somebody else")
def test_a_home_out_of_reach_is_told_in_words_and_no_settings_file_names_it(
    installed: Installed, person: dict[str, str], tmp_path: Path
) -> None:
    tmp_path.chmod(0o700)

    ran = installed("init", "--home", tmp_path / "home", environment=person, user=ORDINARY)

    assert ran.code == 2
    assert ran.err.startswith(f"Error: PBX_HOME='{tmp_path / 'home'}'")
    assert list(Path(person["HOME"]).iterdir()) == []


@pytest.mark.skipif(ORDINARY is None, reason="only root can become somebody else")
def test_an_owner_who_cannot_run_the_program_is_told_where_to_install_it(
    installed: Installed, home_of_nobody: Path
) -> None:
    environment = far_from_a_checkout() | {"PBX_HOME": str(home_of_nobody)}

    with closed_to_others(installed.program.parents[2]):
        ran = installed("tenant", "list", environment=environment)

    assert ran.code == 1
    assert "such as /opt/pbx" in ran.err
    assert list(home_of_nobody.iterdir()) == []


def test_services_are_made_only_of_a_program_that_everybody_can_run(installed: Installed) -> None:
    with closed_to_others(installed.program.parents[2]):
        ran = installed("init", "--system", environment=far_from_a_checkout())

    assert ran.code == 1
    assert not ran.out
