"""`pbx wizard attendant`: an auto attendant out of a few answers, and out of others later."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import sound
from tests.support.terminal import Terminal
from tests.unit.pbx_cli.shell import Shell

NUMBER = "74951234567"
WIZARD = ("wizard", "attendant", "--tenant", "acme", "--yes")


@pytest.fixture
def office(acme: Shell) -> Shell:
    """Two people with a line and a number."""
    acme.done("extension", "set", "100", "--tenant", "acme", "--email", "alice@acme.test")
    line = ("--registration", "none", "--host", "sip.carrier.example", "--address", "192.0.2.5")
    acme.done("trunk", "create", "city", "--tenant", "acme", *line)
    acme.done("number", "create", NUMBER, "--tenant", "acme", "--trunk", "city")
    return acme


def elements_of(shell: Shell) -> dict[str, dict[str, Any]]:
    """The tenant's elements by number."""
    rows = shell.done("element", "list", "--tenant", "acme")
    return {row["number"]: {"kind": row["kind"], **row["settings"]} for row in rows}


def revisions_of(shell: Shell) -> list[dict[str, Any]]:
    """What was changed, the latest first."""
    rows: list[dict[str, Any]] = shell.done("tenant", "history", "acme")
    return rows


def test_a_few_answers_make_an_attendant_in_one_revision(office: Shell) -> None:
    before = len(revisions_of(office))

    told = office.done(*WIZARD, "--hours", "mon-fri 9-18", "--strategy", "sequence")

    assert told["elements"] == {
        "rule": "5000",
        "greeting": "5001",
        "group": "5002",
        "box": "5003",
    }
    elements = elements_of(office)
    assert elements["5000"] == {
        "kind": "time_rule",
        "windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}],
        "match": "5001",
        "no_match": "5003",
        "failed": "5001",
    }
    assert elements["5001"]["no_input"] == "5002"
    assert elements["5002"]["members"] == ["100", "101"]
    assert (elements["5002"]["step_s"], elements["5002"]["ring_s"]) == (20, 40)
    assert elements["5003"]["emails"] == ["alice@acme.test"]
    assert office.done("number", "show", NUMBER, "--tenant", "acme")["target"] == "5000"
    assert len(revisions_of(office)) == before + 1
    assert revisions_of(office)[0]["what"] == "wizard attendant"


def test_its_route_tests_stay_with_the_tenant_and_pass(office: Shell) -> None:
    told = office.done(*WIZARD, "--hours", "mon-fri 9-18", "--keys", "1=100")

    names = [test["name"].removeprefix("attendant: ") for test in told["tests"]]
    assert names == [
        "somebody answers",
        "nobody answers",
        "outside the hours",
        "key 1",
        "an extension is dialled",
    ]
    assert office("test", "--tenant", "acme").code == 0


def test_who_runs_it_again_and_says_nothing_new_changes_nothing(office: Shell) -> None:
    office.done(*WIZARD, "--hours", "mon-fri 9-18")
    before = revisions_of(office)

    told = office.done(*WIZARD)

    assert told["changes"] == []
    assert revisions_of(office) == before


def test_another_answer_changes_what_it_is_about_and_leaves_what_people_have_changed(
    office: Shell,
) -> None:
    office.done(*WIZARD, "--hours", "mon-fri 9-18")
    by_hand = ("element", "set", "--tenant", "acme")
    office.done(*by_hand, "5000", "--set", 'exceptions=[{"days": "2026-12-31"}]')
    office.done(*by_hand, "5002", "--set", "prefix=Sales ", "--set", "all_busy=101")
    before = elements_of(office)

    office.done(*WIZARD, "--hours", "mon-sat 10-16", "--no-answer", "100")

    now = elements_of(office)
    assert now["5000"] == before["5000"] | {
        "windows": [{"days": "mon-sat", "from": "10:00", "to": "16:00"}]
    }
    elsewhere = dict.fromkeys(("no_answer", "none_reachable", "failed"), "100")
    assert now["5002"] == before["5002"] | elsewhere
    assert now["5002"]["all_busy"] == "101"
    assert now["5001"] == before["5001"]


