"""The click commands that `pbx` is made of; they turn faults into sentences and exit codes."""

from __future__ import annotations

import click

from pbx_cli.errors import USAGE, Refused, known_faults, refusal


class PbxCommand(click.Command):
    """A command that tells every refusal in words, and with ``--json`` as JSON."""

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


class NounGroup(click.Group):
    """The verbs of one noun: ``pbx tenant create``."""

    command_class = PbxCommand
