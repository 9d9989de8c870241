"""`pbx simulate`: what an operator reads about a call that nobody makes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pbx_cli.imagined.simulated_call import folded
from stasis_apps.services.web_client import INSIDE
from tests.support.web_server import WebServer, web_server
from tests.unit.pbx_cli.shell import Shell

MOBILE, OURS = "+79161234567", "74951234567"
MONDAY = ("--at", "2026-11-23T10:00")
FROM_OUTSIDE = ("simulate", "--from", MOBILE, "--to", OURS, *MONDAY)

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs" / "simulation.md"

FILE = """\
tenant: acme
domain: acme.test
timezone: Europe/Moscow
country: RU
extensions:
  "100": {name: Alice, voicemail: true, pin: true}
  "101": {name: Boris}
elements:
  "5000": {kind: greeting, sound: "asterisk:demo-congrats", keys: {"1": "5100"}, no_input: "101"}
  "5100": {kind: group, members: ["100", "101"], ring_s: 25, no_answer: "100"}
trunks:
  moscow: {host: 192.0.2.1, registration: none, addresses: [192.0.2.1]}
numbers:
  "74951234567": {trunk: moscow, to: "5000"}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A tenant in a file that nobody has applied."""
    written = tmp_path / "acme.yaml"
    written.write_text(FILE)
    return written


def simulated(shell: Shell, file: Path, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = shell.done(*FROM_OUTSIDE, "--file", str(file), *words)
    return told


def test_the_command_of_the_guide_on_a_tenant_in_the_database(acme: Shell) -> None:
    acme.done(
        *("trunk", "create", "moscow", "--tenant", "acme", "--registration", "none"),
        *("--host", "192.0.2.1", "--address", "192.0.2.1"),
    )
    acme.done("number", "create", OURS, "--tenant", "acme", "--trunk", "moscow", "--to", "101")
    acme.done("tenant", "set", "acme", "--timezone", "Europe/Moscow")

    told = acme.done(*FROM_OUTSIDE, "--tenant", "acme", "--answers", "101=5s,talks=20s")

    assert told["path"][0]["number"] == "101"
    assert told["at"] == "2026-11-23T07:00:00.000Z", "by the clock of the tenant"
    assert (told["answered_by"], told["end"]["reason"]) == ("101", "normal")
    assert told["end"]["by"] == "callee"
    assert 25.0 <= told["lasted_s"] < 25.1
    assert told["journal"][0]["what"] == "started"
    assert told["sent_outside"] is None


def test_a_file_needs_no_database(shell: Shell, file: Path) -> None:
    (shell.home / "pbx.sqlite3").unlink()

    told = simulated(shell, file, "--keys", "1", "--otherwise", "busy")

    assert [hop["number"] for hop in told["path"]] == ["5000", "5100"]
    assert [hop["exit"] for hop in told["path"]] == ["1", "all_busy"]
    assert told["end"]["reason"] == "all_busy"
    assert not (shell.home / "pbx.sqlite3").exists()


def test_people_read_the_way_as_a_table_and_then_the_end(shell: Shell, file: Path) -> None:
    ran = shell(*FROM_OUTSIDE, "--file", str(file), "--keys", "1", "--says", "4s")

    lines = ran.out.splitlines()
    assert lines[1] == "Monday 2026-11-23 10:00 (Europe/Moscow), by the plan of acme"
    assert lines[2].split() == ["AFTER", "NUMBER", "KIND", "LASTED", "LEFT", "BY", "TO", "WHY"]
    greeting, group, user = (line.split() for line in lines[3:6])
    assert greeting[2:8] == ["5000", "greeting", "0.5", "s", "1", "5100"]
    assert group[2:8] == ["5100", "group", "25.0", "s", "no_answer", "100"]
    assert user[2:4] == ["100", "user"]
    assert "a message was left" in lines[6]
    assert lines[7] == "Rang: 100, 101."
    assert lines[-1] == "A message was left in mailbox 100."


def test_the_story_is_told_as_that_of_a_real_call(shell: Shell, file: Path) -> None:
    ran = shell(*FROM_OUTSIDE, "--file", str(file), "--answers", "101=2s", "--story")

    assert "It reached 5000 (greeting)" in ran.out
    assert "Answered by 101@acme.test" in ran.out
    assert ran.out.splitlines()[-1].endswith("The caller hung up: ended normally")


def test_who_does_not_press_one_and_who_gives_up(shell: Shell, file: Path) -> None:
    given_up = simulated(shell, file, "--keys", "1", "--hangs-up-after", "4")
    at_the_door = shell.done("simulate", "--from", "100", "--to", "101", "--file", str(file))

    assert (given_up["end"]["by"], given_up["lasted_s"]) == ("caller", 4.0)
    assert at_the_door["how"] == "phone"


@pytest.mark.parametrize("number", ["112", "+79161234567", "8 (916) 123-45-67"])
def test_whoever_is_outside_may_be_said_to_answer(shell: Shell, file: Path, number: str) -> None:
    told = shell.done(
        *("simulate", "--from", "100", "--to", number, "--file", str(file)),
        *("--answers", f"{number}=4s"),
    )

    assert told["answered_by"]
    assert told["sent_outside"]["trunk"] == "moscow"


@pytest.mark.parametrize(
    ("words", "path", "value"),
    [
        (("--answers", "777=5s"), "--answers", "777"),
        (("--answers", "kitchen=busy"), "--answers", "kitchen"),
        (("--pin", "secret=2580"), "--pin", "secret"),
        (("--reply", "5000=timeout"), "--reply", "5000"),
        (("--trunk", "berlin"), "--trunk", "berlin"),
        (("--from", "199"), "--from", "199"),
    ],
)
def test_a_slip_of_the_pen_is_told_with_option_value_and_rule(
    shell: Shell, file: Path, words: tuple[str, str], path: str, value: str
) -> None:
    ran = shell(*FROM_OUTSIDE, "--file", str(file), *words, "--json")

    assert (ran.code, ran.out) == (5, "")
    assert ran.faults[path][0] == value


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--answers", "100"), "'100' is not written as 100=5s"),
        (("--answers", "100=soon"), "'soon' is neither seconds until they answer"),
        (("--answers", "100=5s,loud"), "'loud' is neither talks=20s nor unconfirmed"),
        (("--keys", "1,x"), "'x' is no key"),
        (("--reply", "5500"), "'5500' is not written as 5500="),
        (("--at", "tomorrow"), "'tomorrow' is no moment"),
        (("--at", "9999-12-31T23:59"), "'9999-12-31T23:59' is not between 1970 and 2100"),
        (("--at", "1969-12-31"), "'1969-12-31' is not between 1970 and 2100"),
        (("--tenant", "acme"), "Name either a tenant or a file"),
        (("--says", "long"), "'long' is no number of seconds"),
        (("--hangs-up-after", "-1"), "'-1' is not between 0"),
        (("--how", "window"), "'window' is not one of"),
    ],
)
def test_what_cannot_be_read_is_told_in_words(
    shell: Shell, file: Path, words: tuple[str, str], why: str
) -> None:
    ran = shell(*FROM_OUTSIDE, "--file", str(file), *words)

    assert ran.code == 2
    assert why in " ".join(ran.err.split())


def test_a_faulty_file_is_told_with_its_lines_and_no_call_is_imagined(
    shell: Shell, file: Path
) -> None:
    file.write_text(FILE.replace('no_input: "101"', 'no_input: "199"'))

    ran = shell(*FROM_OUTSIDE, "--file", str(file))

    assert (ran.code, ran.out) == (5, "")
    assert "acme.yaml:9:" in ran.err
    assert "199" in ran.err


def test_a_tenant_in_the_environment_gives_way_to_a_file(
    shell: Shell, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PBX_TENANT", "globex")
    assert simulated(shell, file)["tenant"] == "acme"


@pytest.mark.parametrize("at", ["1970-01-01T00:00", "2100-12-31T23:59"])
def test_calls_may_come_in_the_first_year_and_in_the_last(
    shell: Shell, file: Path, at: str
) -> None:
    assert simulated(shell, file, "--at", at)["end"]["reason"]


def test_an_hour_that_clocks_skip_is_told_with_the_one_that_was_taken(
    shell: Shell, file: Path
) -> None:
    file.write_text(FILE.replace("Europe/Moscow", "Europe/Berlin"))
    ran = shell(*FROM_OUTSIDE, "--file", str(file), "--at", "2027-03-28T02:30")
    assert ran.code == 0
    told = "There is no 02:30 on 2027-03-28 in Europe/Berlin: clocks skip that hour; 03:30"
    assert told in " ".join(ran.err.split())
    assert "Sunday 2027-03-28 03:30" in ran.out
    there = shell(*FROM_OUTSIDE, "--file", str(file), "--at", "2027-03-28T02:30+00:00")
    assert there.err == ""


def test_who_dials_a_number_that_is_not_there_hears_of_those_that_are(
    shell: Shell, file: Path
) -> None:
    more = "".join(f"  7495000000{nth}: {{trunk: moscow, to: 5000}}\n" for nth in range(7))
    file.write_text(FILE + more)
    words = ("simulate", "--from", MOBILE, "--to", "74957777777", "--file", str(file))
    ran = shell(*words, *MONDAY)
    assert "no such number" in ran.out
    listed = ", ".join(f"7495000000{nth}" for nth in range(5))
    assert f"by trunks for these numbers of acme: {listed} and 3 more." in " ".join(ran.err.split())
    inside = shell("simulate", "--from", "100", "--to", "777", "--file", str(file), *MONDAY)
    assert inside.err == ""
    file.write_text(FILE.partition("numbers:")[0])
    assert "acme has no outside number" in shell(*words, *MONDAY).err


def test_what_is_heard_again_and_again_is_told_once(shell: Shell, file: Path) -> None:
    ring = '"5000": {kind: play, sound: "asterisk:beep", next: "5001"}'
    back = '"5001": {kind: play, sound: "asterisk:hello", next: "5000"}'
    text = FILE.splitlines()
    place = next(nth for nth, line in enumerate(text) if line.startswith('  "5000": {kind: gree'))
    file.write_text("\n".join([*text[:place], f"  {ring}", f"  {back}", *text[place + 1 :], ""]))
    ran = shell(*FROM_OUTSIDE, "--file", str(file))
    assert "Heard: (asterisk:beep, asterisk:hello) x25, tone:congestion." in ran.out
    assert len(simulated(shell, file)["heard"]) == 51, "scripts get each"


@pytest.mark.parametrize(
    ("heard", "told"),
    [
        ([], []),
        (["welcome"], ["welcome"]),
        (["welcome"] * 50, ["welcome x50"]),
        (["a", "a", "b", "a"], ["a x2", "b", "a"]),
        (["x", *("a", "b", "c") * 3, "a"], ["x", "(a, b, c) x3", "a"]),
    ],
)
def test_repetitions_are_counted(heard: list[str], told: list[str]) -> None:
    assert list(folded(heard)) == told


def test_the_help_says_how_long_people_talk(shell: Shell) -> None:
    assert "hangs up after a talk of 60 s" in " ".join(shell("simulate", "--help").out.split())


def test_nobody_says_whose_plan_it_is(shell: Shell) -> None:
    ran = shell(*FROM_OUTSIDE)

    assert ran.code == 2
    assert "--file" in ran.err


def test_the_guide_shows_what_its_command_prints(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    command, printed = GUIDE.read_text().split("```\n")[1:4:2]

    ran = shell(*shlex.split(command)[1:])

    assert ran.out == printed


HOLIDAYS = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
DTSTART;VALUE=DATE:20200101
SUMMARY:New Year
RRULE:FREQ=YEARLY
END:VEVENT
END:VCALENDAR
"""

