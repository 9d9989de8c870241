"""Which Asterisk is used, and from where it would be fetched."""

import stat
from pathlib import Path

import pytest

from asterisk_conf import AsteriskInstall, FetchFailed, ToolMissing
from asterisk_conf import fetch as fetching
from asterisk_conf.fetch import (
    Workshop,
    apt_settings,
    choose_archive,
    debian_archive,
    fetch,
    percent_in,
)
from asterisk_conf.install import fetched_install, is_new_enough, system_install
from asterisk_conf.modules import EVERY

LISTING = """\
Packages|http://archive.test/security|Debian|Debian-Security|bookworm-security
Packages|http://other.test/tools|Tools Inc|Tools|stable
Packages|http://archive.test/debian|Debian|Debian|bookworm
Packages|http://archive.test/debian|Debian|Debian|bookworm-updates
"""


@pytest.mark.parametrize(
    ("version", "will_do"),
    [
        ("22.10.1", True),
        ("22.10.1~dfsg+~cs6.17.60671434-1", True),
        ("22.11.0", True),
        ("23.0.0", True),
        ("22.10.0", False),
        ("22.9.0", False),
        ("22.10", False),
        ("20.19.1", False),
        ("GIT-master", False),
        ("", False),
    ],
)
def test_only_an_asterisk_that_can_be_relied_on_is_used(version: str, will_do: bool) -> None:
    assert is_new_enough(version) is will_do


def test_an_old_asterisk_on_the_machine_is_passed_over_and_said_so(tmp_path: Path) -> None:
    told: list[str] = []

    assert system_install(told.append, program=program_saying(tmp_path, "Asterisk 20.1.0")) is None

    assert told == ["The machine's Asterisk (20.1.0) is too old, or does not start."]


def test_a_program_that_is_no_asterisk_is_passed_over(tmp_path: Path) -> None:
    told: list[str] = []

    assert system_install(told.append, program=program_saying(tmp_path, "hello")) is None

    assert told == ["The machine's Asterisk (silent) is too old, or does not start."]


def test_a_fetched_asterisk_starts_through_the_loader_beside_it(tmp_path: Path) -> None:
    libraries = tmp_path / "usr/lib/x86_64-linux-gnu"
    (libraries / "asterisk/modules").mkdir(parents=True)
    (tmp_path / "usr/sbin").mkdir()
    (tmp_path / "usr/sbin/asterisk").touch()
    loader = program_saying(libraries, "Asterisk 22.10.1", "ld-linux-x86-64.so.2")

    found = fetched_install(tmp_path)

    assert found == AsteriskInstall(
        command=(loader, "--library-path", str(libraries), str(tmp_path / "usr/sbin/asterisk")),
        version="22.10.1",
        moddir=libraries / "asterisk/modules",
        datadir=tmp_path / "usr/share/asterisk",
    )


def test_an_empty_folder_holds_no_asterisk(tmp_path: Path) -> None:
    assert fetched_install(tmp_path) is None


def test_the_machines_own_debian_archive_is_used() -> None:
    assert choose_archive(LISTING) == "http://archive.test/debian"


def test_the_archive_is_known_before_apt_has_read_any_list() -> None:
    listing = "\n".join(
        [
            "Packages|http://archive.test/debian-security|||bookworm-security",
            "Translations|http://archive.test/debian|||bookworm",
            "Packages|http://archive.test/debian|||bookworm",
        ]
    )

    assert choose_archive(listing) == "http://archive.test/debian"


def test_apt_is_asked_once_more_where_it_has_never_read_a_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a machine that was just set up it tells its sources without their labels alone."""
    line = "Packages|http://archive.test/debian|$(ORIGIN)|$(LABEL)|bookworm"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    script(tmp_path / "apt-get", f"#!/bin/sh\ncase $* in *--no-release-info*) echo '{line}';; esac")

    assert debian_archive() == "http://archive.test/debian"


@pytest.mark.parametrize(
    "listing", ["", "nonsense", "Packages|http://u.test/ubuntu|Ubuntu|Ubuntu|x"]
)
def test_no_archive_is_made_up(listing: str) -> None:
    assert choose_archive(listing) is None


def test_the_operator_sees_how_far_a_download_is() -> None:
    assert percent_in("dlstatus:3:41.6667:Retrieving file 4 of 161 (2s remaining)\n") == 41
    assert percent_in("Get:4 http://archive.test/debian unstable/main amd64 libssl3\n") is None


def test_signatures_are_checked_though_the_archives_date_is_not(tmp_path: Path) -> None:
    settings = apt_settings(tmp_path, is_root=False)

    assert 'Acquire::Check-Valid-Until "false";' in settings
    assert 'AllowUnauthenticated "false"' in settings
    assert "Sandbox" not in settings


def test_a_missing_tool_is_named_with_the_package_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ToolMissing, match="sudo apt-get install apt"):
        fetch(tmp_path / "root", print)


def test_a_missing_keyring_is_named_with_the_package_that_brings_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "KEYRING", tmp_path / "keyring.gpg")

    with pytest.raises(ToolMissing, match="sudo apt-get install debian-archive-keyring"):
        fetch(tmp_path / "root", print)


def test_a_broken_off_download_keeps_what_has_arrived(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apt = "#!/bin/sh\ncase $* in *indextargets*) echo 'Packages|http://a.test/debian|Debian|Debian|x';;"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    script(tmp_path / "apt-get", f"{apt} *) echo 'E: no connection'; exit 100;; esac")
    workshop = Workshop(tmp_path / "root")
    workshop.archives.mkdir(parents=True)
    (workshop.archives / "libssl3.deb").write_text("half of the work")

    with pytest.raises(FetchFailed, match=r"run it again to continue.\nE: no connection"):
        fetch(tmp_path / "root", print)

    assert (workshop.archives / "libssl3.deb").exists()
    assert not (tmp_path / "root").exists()


def test_every_module_is_named_once() -> None:
    assert len(EVERY) == len(set(EVERY))


def program_saying(folder: Path, words: str, name: str = "asterisk") -> str:
    path = folder / name
    script(path, f"#!/bin/sh\necho '{words}'\n")
    return str(path)


def script(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
