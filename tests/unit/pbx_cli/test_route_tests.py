"""`pbx test`: route tests in tenant files, in files of their own, and in the database."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.unit.pbx_cli.shell import Shell

OFFICE = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  100: {name: Alice}
  101: {name: Boris}
elements:
  5100: {kind: group, members: [100, 101], ring_s: 25, no_answer: 5120}
  5120: {kind: voicemail}
  5300:
    kind: time_rule
    windows: [{days: mon-fri, from: 09:00, to: 18:00}]
    match: 5100
    no_match: 5120
trunks:
  moscow: {host: sip.carrier.test, username: acme, register: true, password: abcdefgh12345678}
numbers:
  74951234567: {trunk: moscow, to: 5300}
tests:
  - name: in the day, Boris answers
    from: +79161112233
    to: 74951234567
    at: 2026-11-23T10:00
    answers: {101: 4s}
    expect: {path: [5300, 5100], answered_by: 101}
  - name: at night, a message
    from: +79161112233
    to: 74951234567
    at: 2026-11-23 22:00
    expect: {path: [5300, ..., 5120], voicemail: 5120, not_rung: [100, 101]}
"""

BESIDE = """\
file: acme.yaml
tests:
  - name: in the day, Alice <answers> & "talks"
    from: +79161112233
    to: 74951234567
    at: 2026-11-23T10:00
    answers: {101: 4s}
    expect: {path: [5300, 5120], answered_by: 100}
  - name: Boris calls Alice
    from: 101
    to: 100
    answers: {100: {after_s: 2, talks_s: 5}}
    expect: {answered_by: 100, ended_by: callee}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A tenant file with two tests that pass."""
    file = tmp_path / "acme.yaml"
    file.write_text(OFFICE)
    return file


@pytest.fixture
def beside(office: Path) -> Path:
    """A file of tests beside it, of which the first one fails."""
    file = office.with_name("acme-tests.yaml")
    file.write_text(BESIDE)
    return file


def test_a_file_that_was_never_applied_is_tested_without_a_database(
    shell: Shell, office: Path
) -> None:
    shell.home.joinpath("pbx.sqlite3").unlink()
    ran = shell("test", str(office))
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        str(office),
        "  ok    in the day, Boris answers",
        "  ok    at night, a message",
        "2 tests passed.",
    ]
    assert not shell.home.joinpath("pbx.sqlite3").exists()


def test_a_failure_tells_what_was_expected_what_happened_and_why(
    shell: Shell, beside: Path
) -> None:
    ran = shell("test", str(beside))
    assert ran.code == 1
    assert ran.out.splitlines() == [
        str(beside),
        f'  FAIL  in the day, Alice <answers> & "talks"  ({beside}:3)',
        "          path         expected 5300 5120",
        "                       was      5300 5100",
        "                       because  5300 was left by match to 5100, expected 5120: inside the "
        "hours:",
        "                                mon-fri 09:00-18:00 (Mon 2026-11-23 10:00)",
        "          answered by  expected 100",
        "                       was      101",
        "  ok    Boris calls Alice",
        "2 tests, 1 failed.",
    ]


def test_scripts_get_every_test_with_its_line(shell: Shell, office: Path, beside: Path) -> None:
    ran = shell("test", str(office), str(beside), "--json")
    assert ran.code == 1
    assert [(one["line"], one["passed"], one["path"]) for one in ran.json] == [
        (21, True, ["5300", "5100"]),
        (27, True, ["5300", "5120"]),
        (3, False, ["5300", "5100"]),
        (9, True, ["100"]),
    ]
    assert [one["field"] for one in ran.json[2]["deviations"]] == ["path", "answered_by"]
    assert {one["tenant"] for one in ran.json} == {"acme"}


def test_only_some_tests_are_run_when_asked(shell: Shell, office: Path, beside: Path) -> None:
    ran = shell("test", str(office), str(beside), "--only", "Boris")
    assert ran.code == 0
    assert ran.out.count("  ok  ") == 2


def test_a_name_that_no_test_has_is_refused_with_those_there_are(
    shell: Shell, office: Path
) -> None:
    ran = shell("test", str(office), "--only", "Zoe")
    assert (ran.code, ran.out) == (3, "")
    assert "--only 'Zoe'" in ran.err
    assert "  in the day, Boris answers\n  at night, a message" in ran.err


def test_tests_of_another_name_are_not_even_run(shell: Shell, beside: Path) -> None:
    """What one of them expects could not be told: its caller has no phone."""
    beside.write_text(BESIDE.replace("from: +79161112233", "from: 199\n    how: phone"))
    assert shell("test", str(beside)).code == 1
    ran = shell("test", str(beside), "--only", "Boris")
    assert (ran.code, "1 test passed." in ran.out) == (0, True)


def test_a_file_without_tests_is_named_and_has_not_failed(shell: Shell, office: Path) -> None:
    bare = office.with_name("bare.yaml")
    bare.write_text(OFFICE.partition("tests:")[0])
    for words in (("test", str(bare)), ("test", str(bare), "--only", "Boris")):
        ran = shell(*words)
        assert (ran.code, ran.out) == (0, "")
        assert f"{bare} has no tests." in ran.err


def test_results_that_cannot_be_written_are_told_before_anything_is_run(
    shell: Shell, office: Path, tmp_path: Path
) -> None:
    nowhere = tmp_path / "nowhere" / "results.xml"
    ran = shell("test", str(office), "--junit", str(nowhere))
    assert (ran.code, ran.out) == (1, "")
    assert f"{nowhere} cannot be written: No such file or directory" in ran.err


