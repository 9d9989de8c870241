"""The guides say what the program does: their commands exist, their table of endings is whole."""

import io
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from pbx_cli.main import pbx
from stasis_apps.decisions.ending import Reason, ended_by_plan

PROJECT = Path(__file__).parents[3]
GUIDES = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))
FILES = (
    "welcome.mp3",
    "away.wav",
    "holidays.csv",
    "acme.yaml",
    "tenants/acme.yaml",
    "examples/tenants/small-office.yaml",
    "pbx-2026-11-22.tar.gz",
)
"""Files that the commands of the guides read."""


def commands() -> Iterator[tuple[str, str]]:
    for guide in GUIDES:
        if guide.name == "cli.md":
            continue
        for block in re.findall(r"^```\n(.*?)^```$", guide.read_text(), re.S | re.M):
            for line in block.replace("\\\n", "").splitlines():
                if line.startswith("pbx "):
                    yield guide.name, line


def parse(words: list[str]) -> None:
    """Read the words as the shell would give them; nothing is done."""
    command: click.Command = pbx
    context: click.Context | None = None
    name = "pbx"
    while isinstance(command, click.Group):
        context = click.Context(command, parent=context, info_name=name)
        found, resolved, words = command.resolve_command(context, words)
        assert resolved is not None, f"there is no {found}"
        name, command = found or "", resolved
    command.make_context(name, words, parent=context)


def expanded(word: str) -> list[str]:
    """A word as the shell would give it: a pattern becomes the names of the files that it fits."""
    is_pattern = word.endswith("*.yaml")
    return [str(file) for file in Path().glob(word)] if is_pattern else [word]


@pytest.mark.parametrize(("guide", "line"), list(commands()))
def test_every_command_of_the_guides_can_be_typed(
    guide: str, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PBX_TENANT", "acme")
    monkeypatch.setattr(sys, "stdin", io.StringIO("the-carriers-own-password-1\n"))
    words = shlex.split(re.sub(r" ([<>] \S+|\| .*)", "", line), comments=True)
    words = [one for word in words for one in expanded(word)]

    try:
        parse(words[1:])
    except click.UsageError as fault:
        pytest.fail(f"{guide}: {line}: {fault.format_message()}")


def test_the_guide_names_every_way_a_call_can_end() -> None:
    guide = (PROJECT / "docs" / "call-routing.md").read_text()

    for reason in Reason:
        end = ended_by_plan(reason)
        assert f"| `{reason}` | {end.comment('en')} | {end.comment('ru')} |" in guide
