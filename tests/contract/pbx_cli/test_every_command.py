"""What holds for every command, those of tomorrow included: found by walking through `pbx`."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from pbx_cli.main import pbx

DOCS = Path(__file__).parents[3] / "docs"

PRINTS_A_SCRIPT = {"pbx completion"}
PRINTS_JSON_ANYWAY = {"pbx schema"}
NAMES_A_POSITION = {"pbx switch set"}
VERBS = {"list", "show", "create", "set", "remove"}


def every_command(
    command: click.Command = pbx, path: tuple[str, ...] = ("pbx",)
) -> Iterator[tuple[str, click.Command]]:
    yield " ".join(path), command
    if isinstance(command, click.Group):
        with click.Context(command) as context:
            for name in command.list_commands(context):
                inner = command.get_command(context, name)
                assert inner is not None, name
                yield from every_command(inner, (*path, name))


COMMANDS = dict(every_command())
LEAVES = {
    path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)
}


@pytest.mark.parametrize("path", COMMANDS)
def test_every_command_explains_itself(path: str) -> None:
    ran = CliRunner().invoke(pbx, [*path.split()[1:], "--help"])

    assert ran.exit_code == 0
    summary = (COMMANDS[path].help or "").splitlines()[0]
    assert summary.endswith((".", ":")), f"{path}: {summary!r} is no sentence"


@pytest.mark.parametrize("path", LEAVES)
def test_every_option_of_every_command_is_explained_or_speaks_for_itself(path: str) -> None:
    with click.Context(LEAVES[path]) as context:
        options = [one for one in LEAVES[path].get_params(context) if isinstance(one, click.Option)]
        silent = [one.name for one in options if one.get_help_record(context) is None]

    assert not silent


@pytest.mark.parametrize("path", sorted(LEAVES.keys() - PRINTS_A_SCRIPT))
def test_everything_that_prints_prints_json(path: str) -> None:
    names = {name for parameter in LEAVES[path].params for name in parameter.opts}

    assert "--json" in names


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_no_secret_is_ever_an_option_value(path: str) -> None:
    for parameter in LEAVES[path].params:
        is_secret = "password" in (parameter.name or "") or "secret" in (parameter.name or "")
        if is_secret:
            assert isinstance(parameter, click.Option)
            assert parameter.is_flag, f"{path} {parameter.name}"


@pytest.mark.parametrize("path", [path for path in LEAVES if path.endswith(" remove")])
def test_nothing_is_removed_without_a_yes(path: str) -> None:
    assert "yes" in {parameter.name for parameter in LEAVES[path].params}


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_the_named_thing_is_the_argument_and_all_else_options(path: str) -> None:
    arguments = [one for one in LEAVES[path].params if isinstance(one, click.Argument)]
    verb = path.rpartition(" ")[2]

    if verb in VERBS - {"list", "create"}:
        assert len(arguments) == (2 if path in NAMES_A_POSITION else 1)
    if verb == "list":
        assert not arguments


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_every_command_stands_in_the_manual(path: str) -> None:
    assert f"\n## {path}\n" in (DOCS / "cli.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted(LEAVES))
def test_a_wrong_option_is_a_usage_fault_told_as_json(path: str) -> None:
    ran = CliRunner().invoke(pbx, [*path.split()[1:], "--json", "--no-such-option"])

    assert ran.exit_code == 2
    assert ran.stdout == ""
    if path not in PRINTS_A_SCRIPT:
        assert ran.stderr.startswith('{"error": ')


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_learns_to_complete(shell: str) -> None:
    ran = CliRunner().invoke(pbx, ["completion", shell])

    assert ran.exit_code == 0
    assert "_PBX_COMPLETE" in ran.stdout


def test_the_shell_completes_nouns_and_verbs() -> None:
    def completed(words: str) -> set[str]:
        count = len(words.split())
        environment = {
            "COMP_WORDS": words,
            "COMP_CWORD": str(count),
            "_PBX_COMPLETE": "bash_complete",
        }
        ran = CliRunner().invoke(pbx, env=environment, prog_name="pbx")
        return {line.partition(",")[2] for line in ran.stdout.splitlines()}

    assert {"tenant", "extension", "device", "element", "sound", "calls", "run"} <= completed("pbx")
    assert completed("pbx tenant") == VERBS | {"diff", "events", "history", "rollback"}
