"""The tenants in ``examples/tenants``: each can be checked, tested, drawn and applied."""

from pathlib import Path

import pytest

from stasis_apps.element import known_elements
from tests.unit.pbx_cli.shell import Shell

FOLDER = Path(__file__).parents[3] / "examples" / "tenants"
FILES = sorted(FOLDER.glob("*.yaml"))

OF_DAYS_GONE_BY = {"dates-past", "holidays-run-out"}
"""What is told, from some year on, of an example that names days."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_an_example_is_without_fault_and_does_what_it_promises(shell: Shell, file: Path) -> None:
    (checked,) = shell.done("check", str(file))
    assert {one["code"] for one in checked["findings"]} <= OF_DAYS_GONE_BY
    assert shell("test", str(file)).code == 0
    picture = shell("graph", "--file", str(file), "--format", "svg").out
    assert picture.startswith(("<?xml", "<svg"))

    shell.done("apply", str(file), "--test")

    tenant = file.stem
    assert shell("test", "--tenant", tenant).code == 0
    assert shell.done("apply", str(file), "--yes")[0]["changes"] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_is_exported_of_an_example_is_the_example(
    shell: Shell, file: Path, tmp_path: Path
) -> None:
    shell.done("apply", str(file))
    revision = shell.done("tenant", "show", file.stem)["revision"]
    copy = tmp_path / file.name
    copy.write_text(shell("export", file.stem).out)

    assert shell("diff", str(copy), "--exit-code").code == 0
    shell.done("apply", str(copy), "--yes")
    assert shell.done("tenant", "show", file.stem)["revision"] == revision


def test_the_examples_have_every_kind_of_element() -> None:
    told = " ".join(file.read_text() for file in FILES)

    assert {kind for kind in known_elements() if f"kind: {kind}" not in told} == {"user"}
