"""Where settings are found, and what paths in them mean."""

import os
import re
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


def lay(folder: Path, text: str) -> Path:
    """Lay settings into a folder that nobody else may write, whatever the umask is."""
    file = folder / ".env"
    file.write_text(text)
    file.chmod(0o600)
    return file


def test_the_environment_wins_over_the_file_of_the_working_folder(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(working_folder, "PBX_SIP_BIND=127.0.0.1:5070\nPBX_HOME=here\n")
    monkeypatch.setenv("PBX_SIP_BIND", "127.0.0.1:5080")

    settings = read_settings()

    assert settings.sip_bind.port == 5080
    assert settings.home == working_folder / "here"


def test_the_file_that_is_named_counts_instead_of_the_nearer_one(
    working_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(working_folder, "PBX_SIP_BIND=127.0.0.1:5070\nPBX_LOG_LEVEL=debug\n")
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
    lay(working_folder, "DEBUG=1\n")

    assert read_settings().home == working_folder / "var"


def test_settings_that_others_may_write_are_passed_over_with_one_word(
    working_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    laid = lay(working_folder, "PBX_LOG_LEVEL=debug\n")
    laid.chmod(0o664)

    levels = {read_settings().log_level for _ in range(3)}
    told = capsys.readouterr().err

    assert levels == {"info"}
    assert told.count(str(laid)) == 1
    assert "mode 0664" in told


def test_a_link_in_the_working_folder_is_passed_over(
    working_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    real = tmp_path / "real.env"
    real.write_text("PBX_LOG_LEVEL=debug\n")
    (working_folder / ".env").symlink_to(real)

    assert read_settings().log_level == "info"
    assert "it is a link" in capsys.readouterr().err


@pytest.mark.timeout(10)
def test_nobody_waits_for_the_other_end_of_a_pipe(
    working_folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = working_folder / ".env"
    os.mkfifo(pipe, 0o600)

    assert read_settings().log_level == "info"
    assert "no regular file" in capsys.readouterr().err
    monkeypatch.setenv("PBX_SETTINGS_FILE", str(pipe))
    with pytest.raises(SettingInvalid, match="must be a file"):
        read_settings()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_root_goes_by_the_settings_of_whoever_typed_sudo_and_of_nobody_else(
    working_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    laid = lay(working_folder, "PBX_LOG_LEVEL=debug\n")
    os.chown(laid, 65534, 65534)
    monkeypatch.delenv("SUDO_UID", raising=False)

    passed_over = read_settings()
    monkeypatch.setenv("SUDO_UID", "65534")

    assert passed_over.log_level == "info"
    assert "it belongs to nobody" in capsys.readouterr().err
    assert read_settings().log_level == "debug"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\n# ports\nPBX_SIPBIND=top-secret\n", ":3: PBX_SIPBIND .* PBX_SIP_BIND?"),
        ("PBX_LOG_LEVEL=info\n\npbx_home=/top-secret\n", ":3: pbx_home .* PBX_HOME?"),
        ('PBX_SMTP_URL="smtp://u:top-secret@h\n', ":1: cannot be read"),
        ("PBX_LOG_LEVEL=info\nPBX_HOME /top-secret\n", ":2: cannot be read"),
        ("PBX_LOG_LEVEL=info\nPBX_HOME\n", ":2: PBX_HOME has no value"),
        ("PBX_HOME=/a\nDEBUG=1\nPBX_HOME=/top-secret\n", ":3: PBX_HOME .* line 1 already"),
    ],
)
def test_a_typing_error_is_told_by_file_and_line_without_the_value(
    working_folder: Path, text: str, told: str
) -> None:
    laid = lay(working_folder, text)

    with pytest.raises(SettingInvalid, match=re.escape(str(laid)) + told) as refused:
        read_settings()

    assert "top-secret" not in str(refused.value)


def test_what_other_programs_set_in_the_same_file_is_their_business(working_folder: Path) -> None:
    lay(working_folder, "DEBUG\nA=1\nA=2\nPBX_LOG_LEVEL=debug\nPBX_DATABASE_PASSWORD=x\n")

    assert read_settings().log_level == "debug"


@pytest.mark.parametrize("name", ["PBX_HOME", "PBX_SECRET_KEY_FILE", "PBX_ASTERISK_ROOT"])
def test_a_path_means_the_same_for_every_user(working_folder: Path, name: str) -> None:
    lay(working_folder, f"{name}=~/pbx\n")

    with pytest.raises(SettingInvalid, match=f"{name}='~/pbx'"):
        read_settings()
