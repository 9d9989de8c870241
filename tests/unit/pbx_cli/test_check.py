"""`pbx check`: what an operator reads about a tenant file before it is applied."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.pbx_cli.shell import Shell
from tests.unit.pbx_cli.test_sounds import a_tone

PROJECT = Path(__file__).parents[3]
GOOD = PROJECT / "tests" / "tenants" / "good" / "office.yaml"

ACME = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  "100": {name: Alice}
  "101": {name: Boris}
elements:
  "5000":
    kind: group
    members: ["100"]
aliases: {info: "5000"}
"""


@pytest.fixture
def acme_file(tmp_path: Path) -> Path:
    return written(tmp_path / "acme.yaml", ACME)


def written(file: Path, text: str) -> Path:
    file.write_text(text, encoding="utf-8")
    return file


def test_a_finding_is_told_with_line_and_column_and_how_to_mend_it(
    shell: Shell, acme_file: Path
) -> None:
    ran = shell("check", str(acme_file))
    assert ran.code == 0
    assert f"{acme_file}:11:5: warning group-of-one" in ran.out
    assert "5000 is a group of one" in ran.out
    assert "\n    Add the others" in ran.out
    assert f"{acme_file}: 1 warning." in ran.err


def test_with_strict_a_warning_makes_the_exit_code_5(shell: Shell, acme_file: Path) -> None:
    assert shell("check", "--strict", str(acme_file)).code == 5
    assert shell("check", "--strict", str(GOOD)).code == 0


def test_a_finding_that_the_file_silences_is_counted_and_not_told(
    shell: Shell, tmp_path: Path
) -> None:
    silence = "{code: group-of-one, at: elements.5000, reason: Alice alone}"
    file = written(tmp_path / "acme.yaml", f"{ACME}lint: {{ignore: [{silence}]}}\n")
    ran = shell("check", "--strict", str(file))
    assert (ran.code, ran.out) == (0, "")
    assert "1 silenced" in ran.err
    (document,) = shell.done("check", str(file))
    (finding,) = document["findings"]
    assert finding["silenced"] == "Alice alone"


def test_an_error_makes_the_exit_code_5(shell: Shell, tmp_path: Path) -> None:
    text = ACME.replace('kind: group\n    members: ["100"]', 'kind: switch\n    open: "5000"')
    file = written(tmp_path / "acme.yaml", text.replace("aliases", '    closed: "5000"\naliases'))
    ran = shell("check", str(file))
    assert ran.code == 5
    assert "error endless-loop" in ran.out


def test_what_keeps_files_from_being_applied_is_told_at_once_of_all_of_them(
    shell: Shell, tmp_path: Path
) -> None:
    one = written(tmp_path / "one.yaml", ACME.replace('["100"]', '["100", "199"]'))
    other = written(tmp_path / "other.yaml", ACME.replace("kind: group", "kind: grupp"))
    ran = shell("check", str(one), str(other), str(GOOD))
    assert ran.code == 5
    assert f"{one}:11:" in ran.out
    assert "199" in ran.out
    assert f"{other}:10:" in ran.out
    assert f"{GOOD}: nothing to mend." in ran.err


def test_a_folder_means_all_tenant_files_in_it(shell: Shell) -> None:
    documents = shell.done("check", str(GOOD.parent))
    assert [Path(one["checked"]).name for one in documents] == ["help_desk.yaml", "office.yaml"]


def test_faults_of_shape_and_of_sense_of_a_file_are_told_together(
    shell: Shell, tmp_path: Path
) -> None:
    text = ACME.replace("{name: Boris}", "{name: Boris, rings: 5}")
    file = written(tmp_path / "acme.yaml", text.replace('["100"]', '["100", "199"]'))
    ran = shell("check", "--json", str(file))
    assert ran.code == 5
    (document,) = ran.json
    assert [(one["line"], one["path"]) for one in document["faults"]] == [
        (7, "extensions.101.rings"),
        (11, "elements.5000.members.1"),
    ]
    assert document["errors"] == 2
    assert document["findings"] == []


def test_scripts_read_each_finding_with_its_code_and_place(shell: Shell, acme_file: Path) -> None:
    (document,) = shell.done("check", str(acme_file))
    assert document["checked"] == str(acme_file)
    assert (document["errors"], document["warnings"], document["silenced"]) == (0, 1, 0)
    (finding,) = document["findings"]
    assert finding == {
        "code": "group-of-one",
        "severity": "warning",
        "file": str(acme_file),
        "line": 11,
        "column": 5,
        "path": "elements.5000.members",
        "sentence": "5000 is a group of one",
        "mend": finding["mend"],
        "silenced": "",
    }


def test_no_database_is_asked_or_made_for_a_file(shell: Shell, acme_file: Path) -> None:
    (shell.home / "pbx.sqlite3").unlink()
    assert shell("check", str(acme_file)).code == 0
    assert list(shell.home.iterdir()) == []


def test_all_that_is_looked_for_can_be_listed(shell: Shell) -> None:
    listed = {one["code"]: one for one in shell.done("check", "--list")}
    assert listed["endless-loop"]["severity"] == "error"
    assert listed["group-of-one"]["why"]
    assert "group-of-one" in shell("check", "--list").out


def test_a_tenant_of_the_database_is_looked_at_with_the_files_of_its_sounds(acme: Shell) -> None:
    acme.done(
        *("element", "create", "group", "5000", "--tenant", "acme"),
        *("--set", 'members=["100"]'),
    )
    (document,) = acme.done("check", "--tenant", "acme")
    assert document["checked"] == "acme"
    found = {one["code"]: one for one in document["findings"]}
    assert found.keys() == {"group-of-one", "unreachable-element"}
    assert found["group-of-one"]["line"] is None
    assert "elements.5000.members: warning group-of-one" in acme("check", "--tenant", "acme").out


def test_a_sound_whose_file_has_gone_is_told(acme: Shell, tmp_path: Path) -> None:
    tone = a_tone(tmp_path / "tone.wav", seconds=2)
    acme.done("sound", "create", "welcome", str(tone), "--tenant", "acme")
    acme.done(
        *("element", "create", "play", "5000", "--tenant", "acme"),
        *("--set", "sound=welcome", "--set", "next=100"),
    )
    assert "sound-without-file" not in acme("check", "--tenant", "acme").out
    (acme.home / "sounds" / "acme" / "welcome.alaw").unlink()
    assert "sounds.welcome: warning sound-without-file" in acme("check", "--tenant", "acme").out


def test_neither_a_file_nor_a_tenant_is_no_question(shell: Shell) -> None:
    assert shell("check").code == 2
    assert shell("check", "--tenant", "nobody").code == 3
