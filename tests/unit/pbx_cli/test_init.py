"""`pbx init` in a checkout: what there is afterwards, and what stays as it was."""

import os
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

    assert made["made"] == [made["home"], made["secret_key_file"], made["settings_file"]]
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

    assert ran.code == 1
    assert "put the key back" in ran.err
    assert "Next" not in ran.out
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


def test_a_second_settings_file_does_not_get_the_home_of_the_first_exchange(
    new: Shell, tmp_path: Path
) -> None:
    new.done("init")
    second = tmp_path / "second.env"

    refused = new("init", "--settings-file", str(second))
    was_made = second.exists()
    made = new.done("init", "--settings-file", str(second), "--home", str(tmp_path / "second"))

    assert refused.code == 4
    assert "--home" in refused.err
    assert not was_made
    assert made["home"] == str(tmp_path / "second")


def test_a_first_exchange_may_have_its_settings_elsewhere(new: Shell, tmp_path: Path) -> None:
    made = new.done("init", "--settings-file", str(tmp_path / "etc" / "pbx.env"))

    assert made["home"] == str(new.home)


def test_an_empty_settings_file_is_what_a_write_has_left_that_was_cut_off(new: Shell) -> None:
    settings_file = new.home.with_name(".env")
    settings_file.touch()

    made = new.done("init")

    assert str(settings_file) in made["made"]
    assert f"PBX_HOME={new.home}\n" in settings_file.read_text()
    assert {path.name for path in settings_file.parent.iterdir()} == {".env", "var"}


def test_no_settings_file_names_a_home_that_cannot_be_made(new: Shell, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()

    ran = new("init", "--home", str(in_the_way / "home"))

    assert ran.code == 2
    assert "PBX_HOME=" in ran.err
    assert list(tmp_path.iterdir()) == [in_the_way]


@pytest.mark.parametrize("option", ["--home", "--settings-file"])
def test_no_folder_is_made_that_is_called_tilde(new: Shell, tmp_path: Path, option: str) -> None:
    ran = new("init", f"{option}=~/pbx")

    assert ran.code == 2
    assert "~ is not understood" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make files in somebody else's home")
def test_root_makes_no_key_in_the_home_of_somebody_else(new: Shell) -> None:
    new.home.mkdir(mode=0o700)
    os.chown(new.home, 65534, 65534)

    ran = new("init")

    assert ran.code == 1
    assert f"sudo -u nobody pbx init --home {new.home}" in ran.err
    assert list(new.home.iterdir()) == []
    assert not new.home.with_name(".env").exists()


def test_settings_that_others_could_have_written_decide_nothing(new: Shell) -> None:
    settings_file = new.home.with_name(".env")
    settings_file.write_text(f"PBX_SECRET_KEY_FILE={new.home.with_name('trap')}\n")
    settings_file.chmod(0o666)

    made = new.done("init")

    assert made["secret_key_file"] == str(new.home / "secret.key")
