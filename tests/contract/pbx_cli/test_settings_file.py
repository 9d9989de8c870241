"""The settings file that a new exchange begins with: all settings stand in it, and can be used."""

import re
from pathlib import Path

import pbx_cli
from stasis_apps import settings
from stasis_apps.settings import read_settings

PROJECT = Path(__file__).parents[3]
NAME = re.compile(r"\bPBX_[A-Z_]+\b")

ONLY_IN_THE_ENVIRONMENT = {"PBX_SETTINGS_FILE", "PBX_AUTHOR"}
"""Where the file lies, and who is at the keyboard."""


def first_settings() -> dict[str, str]:
    """All lines of a new file, those that are commented out as well."""
    text = Path(pbx_cli.__file__).with_name("pbx.env").read_text()
    told = text.format(home="/var/lib/pbx", asterisk_root="/var/cache/pbx/asterisk")
    lines = (line.removeprefix("#") for line in told.splitlines())
    return dict(line.split("=", 1) for line in lines if line.startswith("PBX_"))


def known_settings() -> set[str]:
    """What the program reads."""
    folder = Path(settings.__file__).parent
    return {name for file in folder.glob("*.py") for name in NAME.findall(file.read_text())}


def test_every_line_of_it_can_be_used_as_it_stands() -> None:
    usable = read_settings(first_settings())

    assert usable.home == Path("/var/lib/pbx")
    assert usable.mail_server is not None
    assert usable.tls is not None


def test_it_names_every_setting() -> None:
    assert set(first_settings()) == known_settings() - ONLY_IN_THE_ENVIRONMENT


def test_the_guide_tells_every_setting() -> None:
    guide = (PROJECT / "docs" / "operations.md").read_text()
    rows = re.findall(r"^\| (`PBX_.*?) \|", guide, re.MULTILINE)

    assert {name for row in rows for name in NAME.findall(row)} == (
        known_settings() | ONLY_IN_THE_ENVIRONMENT
    )
