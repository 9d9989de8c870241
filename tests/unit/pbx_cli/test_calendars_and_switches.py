"""Holidays and switches by the shell."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.unit.pbx_cli.shell import Shell

TENANT = ("--tenant", "acme")
NEXT_YEAR = datetime.now(UTC).year + 1


@pytest.fixture
def holidays(tmp_path: Path) -> Path:
    file = tmp_path / "russia.csv"
    file.write_text(f"date;name\n{NEXT_YEAR}-01-01;New Year\n{NEXT_YEAR}-12-31;The Eve\n")
    return file


@pytest.fixture
def office(acme: Shell) -> Shell:
    """acme with a time rule that is always open and a switch."""
    always = '[{"days": "mon-sun", "from": "00:00", "to": "24:00"}]'
    acme.done("element", "create", "time_rule", "5300", *TENANT, "--set", f"windows={always}")
    acme.done("element", "create", "switch", "5301", *TENANT, "--set", "position=closed")
    return acme


def test_a_calendar_is_put_shown_listed_and_removed(acme: Shell, holidays: Path) -> None:
    stored = acme.done("calendar", "put", "russia", str(holidays), *TENANT)

    assert stored["count"] == 2
    assert stored["covers_until"] == f"{NEXT_YEAR}-12-31"
    assert stored["source"] == "russia.csv"
    assert acme.done("calendar", "list", *TENANT) == [stored]
    assert acme.done("calendar", "show", "russia", *TENANT) == stored
    assert "The Eve" in acme("calendar", "show", "russia", *TENANT).out
    assert acme.done("calendar", "remove", "russia", *TENANT, "--yes") == stored
    assert acme.done("calendar", "list", *TENANT) == []


def test_a_file_that_cannot_be_read_changes_nothing(acme: Shell, holidays: Path) -> None:
    stored = acme.done("calendar", "put", "russia", str(holidays), *TENANT)
    holidays.write_text("2027-01-01;fine\n2027-02-30;not so\n")

    ran = acme.refused("calendar", "put", "russia", str(holidays), *TENANT, code=5)

    assert "begin with a date" in ran.faults["line 2"][1]
    assert acme.done("calendar", "list", *TENANT) == [stored]
    assert "russia.csv, line 2" in acme("calendar", "put", "russia", str(holidays), *TENANT).err


def test_a_calendar_that_runs_out_is_warned_about(acme: Shell, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text("2025-01-01;New Year\n")

    assert (
        "says nothing about days after 2025-01-01"
        in acme("calendar", "put", "old", str(file), *TENANT).err
    )


def test_a_calendar_in_use_is_not_removed(office: Shell, holidays: Path) -> None:
    office.done("calendar", "put", "russia", str(holidays), *TENANT)
    office.done("element", "set", "5300", *TENANT, "--set", "holidays=russia")

    ran = office.refused("calendar", "remove", "russia", *TENANT, "--yes", code=4)

    assert "5300: goes by russia" in ran.err


def test_no_calendar_is_removed_without_a_yes(acme: Shell, holidays: Path) -> None:
    acme.done("calendar", "put", "russia", str(holidays), *TENANT)

    acme.refused("calendar", "remove", "russia", *TENANT, code=2)


def test_an_element_goes_by_no_calendar_that_is_not_there(office: Shell) -> None:
    ran = office.refused("element", "set", "5300", *TENANT, "--set", "holidays=mars", code=5)

    assert ran.faults["holidays"] == ("mars", "there is no such calendar")


def test_the_list_tells_how_each_stands_by_itself(office: Shell) -> None:
    rule, switch = office.done("switch", "list", *TENANT)

    assert (rule["number"], rule["position"], rule["by_plan"]) == ("5300", None, "match")
    assert rule["by_plan_until"] is None
    assert (switch["number"], switch["by_plan"]) == ("5301", "closed")


def test_the_list_tells_when_a_time_rule_changes_by_itself(office: Shell) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=2)).date()
    closed = f'[{{"days": "{tomorrow}"}}]'
    office.done(
        "element",
        "set",
        "5300",
        *TENANT,
        "--set",
        "timezone=+00:00",
        "--set",
        f"exceptions={closed}",
    )

    rule, _ = office.done("switch", "list", *TENANT)

    assert rule["by_plan"] == "match"
    assert rule["by_plan_until"] == f"{tomorrow}T00:00:00.000Z"


def test_an_office_is_closed_by_hand_until_a_moment_by_its_own_clock(office: Shell) -> None:
    office.done("tenant", "set", "acme", "--timezone", "Europe/Moscow")
    thrown = office.done(
        "switch", "set", "5300", "closed", "--until", f"{NEXT_YEAR}-01-11T09:00", *TENANT
    )

    assert thrown["position"] == "closed"
    assert thrown["until_at"] == f"{NEXT_YEAR}-01-11T06:00:00.000Z"
    assert thrown["set_by"] == "pbx"
    rule, _ = office.done("switch", "list", *TENANT)
    assert rule == {**thrown, "kind": "time_rule", "by_plan": "match", "by_plan_until": None}


def test_a_switch_falls_back_after_a_while_or_when_it_is_cleared(office: Shell) -> None:
    before = datetime.now(UTC)
    thrown = office.done("switch", "set", "5301", "open", "--for", "2h", *TENANT)

    left = datetime.fromisoformat(thrown["until_at"]) - before
    assert timedelta(hours=2) - timedelta(seconds=1) < left < timedelta(hours=2, minutes=1)
    office.done("switch", "clear", "5301", *TENANT)
    assert office.done("switch", "list", *TENANT)[1]["position"] is None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("5300", "ajar"), 2),
        (("5300", "open", "--for", "long"), 2),
        (("5300", "open", "--until", "tomorrow"), 2),
        (("5300", "open", "--until", "2099-01-01T00:00", "--for", "1h"), 2),
        (("5300", "open", "--until", "2020-01-01T00:00"), 5),
        (("5999", "open"), 3),
    ],
)
def test_what_cannot_be_switched_is_refused(
    office: Shell, arguments: tuple[str, ...], code: int
) -> None:
    office.refused("switch", "set", *arguments, *TENANT, code=code)


@pytest.mark.parametrize(
    ("until", "rule"),
    [
        ("9999-12-31T23:59:59-12:00", "is more than 10 years ahead"),
        ("9999-12-31T23:59:59", "is more than 10 years ahead"),
        ("2020-01-01T00:00", "has passed already"),
        ("0001-01-01T00:00:00+12:00", "has passed already"),
    ],
)
def test_a_switch_falls_back_within_ten_years_and_the_moment_is_named_as_given(
    office: Shell, until: str, rule: str
) -> None:
    ran = office.refused("switch", "set", "5301", "open", "--until", until, *TENANT, code=5)

    assert ran.faults == {"until": (until, rule)}
    assert office.done("switch", "list", *TENANT)[1]["position"] is None


@pytest.mark.parametrize("span", ["999999w", "999999d", "523w"])
def test_a_switch_is_not_thrown_for_more_than_ten_years(office: Shell, span: str) -> None:
    ran = office.refused("switch", "set", "5301", "open", "--for", span, *TENANT, code=2)

    assert "is longer than 10 years" in ran.err


def test_a_greeting_has_no_switch(acme: Shell) -> None:
    acme.done("element", "create", "play", "5000", *TENANT, "--set", "sound=asterisk:beep")

    ran = acme.refused("switch", "set", "5000", "open", *TENANT, code=5)

    assert ran.faults["number"][1] == "is a play and no switch or time_rule"


def test_an_element_throws_no_switch_that_is_not_there(office: Shell) -> None:
    create = ("element", "create", "set_switch", "5900", *TENANT, "--set")

    ran = office.refused(*create, "switch=5999", code=5)

    assert ran.faults["switch"] == ("5999", "there is no such switch")
    office.done(*create, "switch=5300")


def test_a_pin_is_given_to_what_throws_a_switch_and_taken_away(office: Shell) -> None:
    office.done("element", "create", "set_switch", "5900", *TENANT, "--set", "switch=5300")

    given = office.done("switch", "pin", "5900", *TENANT, typed="2580\n")
    assert given == {"number": "5900", "has_pin": True}
    assert "2580" not in office("switch", "pin", "5900", *TENANT, typed="2580\n").out
    office.done("switch", "pin", "5900", *TENANT, "--remove")
    office.refused("switch", "pin", "5900", *TENANT, "--remove", code=3)


@pytest.mark.parametrize("typed", ["", "\n"])
def test_a_pin_that_nobody_gave_is_said_to_be_missing(office: Shell, typed: str) -> None:
    office.done("element", "create", "set_switch", "5900", *TENANT, "--set", "switch=5300")

    for noun, number in (("switch", "5900"), ("voicemail", "100")):
        ran = office.refused(noun, "pin", number, *TENANT, code=5, typed=typed)
        assert ran.faults == {"pin": (None, "none was given on stdin")}


def test_a_pin_that_is_too_easy_or_opens_nothing_is_refused(office: Shell) -> None:
    office.done("element", "create", "set_switch", "5900", *TENANT, "--set", "switch=5300")

    office.refused("switch", "pin", "5900", *TENANT, code=5, typed="1234\n")
    office.refused("switch", "pin", "5999", *TENANT, code=3, typed="2580\n")
    ran = office.refused("switch", "pin", "5300", *TENANT, code=5, typed="2580\n")
    assert ran.faults["number"][1] == "is a time_rule and no set_switch"


def test_all_that_is_wrong_with_a_rule_is_told_at_once_with_its_place(acme: Shell) -> None:
    rule = '[{"masks": ["849x"], "target": "5999"}, {"masks": ["+"], "target": "100"}]'
    ran = acme.refused(
        "element", "create", "number_rule", "5400", *TENANT, "--set", f"lines={rule}", code=5
    )

    assert ran.faults["lines.0.masks.0"][0] == "849x"
    assert "character 4" in ran.faults["lines.0.masks.0"][1]
    assert ran.faults["lines.0.target"] == ("5999", "does not exist")


def test_an_unknown_zone_is_named(office: Shell) -> None:
    ran = office.refused("element", "set", "5300", *TENANT, "--set", "timezone=Moscow", code=5)

    assert "Europe/Moscow" in ran.faults["timezone"][1]