@pytest.mark.parametrize("keys", [{"0": "", "1": "100"}, {"1": "100", "9": "5000"}])
def test_keys_that_people_have_set_stay_though_the_wizard_would_not_set_them(
    office: Shell, keys: dict[str, str]
) -> None:
    office.done(*WIZARD)
    by_hand = ("element", "set", "5001", "--tenant", "acme", "--set")
    office.done(*by_hand, f"keys={json.dumps(keys)}")

    office.done(*WIZARD, "--hours", "mon-fri 9-18")

    assert elements_of(office)["5001"]["keys"] == keys


def test_a_key_may_let_callers_hear_all_of_it_again(office: Shell) -> None:
    office.done(*WIZARD)

    office.done(*WIZARD, "--keys", "9=5000")

    assert elements_of(office)["5001"]["keys"] == {"9": "5000"}


def test_an_element_that_people_have_put_in_between_stays_there(office: Shell) -> None:
    office.done(*WIZARD)
    office.done(
        *("element", "create", "play", "5100", "--tenant", "acme"),
        *("--set", "sound=asterisk:hello-world", "--set", "next=5001"),
    )
    office.done("element", "set", "5000", "--tenant", "acme", "--set", "match=5100")

    told = office.done(*WIZARD, "--members", "101")

    assert told["elements"]["greeting"] == "5001"
    assert elements_of(office)["5000"]["match"] == "5100"
    assert elements_of(office)["5002"]["members"] == ["101"]


def test_a_route_test_that_people_have_changed_stays_as_it_is(
    office: Shell, tmp_path: Path
) -> None:
    office.done(*WIZARD)
    file = tmp_path / "acme.yaml"
    text = office("export", "acme").out
    file.write_text(text.replace("otherwise: 3s", "otherwise: 7s", 1))
    assert file.read_text() != text
    office.done("apply", str(file), "--yes")

    office.done(*WIZARD, "--ring-s", "25")

    assert "otherwise: 7s" in office("export", "acme").out


def test_nothing_is_written_that_makes_a_route_test_fail(office: Shell, tmp_path: Path) -> None:
    office.done(*WIZARD, "--keys", "1=100")
    file = tmp_path / "acme.yaml"
    text = office("export", "acme").out
    tests = (
        "\ntests:\n  - {name: one leads to Alice, from: '+79161112233', to: '74951234567',"
        " at: '2026-11-23T10:00', keys: ['1'], expect: {path: ['...', '100']}}"
    )
    file.write_text(text.replace("\ntests:", tests, 1))
    office.done("apply", str(file), "--yes")

    ran = office.refused(*WIZARD, "--keys", "1=101", code=1)

    assert "one leads to Alice" in ran.refusal["error"]
    assert "Deviation(" not in ran.refusal["error"]


def test_all_wrong_answers_are_told_at_once(office: Shell) -> None:
    ran = office.refused(
        *WIZARD,
        *("--numbers", "74950000000", "--hours", "mon-fri 9-25", "--timezone", "Mars/Olympus"),
        *("--greeting", "no-such.wav", "--keys", "1=4711", "--members", "199", "--ring-s", "0"),
        *("--strategy", "loudest", "--no-answer", "5999", "--emails", "nobody"),
        code=5,
    )

    assert set(ran.faults) == {
        "numbers",
        "hours",
        "timezone",
        "greeting",
        "keys",
        "members",
        "ring_s",
        "strategy",
        "no_answer",
        "emails",
    }


def test_a_name_that_leads_elsewhere_already_is_refused(office: Shell) -> None:
    office.done("alias", "create", "attendant", "--tenant", "acme", "--to", "100")

    ran = office.refused(*WIZARD, code=5)

    assert "choose another name" in ran.refusal["error"]


def test_a_second_attendant_has_a_name_and_elements_of_its_own(office: Shell) -> None:
    first = office.done(*WIZARD)["elements"]

    second = office.done(*WIZARD, "--name", "sales", "--members", "101")["elements"]

    assert not set(first.values()) & set(second.values())
    assert office.done("alias", "show", "sales", "--tenant", "acme")["target"] == second["rule"]


