"""`pbx completion`: the line that teaches a shell to complete `pbx`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from pbx_cli.nouns import PbxCommand

SHELLS = ("bash", "zsh", "fish")


@click.command(cls=PbxCommand)
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script of a SHELL.

    bash: eval "$(pbx completion bash)" in ~/.bashrc; zsh: the same with zsh in ~/.zshrc; fish: pbx
    completion fish > ~/.config/fish/completions/pbx.fish
    """
    script = get_completion_class(shell)
    if script is not None:
        program = context.find_root().command
        click.echo(script(program, {}, "pbx", "_PBX_COMPLETE").source())
