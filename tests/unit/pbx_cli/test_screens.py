"""What people read on the screen: lists that fit, help that is whole, faults in their own words."""

from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from pbx_cli.applying.verdict import MOST_WARNINGS, Verdict
from pbx_cli.column_widths import column_widths
from pbx_cli.findings import Found, finding_lines
from pbx_cli.imagined.tried_routes import deviation_lines
from pbx_cli.main import pbx
from pbx_cli.option_names import option_of
from pbx_cli.output import counted, emit_rows
from stasis_apps.lint import Finding, Severity
from stasis_apps.route_tests import Deviation
from tests.unit.pbx_cli.shell import Shell

MOMENT = "2026-11-22 13:38:26Z"
CALLS = ("Started", "From", "Dialled", "Taken by", "Talk (s)", "End", "Call")
A_CALL = (MOMENT, "79161234567", "74951234567", "100", "1.0", "caller: ended normally")
CALL_ID = "pbx-10f8f5-1795354706.3"
RULES = ("Place", "Name", "Mask", "Sends", "Trunks", "For", "Hours", "Notes")
A_RULE = ("1", "any format", "{p7|7|8|}(dddddddddd)", "8$", "moscow, city", "all")
BY_ADDRESS = ("--tenant", "acme", "--preset", "by-address", "--address", "192.0.2.1")
HOURS = "mon-fri 09:00-18:00"


def widths_at(width: int, headings: tuple[str, ...], row: tuple[str, ...]) -> dict[str, int]:
    """How wide each column becomes; all of it has to fit."""
    gap, widths = column_widths(headings, [row], width)
    assert sum(widths) + gap * (len(widths) - 1) <= width
    return dict(zip(headings, widths, strict=True))