def test_a_tenant_beside_a_file_is_refused_unless_the_environment_names_it(
    shell: Shell, office: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shell("test", str(office), "--tenant", "acme").code == 2
    monkeypatch.setenv("PBX_TENANT", "acme")
    assert shell("test", str(office)).code == 0


def test_of_a_faulty_file_some_faults_are_told_and_where_all_are_listed(
    shell: Shell, office: Path
) -> None:
    lost = "".join(f"  51{nth:02}: {{kind: play, sound: x{nth}}}\n" for nth in range(1, 10))
    office.write_text(OFFICE.replace("  5120: {kind: voicemail}\n", lost))
    ran = shell("test", str(office))
    assert ran.code == 5
    assert "nothing was changed" not in ran.err
    assert f"`pbx check {office}` lists all." in " ".join(ran.err.split())
    assert sum(line.startswith("  ") for line in ran.err.splitlines()) == 5
    as_json = shell("test", str(office), "--json")
    assert len(as_json.refusal["faults"]) > 5


def test_a_ci_server_reads_the_results_as_junit(
    shell: Shell, office: Path, beside: Path, tmp_path: Path
) -> None:
    written = tmp_path / "results.xml"
    shell("test", str(office), str(beside), "--junit", str(written))
    root = ET.fromstring(written.read_text())  # noqa: S314 - written by ourselves
    suites = [(one.get("tests"), one.get("failures")) for one in root]
    assert (root.tag, suites) == ("testsuites", [("2", "0"), ("2", "1")])
    failed = root[1][0]
    assert failed.get("name") == 'in the day, Alice <answers> & "talks"'
    assert (failed.get("file"), failed.get("line")) == (str(beside), "3")
    [simulated, failure] = failed
    assert simulated[0].get("name") == "simulated_s"
    assert 4.0 <= float(simulated[0].get("value", "")) < 70.0
    assert all(0.0 < float(case.get("time", "")) < 60.0 for case in root[0])
    assert failure.get("message") == (
        "path: expected 5300 5120, was 5300 5100; answered by: expected 100, was 101"
    )
    assert "inside the" in (failure.text or "")


def test_what_xml_cannot_say_is_left_out_of_it(shell: Shell, beside: Path, tmp_path: Path) -> None:
    beside.write_text(BESIDE.replace("Boris calls Alice", '"a \\x07 bell"'))
    written = tmp_path / "results.xml"
    shell("test", str(beside), "--junit", str(written))
    root = ET.fromstring(written.read_text())  # noqa: S314 - written by ourselves
    assert [case.get("name") for case in root[0]][1] == "a ? bell"


def test_the_tests_kept_with_a_tenant_are_run_from_the_database(
    shell: Shell, office: Path, beside: Path
) -> None:
    shell.done("apply", str(office))
    ran = shell("test", "--tenant", "acme")
    assert ran.code == 0
    assert ran.out.splitlines()[0] == "acme"
    assert "2 tests passed." in ran.out
    beside.write_text(BESIDE.replace("file: acme.yaml", "tenant: acme"))
    office.unlink()
    assert shell("test", str(beside), "--only", "Boris").code == 0


def test_tests_of_the_wrong_shape_are_refused_each_at_its_line(shell: Shell, beside: Path) -> None:
    text = BESIDE.replace("{101: 4s}", "{101: soon}").replace("to: 100", "two: 100")
    beside.write_text(text.replace("Boris calls", "in the day,").replace("T10:00", "T10:75"))
    ran = shell("test", str(beside))
    assert ran.code == 5
    assert f"{beside}:7:" in ran.err
    assert "tests.0.answers.101 'soon'" in ran.err
    assert f"{beside}:9:" in ran.err
    assert "tests.1.two" in ran.err


def test_days_that_no_calendar_has_are_refused(shell: Shell, beside: Path) -> None:
    beside.write_text(BESIDE.replace("11-23", "11-31"))
    ran = shell("test", str(beside))
    assert ran.code == 5
    assert f"{beside}:6:" in ran.err


@pytest.mark.parametrize(
    ("head", "words"),
    [
        ("file: nowhere.yaml", "file 'nowhere.yaml': is no file"),
        ("tenant: acme\nfile: acme.yaml", "name either a tenant of the database or"),
        ("", "name either a tenant of the database or"),
    ],
)
def test_a_file_of_tests_names_what_it_is_for(
    shell: Shell, beside: Path, head: str, words: str
) -> None:
    beside.write_text(BESIDE.replace("file: acme.yaml", head))
    ran = shell("test", str(beside))
    assert ran.code == 5
    assert words in ran.err


def test_a_tenant_that_is_not_there_is_told(shell: Shell, beside: Path) -> None:
    beside.write_text(BESIDE.replace("file: acme.yaml", "tenant: globex"))
    assert shell("test", str(beside)).code == 3
    assert shell("test", "--tenant", "globex").code == 3
    assert shell("test").code == 2


def test_a_phone_that_is_not_there_fails_its_test_in_one_line(shell: Shell, beside: Path) -> None:
    beside.write_text(BESIDE.replace("from: 101", "from: 101-car\n    how: phone"))
    ran = shell("test", str(beside), "--only", "Boris")
    assert ran.code == 1
    assert "          from         '101-car' is no extension or device of the tenant" in ran.out