CLOSED_ON_HOLIDAYS = """\
  "5200":
    kind: time_rule
    windows: [{days: mon-sun, from: 09:00, to: 18:00}]
    holidays: feasts
    match: "101"
    holiday: "100"
calendars: {feasts: feasts.ics}
tests:
  - {name: a feast, from: "101", to: "5200", at: 2046-01-01T10:00, expect: {path: [5200, 100]}}
"""


@pytest.mark.parametrize("year", ["1999", "2026", "2046", "2100"])
def test_holidays_that_repeat_are_known_in_the_year_that_is_asked_about(
    shell: Shell, file: Path, year: str
) -> None:
    file.with_name("feasts.ics").write_text(HOLIDAYS.replace("20200101", "19900101"))
    file.write_text(FILE.replace("trunks:\n", CLOSED_ON_HOLIDAYS + "trunks:\n"))
    words = ("simulate", "--file", str(file), "--from", "101", "--to", "5200")
    feast = shell.done(*words, "--at", f"{year}-01-01T10:00")
    usual = shell.done(*words, "--at", f"{year}-01-02T10:00")
    assert [hop["exit"] for hop in (feast["path"][0], usual["path"][0])] == ["holiday", "match"]


def test_who_asks_about_a_day_that_no_calendar_knows_is_told(shell: Shell, file: Path) -> None:
    file.with_name("feasts.ics").write_text(HOLIDAYS)
    text = FILE.replace("trunks:\n", CLOSED_ON_HOLIDAYS + "trunks:\n")
    file.write_text(text.replace("pin: true", "pin: 2580"))
    shell.done("apply", str(file))
    assert shell.done("test", "--tenant", "acme")[0]["passed"]

    ran = shell(
        *("simulate", "--tenant", "acme", "--from", "101", "--to", "5200"),
        *("--at", "2099-01-01T10:00"),
    )
    assert "Calendar feasts says nothing about days after 205" in ran.err
    assert "no holiday was seen on 2099-01-01." in ran.err


