"""Where settings are found, and what paths in them mean."""

from pathlib import Path

import pytest

from stasis_apps.settings import SettingInvalid, read_settings


@pytest.fixture
def working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with nothing in it, in which commands are typed; no setting in the environment."""
    for name in ("PBX_HOME", "PBX_SIP_BIND", "PBX_SETTINGS_FILE"):
        monkeypatch.delenv(name, raising=False)
    folder = tmp_path / "working"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def test_the_environment_wins_over_the_file_of_the_working_folder(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (working_folder / ".env").write_text("PBX_SIP_BIND=127.0.0.1:5070\nPBX_HOME=here\n")
    monkeypatch.setenv("PBX_SIP_BIND", "127.0.0.1:5080")

    settings = read_settings()

    assert settings.sip_bind.port == 5080
    assert settings.home == working_folder / "here"


def test_the_file_that_is_named_counts_instead_of_the_nearer_one(
    working_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (working_folder / ".env").write_text("PBX_SIP_BIND=127.0.0.1:5070\nPBX_LOG_LEVEL=debug\n")
    named = tmp_path / "pbx.env"
    named.write_text("PBX_SIP_BIND=127.0.0.1:5090\n")
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(named))

    settings = read_settings()

    assert settings.sip_bind.port == 5090
    assert settings.log_level == "info", "files are not put together"


def test_paths_in_a_file_are_seen_from_its_folder(
    working_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = tmp_path / "etc" / "pbx.env"
    named.parent.mkdir()
    named.write_text("PBX_HOME=../home\nPBX_SECRET_KEY_FILE=/keys/pbx.key\n")
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(named))

    settings = read_settings()

    assert settings.home.resolve() == tmp_path / "home"
    assert settings.secret_key_file == Path("/keys/pbx.key")


@pytest.mark.parametrize("content", [None, "", "DEBUG=1\n", b"PBX_HOME=\xff\n"])
def test_a_named_file_that_is_of_no_use_is_refused(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch, content: str | bytes | None
) -> None:
    named = working_folder / "pbx.env"
    if content is not None:
        named.write_bytes(content.encode() if isinstance(content, str) else content)
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(named))

    with pytest.raises(SettingInvalid, match="PBX_SETTINGS_FILE="):
        read_settings()


def test_in_a_checkout_the_home_is_beside_whoever_has_set_nothing(working_folder: Path) -> None:
    (working_folder / ".env").write_text("DEBUG=1\n")

    assert read_settings().home == working_folder / "var"
