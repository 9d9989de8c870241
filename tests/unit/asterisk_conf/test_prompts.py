"""In which languages Asterisk speaks, and how an older one learns another."""

import subprocess
from pathlib import Path

import pytest

from asterisk_conf import AsteriskInstall
from asterisk_conf.fetch import SOUNDS, Workshop, add_prompts, missing_prompts
from asterisk_conf.install import advice_on_prompts, find_or_fetch
from asterisk_conf.modules import EVERY
from tests.unit.asterisk_conf.test_install import program_saying, script

PACKAGE = "asterisk-core-sounds-ru-wav"
VOICE = "ru_RU_f_IvrvoiceRU"
ARCHIVE = "*indextargets*) echo 'Packages|http://a.test/debian|Debian|Debian|x'"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An Asterisk that was fetched when English was all that was spoken."""
    root = tmp_path / "asterisk"
    libraries = root / "usr/lib/x86_64-linux-gnu"
    modules = libraries / "asterisk/modules"
    modules.mkdir(parents=True)
    for name in EVERY:
        (modules / f"{name}.so").touch()
    (root / "usr/sbin").mkdir()
    (root / "usr/sbin/asterisk").touch()
    program_saying(libraries, "Asterisk 22.10.1", "ld-linux-x86-64.so.2")
    speaks(root, "en", "en_US_f_Allison")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return root


def speaks(root: Path, language: str, voice: str) -> None:
    """Lay out one prompt of a language."""
    (root / SOUNDS / voice).mkdir(parents=True)
    (root / SOUNDS / voice / "vm-intro.wav").write_text(f"after the tone, in {language}")
    (root / SOUNDS / language).symlink_to(voice)


def archive_gives(tmp_path: Path, package: Path | None) -> None:
    """Put an apt into the path that downloads this package, or reaches nobody."""
    archives = Workshop(tmp_path / "asterisk").archives
    gives = "echo 'E: no connection'; exit 100" if package is None else f"cp {package} {archives}"
    script(tmp_path / "apt-get", f"#!/bin/sh\ncase $* in {ARCHIVE};; *update) ;; *) {gives};; esac")


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """The package with the Russian prompts."""
    content = tmp_path / "content"
    (content / SOUNDS / VOICE).mkdir(parents=True)
    (content / SOUNDS / VOICE / "vm-intro.wav").write_text("after the tone, in ru")
    (content / "usr/share/doc" / PACKAGE).mkdir(parents=True)
    (content / "usr/share/doc" / PACKAGE / "copyright").write_text("CC-BY-3.0")
    (content / "DEBIAN").mkdir()
    (content / "DEBIAN/control").write_text(
        f"Package: {PACKAGE}\nVersion: 1\nArchitecture: all\nMaintainer: a <a@b.test>\n"
        "Description: prompts\n"
    )
    file = tmp_path / f"{PACKAGE}.deb"
    subprocess.run(["dpkg-deb", "--build", content, file], check=True, capture_output=True)
    return file


def everything_in(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


def test_an_older_asterisk_learns_russian_and_keeps_all_else(
    root: Path, tmp_path: Path, package: Path
) -> None:
    archive_gives(tmp_path, package)
    before = everything_in(root)

    install = find_or_fetch(root, lambda _: None)

    assert install.missing_prompts() == ()
    assert (root / SOUNDS / "ru/vm-intro.wav").read_text() == "after the tone, in ru"
    assert (root / "usr/share/doc" / PACKAGE / "copyright").is_file()
    assert before < everything_in(root)
    assert not any("partial" in name for name in everything_in(root))
    assert not Workshop(root).folder.exists()
    assert not Workshop(root).partial_root.exists()


def test_an_older_asterisk_starts_without_a_network_and_says_what_it_lacks(
    root: Path, tmp_path: Path
) -> None:
    archive_gives(tmp_path, None)
    told: list[str] = []

    install = find_or_fetch(root, told.append)

    assert install.missing_prompts() == ("ru",)
    assert told[-1].startswith("Asterisk has no prompts in ru: callers hear English instead")
    assert "no connection" in told[-2]


def test_what_is_complete_is_not_fetched_again(root: Path, tmp_path: Path) -> None:
    speaks(root, "ru", VOICE)
    script(tmp_path / "apt-get", "#!/bin/sh\nexit 1")

    add_prompts(root, lambda _: None)

    assert missing_prompts(root / SOUNDS) == ()


def test_a_link_that_was_not_made_in_time_is_made(
    root: Path, tmp_path: Path, package: Path
) -> None:
    speaks(root, "ru", VOICE)
    (root / SOUNDS / "ru").unlink()
    archive_gives(tmp_path, package)

    add_prompts(root, lambda _: None)

    assert missing_prompts(root / SOUNDS) == ()


def test_a_folder_that_cannot_be_completed_is_used_as_it_is(
    root: Path, tmp_path: Path, package: Path
) -> None:
    archive_gives(tmp_path, package)
    (root / SOUNDS / "ru").write_text("a file where the folder should be")

    assert find_or_fetch(root, lambda _: None).missing_prompts() == ("ru",)


def test_the_owner_of_the_machine_is_told_which_packages_to_install(tmp_path: Path) -> None:
    datadir = tmp_path / "usr/share/asterisk"
    speaks(tmp_path, "en", "en_US_f_Allison")
    install = AsteriskInstall(
        command=("asterisk",), version="22.10.1", moddir=tmp_path, datadir=datadir
    )

    advice = advice_on_prompts(install, tmp_path / "elsewhere")

    assert advice is not None
    assert advice.endswith(
        "sudo apt-get install asterisk-core-sounds-ru asterisk-core-sounds-ru-wav"
    )