def test_who_wants_one_phone_to_ring_is_not_warned_of_a_group_of_one(office: Shell) -> None:
    told = office.done(*WIZARD, "--members", "101")

    assert [one["code"] for one in told["findings"]] == []
    (checked,) = office.done("check", "--tenant", "acme")
    one = next(one for one in checked["findings"] if one["code"] == "group-of-one")
    assert one["silenced"] == "the wizard was told to ring this one alone"
    office.done(*WIZARD, "--members", "100,101")
    (checked,) = office.done("check", "--tenant", "acme")
    assert {"group-of-one", "useless-silence"}.isdisjoint(
        one["code"] for one in checked["findings"]
    )


def test_no_line_of_the_wizard_is_wider_than_a_screen(office: Shell) -> None:
    ran = office(*WIZARD, "--hours", "mon-fri 9-18")

    assert max(map(len, (ran.out + ran.err).splitlines())) <= 100
    assert ran.out.endswith(f"To try it, dial 5000 on a phone, or call {NUMBER}.\n")


def test_a_greeting_may_be_a_file(office: Shell, tmp_path: Path) -> None:
    file = sound.make_wav(tmp_path / "hello.wav", sound.WELCOME, 0.5)

    office.done(*WIZARD, "--greeting", str(file))

    assert elements_of(office)["5001"]["sound"] == "attendant-greeting"
    stored = office.done("sound", "show", "attendant-greeting", "--tenant", "acme")
    assert stored["duration_s"] == 0.5
    assert (office.home / "sounds" / "acme" / "attendant-greeting.wav").exists()


def test_the_same_office_may_be_open_always_and_take_no_messages(office: Shell) -> None:
    told = office.done(*WIZARD, "--hours", "always", "--no-answer", "101", "--after-hours", "101")

    assert told["elements"]["box"] == ""
    assert [test["name"] for test in told["tests"]] == [
        "attendant: somebody answers",
        "attendant: nobody answers",
        "attendant: an extension is dialled",
    ]


def test_a_dry_run_shows_all_and_writes_nothing(office: Shell) -> None:
    before = office.everything()

    ran = office("wizard", "attendant", "--tenant", "acme", "--dry-run")

    assert ran.code == 0
    assert "5002 group" in ran.out
    assert "passed  attendant: somebody answers" in ran.out
    assert "Nothing was written" in ran.out
    assert office.everything() == before


def test_a_tenant_without_anybody_cannot_be_rung(shell: Shell) -> None:
    shell.done("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")

    ran = shell.refused(*WIZARD, code=5)

    assert "members" in ran.faults


def test_where_nobody_can_be_asked_it_says_so(office: Shell) -> None:
    assert office("wizard", "attendant", "--tenant", "acme").code == 2


def test_a_person_is_asked_until_each_answer_will_do(office: Shell) -> None:
    with Terminal(office.environment, "wizard", "attendant", "--tenant", "acme") as terminal:
        terminal.answer("Which outside numbers", NUMBER)
        terminal.answer("When is somebody there", "mon-fri 9-25")
        assert "25:00 is no time of day" in terminal.answer("When is somebody", "mon-fri 9-18")
        for question in (
            "By whose clock",
            "What do callers hear",
            "May they dial",
            "Where do keys",
        ):
            terminal.answer(question, "")
        terminal.answer("Whose phones ring", "199")
        assert "199 is neither" in terminal.answer("Whose phones ring", "100")
        for question in ("For how many seconds", "nobody answers", "outside the hours"):
            terminal.answer(question, "")
        terminal.answer("Who is sent the messages", "none")
        told = terminal.answer("Write this?", "y")
        assert terminal.ends() == 0

    assert "5000 time rule, mon-fri 09:00-18:00" in told
    elements = elements_of(office)
    assert elements["5002"]["members"] == ["100"]
    assert "emails" not in elements["5003"]
    assert elements["5003"]["lamps"] == ["100"]


def test_what_somebody_else_changes_meanwhile_is_not_undone(office: Shell) -> None:
    office.done(*WIZARD)
    with Terminal(office.environment, "wizard", "attendant", "--tenant", "acme") as terminal:
        for _ in range(4):
            terminal.answer("[?]", "")
        terminal.answer("Where do keys", "1=101")
        for _ in range(5):
            terminal.answer("[?]", "")
        office.done("extension", "set", "101", "--tenant", "acme", "--name", "Beatrice")
        before = office.everything()
        terminal.answer("Write this?", "y")
        assert terminal.ends() == 1

    assert office.everything() == before
