"""The rules that the README and the guide begin with, taken from their text and asked."""

import re
import shlex
from pathlib import Path

import pytest

from tests.unit.pbx_cli.shell import Shell

PROJECT = Path(__file__).resolve().parents[3]
OF_ACME = ("--tenant", "acme")
DIALLED = {
    "030123456": "+4930123456",
    "0301234567": "+49301234567",
    "+49301234567": "+49301234567",
    "0049301234567": "+49301234567",
    "0015551234567": "+15551234567",
    "+15551234567": "+15551234567",
    "00442071234567": "+442071234567",
    "+442071234567": "+442071234567",
}


@pytest.fixture
def german(shell: Shell) -> Shell:
    """A tenant in Germany with the trunks of the guide; nobody outside has its numbers."""
    shell.done("tenant", "create", "acme", "--domain", "acme.test", "--country", "DE")
    shell.done("extension", "create", "100", *OF_ACME, "--name", "Alice")
    for city in ("berlin", "city"):
        login = ("--username", "acme", "--password-stdin")
        host = ("--host", f"{city}.carrier.test")
        shell.done("trunk", "create", city, *OF_ACME, *host, *login, typed="their-secret\n")
    return shell


def rules_of(page: str) -> list[list[str]]:
    """The first rules that a page makes, as words."""
    text = (PROJECT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    block = next(one for one in blocks if "pbx rule create" in one)
    lines = [line for line in block.splitlines() if line.startswith("pbx rule create")]
    return [shlex.split(line)[1:] for line in lines]


@pytest.mark.parametrize("page", ["README.md", "docs/outbound-calls.md"])
def test_whatever_is_dialled_reaches_whom_it_was_dialled_for(page: str, german: Shell) -> None:
    for words in rules_of(page):
        ran = german(*words, *(() if "--tenant" in words else OF_ACME))
        assert ran.code == 0
        assert "another country" not in ran.err
    sent = {
        number: german.done("rule", "explain", *OF_ACME, "--user", "100", number)["sends"]
        for number in DIALLED
    }
    assert sent == DIALLED
