"""`pbx init`: what a new exchange begins with."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click

from pbx_cli.beginning import Beginning, Wanted, begin_home, begin_settings
from pbx_cli.nouns import PbxCommand
from pbx_cli.output import emit_json, emit_line, json_is_wanted, printing, say
from pbx_cli.service_user import CACHE, begin_services, check_machine
from stasis_apps.settings.places import (
    OF_THE_MACHINE,
    SETTINGS_FILE,
    possible_files,
    usual_places,
)

LABEL_WIDTH = 10


@click.command(cls=PbxCommand)
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
    are written anew. A key that was lost is not replaced. A checkout has both beside it: .env, var.
    """
    if system:
        check_machine()
    usual = OF_THE_MACHINE if system else usual_places(os.environ)
    usual_files = possible_files(os.environ)
    wanted = Wanted(
        settings_file=(settings_file or usual.settings_file).absolute(),
        home=home.absolute() if home else None,
        usual_home=usual.home,
        asterisk_root=CACHE / "asterisk" if system else None,
    )
    beginning = begin_settings(wanted)
    units = begin_services(beginning) if system else []
    begin_home(beginning)
    _emit(beginning, units, is_found=wanted.settings_file in usual_files)


def _emit(beginning: Beginning, units: Sequence[Path], *, is_found: bool) -> None:
    """Say what there is and what was made, then what to do next."""
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
    say("\nKeep a copy of the key apart from the database. Next:\n")
    for line in _next(beginning.settings_file, has_units=bool(units), is_found=is_found):
        say(f"  {line}")


def _next(settings_file: Path, *, has_units: bool, is_found: bool) -> list[str]:
    named = [] if is_found else [f"export PBX_SETTINGS_FILE={settings_file}"]
    edit = f"$EDITOR {settings_file}"
    if has_units:
        start = [
            "pbx migrate",
            "systemctl daemon-reload",
            "systemctl enable --now pbx-asterisk pbx",
        ]
        return [*named, edit, *start, "pbx doctor"]
    return [*named, edit, "pbx run"]
