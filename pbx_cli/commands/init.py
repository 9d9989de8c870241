"""`pbx init`: what a new exchange begins with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from shlex import quote

import click

from pbx_cli.beginning import Beginning, Wanted, begin_home, begin_settings, write_settings
from pbx_cli.errors import Refused
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, emit_line, json_is_wanted, printing, say
from pbx_cli.service_user import CACHE, begin_services, check_machine
from stasis_apps.settings.places import (
    OF_THE_MACHINE,
    SETTINGS_FILE,
    possible_files,
    usual_places,
    whole_path,
)

LABEL_WIDTH = 10

START_OF_SERVICES = (
    "pbx migrate",
    "systemctl daemon-reload",
    "systemctl enable --now pbx-asterisk pbx",
    "pbx doctor",
)


@click.command(cls=PbxCommand, short_help="Make a home, a key and a settings file.")
@click.option(
    "--system",
    is_flag=True,
    help="As root: for this machine, with a user `pbx` and services that systemd starts.",
)
@click.option(
    "--home",
    envvar="PBX_HOME",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Everything that changes.  [default: /var/lib/pbx for root, else ~/.local/share/pbx]",
)
@click.option(
    "--settings-file",
    envvar=SETTINGS_FILE,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Its settings.  [default: /etc/pbx/pbx.env for root, else ~/.config/pbx/pbx.env]",
)
@printing
def init(system: bool, home: Path | None, settings_file: Path | None) -> None:
    """Make a home, a key and a settings file, and say what comes next.

    What is there stays as it is, so that this may be repeated; with --system the units of systemd
    are written anew. A key that was lost is not replaced. A second exchange of the same user wants
    both --settings-file and --home. A checkout has both beside it: .env, var.
    """
    if system:
        check_machine()
    usual = OF_THE_MACHINE if system else usual_places(os.environ)
    wanted = Wanted(
        settings_file=whole_path(SETTINGS_FILE, settings_file or usual.settings_file),
        home=whole_path("PBX_HOME", home) if home else None,
        usual=usual,
        asterisk_root=CACHE / "asterisk" if system else None,
    )
    is_found = wanted.settings_file in possible_files(os.environ)
    beginning = begin_settings(wanted)
    units = begin_services(beginning) if system else []
    begin_home(beginning)
    if not system:
        write_settings(beginning)
    _emit(beginning, units)
    key_file = beginning.settings.secret_key_file
    if not key_file.exists():
        raise Refused(
            f"There is no key at {key_file}, and the home has been used: put the key back. "
            "A home in which nothing was sealed yet gets one when it is needed."
        )
    if not json_is_wanted():
        _say_what_is_next(beginning.settings_file, has_units=bool(units), is_found=is_found)


def _emit(beginning: Beginning, units: Sequence[Path]) -> None:
    """Say what there is and what was made."""
    key_file = beginning.settings.secret_key_file
    there = [("settings", beginning.settings_file), ("home", beginning.settings.home)]
    there += [("key", key_file)] if key_file.exists() else []
    there += [("unit", unit) for unit in units]
    if json_is_wanted():
        emit_json(
            {
                "settings_file": beginning.settings_file,
                "home": beginning.settings.home,
                "secret_key_file": key_file,
                "units": units,
                "made": beginning.made,
            }
        )
        return
    for label, path in there:
        state = "made" if path in beginning.made else "was there"
        emit_line((label.ljust(LABEL_WIDTH), "bold"), f"{path} ({state})")


def _say_what_is_next(settings_file: Path, *, has_units: bool, is_found: bool) -> None:
    say("\nKeep a copy of the key apart from the database. Next:\n")
    if not is_found:
        say(f"  export PBX_SETTINGS_FILE={quote(str(settings_file))}")
    say(f"  $EDITOR {quote(str(settings_file))}")
    for line in START_OF_SERVICES if has_units else ("pbx run",):
        say(f"  {line}")
