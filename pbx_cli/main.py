"""`pbx`: the command line's trunk; its branches are the files in `commands/`."""

from __future__ import annotations

import importlib
import os
import pkgutil

import click

from pbx_cli.nouns import NounGroup
from pbx_cli.owner import become_owner_of_home, telling_who_acted

COMMANDS = "pbx_cli.commands"
PART_OF_A_NOUN = "_"
"""Modules with this in their names hold verbs of a noun that has a module of its own."""

FOR_ITS_OWNER_ALONE = 0o077

STAYS_ROOT = ("init",)
"""Makes users and services, which only root can."""


class PbxGroup(NounGroup):
    """All nouns, found by looking into the folder `commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name every command, without importing any."""
        package = importlib.import_module(COMMANDS)
        names = (found.name for found in pkgutil.iter_modules(package.__path__))
        return sorted(name for name in names if PART_OF_A_NOUN not in name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command by name; only the one that is needed is imported."""
        if cmd_name not in self.list_commands(ctx):
            return None
        module = importlib.import_module(f"{COMMANDS}.{cmd_name}")
        command = getattr(module, cmd_name)
        return command if isinstance(command, click.Command) else None


@click.group(cls=PbxGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pbx", message="%(version)s")
@click.pass_context
def pbx(context: click.Context) -> None:
    """A hosted telephone exchange: provisioning and operations.

    Settings come from the environment, and from the nearest of these files: the one that
    PBX_SETTINGS_FILE names, ~/.config/pbx/pbx.env, /etc/pbx/pbx.env; in a checkout .env in the
    working folder (`pbx init` makes one; see docs/operations.md). Root acts as the user whom the
    home belongs to.
    Data goes to stdout, everything else to stderr; --json prints data as JSON.

    Exit codes: 0 done, 1 failed, 2 usage or settings, 3 not found, 4 already exists or in use,
    5 invalid, 6 database or Asterisk unreachable.
    """
    if context.invoked_subcommand not in STAYS_ROOT:
        become_owner_of_home()


def main() -> None:
    """Run `pbx`; what it writes, recordings and logs included, only its owner can read."""
    os.umask(FOR_ITS_OWNER_ALONE)
    with telling_who_acted():
        pbx(prog_name="pbx")
