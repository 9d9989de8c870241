"""The click commands that `pbx` is made of; they turn faults into sentences and exit codes."""

from __future__ import annotations

import os
from typing import Final

import click

from pbx_cli.errors import USAGE, Refused, known_faults, refusal

TENANT_VARIABLE: Final = "PBX_TENANT"
"""Names the tenant in the environment, once for all commands."""

UNCUT: Final = 1000
"""More signs than a first sentence has."""


class PbxCommand(click.Command):
    """A command that tells every refusal in words, and with ``--json`` as JSON."""

    def get_short_help_str(self, limit: int = UNCUT) -> str:  # noqa: ARG002 - click's signature
        """Say what it does in the list of its noun: a whole sentence, on two lines if need be."""
        return super().get_short_help_str(UNCUT)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments; a wrong one is told as JSON when JSON is wanted."""
        as_json = "--json" in args
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as fault:
            if not as_json:
                raise
            raise Refused(fault.format_message(), exit_code=USAGE, as_json=True) from fault

    def invoke(self, ctx: click.Context) -> object:
        """Run the body; what is known to go wrong becomes a sentence and an exit code."""
        try:
            return super().invoke(ctx)
        except known_faults() as fault:
            raise refusal(fault) from fault


class RevisionsCommand(PbxCommand):
    """A command on revisions of a tenant, which ``PBX_TENANT`` names where numbers alone stand."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the arguments: the tenant, which may be left out, then revisions."""
        words = [word for word in args if not word.startswith("-")]
        most = sum(isinstance(one, click.Argument) for one in self.params)
        named = os.environ.get(TENANT_VARIABLE)
        if named and words and len(words) < most and all(map(str.isdecimal, words)):
            args = [named, *args]
        return super().parse_args(ctx, args)


class NounGroup(click.Group):
    """The verbs of one noun: ``pbx tenant create``."""

    command_class = PbxCommand

    def get_short_help_str(self, limit: int = UNCUT) -> str:  # noqa: ARG002 - click's signature
        """Say what the noun is in the list of all: a whole sentence, on two lines if need be."""
        return super().get_short_help_str(UNCUT)
