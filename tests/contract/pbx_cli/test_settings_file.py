"""The settings file that a new exchange begins with: all settings stand in it, and can be used."""

import re
from pathlib import Path

import pbx_cli
from stasis_apps import settings
from stasis_apps.settings import read_settings
from stasis_apps.settings.names import OF_CONTAINERS, OF_THE_ENVIRONMENT, SETTINGS

PROJECT = Path(__file__).parents[3]
NAME = re.compile(r"\bPBX_[A-Z_]+\b")

OF_THE_PROGRAM = ("ari_client", "asterisk_conf", "models", "pbx_cli", "stasis_apps")
TOLD_OF_THE_ENVIRONMENT = {"PBX_SETTINGS_FILE", "PBX_AUTHOR"}
"""Where the file lies, and who is at the keyboard: an operator's business."""


def first_settings() -> dict[str, str]:
    """All lines of a new file, those that are commented out as well."""
    text = Path(pbx_cli.__file__).with_name("pbx.env").read_text()
    told = text.format(home="/var/lib/pbx", asterisk_root="/var/cache/pbx/asterisk")
    lines = (line.removeprefix("#") for line in told.splitlines())
    return dict(line.split("=", 1) for line in lines if line.startswith("PBX_"))


def names_in(*files: Path) -> set[str]:
    """Every name of ours that stands there."""
    return {name for file in files for name in NAME.findall(file.read_text())}


def test_every_line_of_it_can_be_used_as_it_stands() -> None:
    usable = read_settings(first_settings())

    assert usable.home == Path("/var/lib/pbx")
    assert usable.mail_server is not None
    assert usable.tls is not None


def test_it_names_every_setting() -> None:
    assert set(first_settings()) == SETTINGS


def test_the_guide_tells_every_setting() -> None:
    guide = (PROJECT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| (`PBX_.*?) \|", guide, re.MULTILINE)

    assert {name for row in rows for name in NAME.findall(row)} == (
        SETTINGS | TOLD_OF_THE_ENVIRONMENT
    )


def test_no_name_that_the_program_reads_is_taken_for_a_typing_error() -> None:
    sources = [file for package in OF_THE_PROGRAM for file in (PROJECT / package).rglob("*.py")]
    read_from_files = Path(settings.__file__).parent.glob("*.py")

    assert names_in(*sources) == SETTINGS | OF_THE_ENVIRONMENT | OF_CONTAINERS
    assert names_in(*(file for file in read_from_files if file.name != "names.py")) == (
        SETTINGS | {"PBX_SETTINGS_FILE"}
    )


def test_a_file_that_is_shared_with_containers_has_no_typing_error_in_their_names() -> None:
    folder = PROJECT / "compose"
    files = [folder / ".env.example", *folder.glob("*.yaml")]

    assert names_in(*files) - SETTINGS == OF_CONTAINERS