def groups_of(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path to every list of commands."""
    if isinstance(command, click.Group):
        yield path
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from groups_of(found, (*path, name))


@pytest.fixture
def ours(acme: Shell) -> Shell:
    """A shell in whose environment acme is named."""
    return Shell(acme.home, {**acme.environment, "PBX_TENANT": "acme"})


def test_what_commands_do_is_told_in_whole_sentences(shell: Shell) -> None:
    for group in groups_of(pbx):
        told = shell(*group, "--help").out
        commands = told.partition("Commands:\n")[2]

        assert commands, group
        assert "..." not in commands, group
        assert commands.rstrip().endswith("."), group
        assert max(map(len, told.splitlines())) <= 80, group


def test_calls_are_listed_on_80_columns_with_ids_and_numbers_in_one_piece() -> None:
    widths = widths_at(80, CALLS, (*A_CALL, CALL_ID))

    assert widths["Call"] == len(CALL_ID)
    assert (widths["From"], widths["Dialled"]) == (11, 11)
    assert widths["End"] >= len("normally")


def test_calls_are_listed_on_100_columns_with_moments_in_one_piece() -> None:
    widths = widths_at(100, CALLS, (*A_CALL, CALL_ID))

    assert (widths["Started"], widths["Call"]) == (len(MOMENT), len(CALL_ID))


def test_rules_are_listed_with_hours_whose_times_are_in_one_piece() -> None:
    assert widths_at(80, RULES, (*A_RULE, HOURS, "-"))["Hours"] >= len("09:00-18:00")
    assert widths_at(100, RULES, (*A_RULE, HOURS, "-"))["Mask"] == len(A_RULE[2])


@pytest.mark.parametrize("width", [20, 40])
def test_a_list_fits_on_the_narrowest_screen(width: int) -> None:
    widths_at(width, CALLS, (*A_CALL, CALL_ID))


def test_a_list_of_one_tenants_calls_does_not_name_the_tenant_on_every_line(acme: Shell) -> None:
    acme.done("trunk", "create", "city", *BY_ADDRESS)

    of_one = acme("emergency", "audit", "--tenant", "acme").out.splitlines()
    of_all = acme("emergency", "audit").out.splitlines()

    assert "TENANT" not in of_one[0]
    assert "TENANT" in of_all[0]
    assert len(of_one) == len(of_all) > 1


def test_a_fault_names_the_option_that_was_typed_and_scripts_read_the_field(acme: Shell) -> None:
    typed = ("tenant", "set", "acme", "--max-outside-calls", "-3", "--night", "25-26")

    told = acme(*typed).err
    ran = acme.refused(*typed, code=5)

    assert "--max-outside-calls -3: from 0" in told
    assert "--night '25-26': " in told
    assert set(ran.faults) == {"max_calls", "night_hours"}


def test_a_fault_names_the_word_that_switches_off_where_that_was_typed() -> None:
    @click.command()
    @click.option("--enabled/--disabled", "is_enabled", default=None)
    def switch(is_enabled: bool | None) -> None:
        click.echo(f"{is_enabled} {option_of('is_enabled')}")

    told = [CliRunner().invoke(switch, typed).output for typed in (["--disabled"], ["--enabled"])]

    assert told == ["False --disabled\n", "True --enabled\n"]


def test_a_fault_of_what_was_not_typed_names_the_field(acme: Shell) -> None:
    acme.done("trunk", "create", "city", *BY_ADDRESS)

    told = acme("trunk", "set", "city", "--tenant", "acme", "--registration", "outbound").err

    assert "password: " in told
    assert "--password" not in told


def test_hours_that_cannot_be_read_do_not_hide_what_else_is_wrong(acme: Shell) -> None:
    typed = (
        "rule",
        "create",
        "late",
        "--tenant",
        "acme",
        "--mask",
        "{",
        "--only",
        "x y",
        "--trunk",
        "no",
    )

    told = acme(*typed, "--hours", "sometime", "--hours", "mon 25:00-26:00").err
    ran = acme.refused(*typed, "--hours", "sometime", code=5)

    for option in ("--hours 'sometime'", "--hours '25:00'", "--mask '{'", "--trunk 'no'"):
        assert option in told
    assert {"hours", "mask", "trunks"} <= set(ran.faults)
    assert acme.done("rule", "list", "--tenant", "acme") == []


def test_a_bad_hour_of_a_rule_that_is_good_otherwise_makes_no_rule(acme: Shell) -> None:
    acme.refused(
        *("rule", "create", "late", "--tenant", "acme", "--mask", "+", "--hours", "sometime"),
        code=5,
    )


@pytest.mark.parametrize(
    "command",
    [
        ("tenant", "show"),
        ("tenant", "events"),
        ("tenant", "history"),
        ("tenant", "set", "--language", "ru"),
        ("export",),
        ("check",),
        ("graph",),
        ("device", "list"),
    ],
)
def test_the_tenant_is_named_once_in_the_environment(ours: Shell, command: tuple[str, ...]) -> None:
    named = ours(*command)
    nobody = Shell(ours.home, {**ours.environment, "PBX_TENANT": None})(*command)

    assert (named.code, nobody.code) == (0, 2), (named.err, nobody.err)


def test_revisions_are_those_of_the_tenant_in_the_environment(ours: Shell) -> None:
    first, *_, last = reversed([one["revision"] for one in ours.done("tenant", "history")])

    alone = ours("tenant", "diff", str(first), str(last))
    named = ours("tenant", "diff", "acme", str(first), str(last))
    ours.done("tenant", "rollback", str(first), "--yes")

    assert (alone.code, alone.out) == (0, named.out)
    assert ours.done("extension", "list", "--tenant", "acme") == []


def test_a_tenant_is_not_removed_by_a_forgotten_variable(ours: Shell) -> None:
    ours.refused("tenant", "remove", "--yes", code=2)


def test_a_file_that_is_named_is_checked_whatever_the_environment_says(ours: Shell) -> None:
    exported = ours.home / "acme.yaml"
    exported.write_text(ours("export").out)

    (checked,) = ours.done("check", str(exported))

    assert checked["checked"] == str(exported)


def test_things_are_counted_in_grammar() -> None:
    assert [counted(count, "fault") for count in (0, 1, 2)] == ["0 faults", "1 fault", "2 faults"]


def odd(sentence: str) -> Found:
    """Something that the lint has found."""
    finding = Finding(
        code="odd", severity=Severity.WARNING, route=("trunks",), sentence=sentence, mend="Mend it."
    )
    return Found(file=None, place=None, finding=finding)


@pytest.mark.parametrize(("more", "told"), [(1, "And 1 more warning;"), (2, "2 more warnings;")])
def test_warnings_that_are_not_listed_are_counted_in_grammar(
    capsys: pytest.CaptureFixture[str], more: int, told: str
) -> None:
    Verdict(warnings=[odd("this is odd")] * (MOST_WARNINGS + more)).tell_warnings()

    assert told in capsys.readouterr().err


def test_findings_and_failed_tests_fit_on_80_columns() -> None:
    long = "the number that nobody has dialled for years now leads to a menu that nobody hears"
    deviation = Deviation(field="answered_by", expected="100", was="101", why=long)

    found = ["".join(map(str, line)) for line in finding_lines([odd(long)], 80)]
    indented = [f"{'':10}{line}" for line in deviation_lines(deviation, 80)]

    assert max(map(len, (*found[1:], *indented))) <= 80
    assert long in " ".join(" ".join(indented).split())


def test_what_nobody_has_is_no_amount(capsys: pytest.CaptureFixture[str]) -> None:
    rows: list[dict[str, object]] = [{"mail": None, "ring_s": 20.0}, {"mail": None, "ring_s": None}]

    emit_rows(rows, {"E-mail": "mail", "Rings (s)": "ring_s"}, empty="")

    lines = capsys.readouterr().out.splitlines()
    assert lines == ["E-MAIL  RINGS (S)", "-            20.0", "-               -"]