@pytest.fixture
def customers() -> Iterator[WebServer]:
    """The server that knows the customers."""
    with web_server() as server:
        server.says('set_name: "Vera"\ntransfer: "101"')
        yield server


@pytest.fixture
def asking(tmp_path: Path, customers: WebServer) -> Path:
    """A tenant in a file whose calls a server leads."""
    written = tmp_path / "asking.yaml"
    server = f'"5500": {{kind: http_request, url: "{customers.url}", default: "100"}}'
    asks_first = FILE.replace('to: "5000"', 'to: "5500"')
    written.write_text(asks_first.replace("elements:\n", f"elements:\n  {server}\n"))
    return written


def passed(told: dict[str, Any]) -> list[str]:
    return [hop["number"] for hop in told["path"]]


def test_what_a_server_replies_leads_the_call(shell: Shell, asking: Path) -> None:
    told = simulated(shell, asking, "--reply", '5500={"transfer": "101"}')
    assert passed(told) == ["5500", "101"]
    assert passed(simulated(shell, asking, "--reply", "5500=500")) == ["5500", "100"]


def test_a_server_may_reply_otherwise_the_second_time(shell: Shell, asking: Path) -> None:
    replies = ("--reply", "5500=transfer: 5500", "--reply", "5500=transfer: 101")

    assert passed(simulated(shell, asking, *replies)) == ["5500", "5500", "101"]


def test_no_server_is_asked_unless_that_is_wanted(
    shell: Shell, asking: Path, customers: WebServer
) -> None:
    ran = shell(*FROM_OUTSIDE, "--file", str(asking))

    assert "Nobody has said what the server of 5500 answers" in ran.err
    assert "--reply 5500=..., or --ask-servers" in ran.err
    assert customers.asked == []


def test_a_server_is_really_asked_when_that_is_wanted(
    shell: Shell, asking: Path, customers: WebServer
) -> None:
    opened = {**shell.environment, "PBX_WEBHOOK_NETS": "127.0.0.0/8"}

    told = simulated(replace(shell, environment=opened), asking, "--ask-servers")

    assert passed(told) == ["5500", "101"]
    (asked,) = customers.asked
    assert (asked["caller_number"], asked["uuid"]) == (MOBILE, "simulation")
    assert told["unsaid"] == []


def test_a_server_inside_is_not_asked_by_an_imagined_call_either(
    shell: Shell, asking: Path, customers: WebServer
) -> None:
    told = simulated(shell, asking, "--ask-servers")

    assert passed(told) == ["5500", "100"]
    assert told["path"][0]["reasons"] == [INSIDE]
    assert customers.asked == []
