"""`pbx init` in a checkout: what there is afterwards, and what stays as it was."""

from pathlib import Path

import pytest

from tests.unit.pbx_cli.shell import Shell


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A shell in an empty folder in which nobody has set anything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PBX_SETTINGS_FILE", "")  # what init sets for itself ends with the test
    names = ("PBX_HOME", "PBX_SECRET_KEY_FILE", "PBX_DATABASE_URL", "PBX_TENANT")
    return Shell(tmp_path / "var", dict.fromkeys(names))


def test_a_home_a_key_and_a_settings_file_are_made(new: Shell) -> None:
    made = new.done("init")

    assert made["made"] == [made["settings_file"], made["home"], made["secret_key_file"]]
    assert made["settings_file"] == str(new.home.with_name(".env"))
    assert made["home"] == str(new.home)
    modes = {Path(path).name: Path(path).stat().st_mode & 0o777 for path in made["made"]}
    assert modes == {".env": 0o600, "var": 0o700, "secret.key": 0o600}


def test_what_is_there_stays(new: Shell) -> None:
    new.done("init")
    settings_file = new.home.with_name(".env")
    with settings_file.open("a") as file:
        file.write("PBX_SIP_BIND=127.0.0.1:5070\n")
    before = settings_file.read_bytes(), (new.home / "secret.key").read_bytes()

    assert new.done("init")["made"] == []
    assert (settings_file.read_bytes(), (new.home / "secret.key").read_bytes()) == before


def test_a_key_that_was_lost_is_not_replaced(new: Shell) -> None:
    new.done("init")
    new.done("tenant", "create", "acme", "--domain", "acme.test")
    (new.home / "secret.key").unlink()

    ran = new("init")

    assert ran.code == 0
    assert "put the key back" in ran.err
    assert not (new.home / "secret.key").exists()


def test_another_home_than_the_settings_file_names_is_refused(new: Shell, tmp_path: Path) -> None:
    new.done("init")

    ran = new("init", "--home", str(tmp_path / "other"))

    assert ran.code == 4
    assert f"PBX_HOME={new.home}" in ran.err
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("name", ["a$b", 'a"b', "a#b", "a\nb", "a\\b", "a%b"])
def test_a_home_that_could_not_stand_in_a_settings_file_is_refused(
    new: Shell, tmp_path: Path, name: str
) -> None:
    ran = new("init", "--home", str(tmp_path / name))

    assert ran.code == 2
    assert "PBX_HOME=" in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_settings_file_that_cannot_be_used_is_told_before_a_home_is_made(new: Shell) -> None:
    settings_file = new.home.with_name(".env")
    settings_file.write_text("PBX_SIP_BIND=everywhere\n")

    ran = new("init")

    assert ran.code == 2
    assert "PBX_SIP_BIND='everywhere'" in ran.err
    assert not new.home.exists()


def test_services_are_not_made_of_a_checkout(new: Shell, tmp_path: Path) -> None:
    ran = new("init", "--system")

    assert ran.code in (1, 2), "by root, or by an ordinary user"
    assert ("sudo" in ran.err) or ("checkout" in ran.err)
    assert list(tmp_path.iterdir()) == []
