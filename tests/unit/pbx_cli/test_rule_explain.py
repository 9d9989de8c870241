"""`pbx rule explain`: what an operator reads about a number before anybody dials it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.pbx_cli.shell import Shell

AT = ("--at", "2026-11-24T09:00")
OURS = "+74951234567"


@pytest.fixture
def office(acme: Shell) -> Shell:
    """acme with two trunks, a number, and a list of rules."""
    for trunk, address in (("moscow", "192.0.2.1"), ("spb", "192.0.2.2")):
        acme.done(
            *("trunk", "create", trunk, "--tenant", "acme", "--registration", "none"),
            *("--host", address, "--address", address),
        )
    acme.done("number", "create", OURS, "--tenant", "acme", "--trunk", "moscow", "--to", "100")
    acme.done("tenant", "set", "acme", "--caller-id", OURS)
    rule(acme, "ban", "--mask", "810(+)", "--deny", "--only", "101")
    rule(acme, "zero", "--mask", "0(+)", "--output", "$")
    rule(
        *(acme, "formats", "--mask", "{p7|7|8|}(dddddddddd)", "--output", "8$"),
        *("--trunk", "spb", "--trunk", "moscow"),
    )
    rule(acme, "old", "--mask", "+", "--output", "$", "--disabled", "--mask", "(+)")
    rule(acme, "rest", "--mask", "(+)", "--output", "$")
    return acme


def rule(shell: Shell, name: str, *options: str) -> None:
    shell.done("rule", "create", name, "--tenant", "acme", *options)


def explained(shell: Shell, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = shell.done("rule", "explain", "--tenant", "acme", *words, *AT)
    return told


def became_of(told: dict[str, Any]) -> dict[str, str]:
    return {one["name"]: one["is"] for one in told["rules"]}


def test_the_rule_that_fires_and_why_others_do_not(office: Shell) -> None:
    told = explained(office, "89991234567", "--user", "100")

    assert became_of(told) == {
        "ban": "passed",
        "zero": "passed",
        "formats": "fires",
        "old": "disabled",
        "rest": "not asked",
    }
    assert [one["why"] for one in told["rules"][:2]] == [
        "it is for 101 only, not for 100",
        "its mask does not fit",
    ]
    assert (told["leaves"], told["rule"], told["sends"]) == (True, "formats", "89991234567")
    assert [(one["trunk"], one["shows"]) for one in told["trunks"]] == [
        ("spb", OURS),
        ("moscow", OURS),
    ]
    assert told["destination"] == {
        "country": "RU",
        "number_class": "",
        "e164": "+79991234567",
        "is_home": True,
    }
    assert told["at"] == "2026-11-24T09:00:00+00:00"


def test_an_operator_reads_it_on_one_screen(office: Shell) -> None:
    ran = office("rule", "explain", "89991234567", "--tenant", "acme", "--user", "100", *AT)

    assert ran.code == 0
    assert "89991234567, dialled by 100 on 100, Tue 2026-11-24 09:00 (UTC)" in ran.out
    assert "-> 3  formats" in ran.out
    assert "It leaves.   rule formats: 89991234567 through spb, then moscow" in ran.out
    assert "+79991234567: RU, at home, an ordinary number" in ran.out


@pytest.mark.parametrize(
    ("words", "refused", "note"),
    [
        (("810442079460958", "--user", "101"), "forbidden", "rule ban forbids it"),
        (("0", "--user", "100"), "forbidden", None),
        (("+18095551234", "--user", "100"), "destination_closed", None),
        (("101", "--user", "100"), "", "it stays inside: 101 is a user of the tenant"),
    ],
)
def test_why_a_number_does_not_leave(
    office: Shell, words: tuple[str, ...], refused: str, note: str | None
) -> None:
    told = explained(office, *words)

    assert told["refused"] == refused
    assert note is None or told["note"] == note


def test_a_limit_that_stands_whatever_is_in_use_is_named_beside_the_way(office: Shell) -> None:
    told = explained(office, "810442079460958", "--user", "100")

    assert (told["leaves"], told["refused"]) == (False, "destination_closed")
    assert told["comment"] == "this direction is closed"
    assert told["destination"]["country"] == "GB"
    assert told["trunks"]
    ran = office("rule", "explain", "810442079460958", "--tenant", "acme", "--user", "100")
    assert "It does not leave: this direction is closed (destination_closed)" in ran.out
    assert "pbx tenant set acme --open-country GB" in ran.out


def test_a_blocked_tenant_reaches_help_and_nobody_else(office: Shell) -> None:
    office.done("tenant", "set", "acme", "--state", "blocked")

    assert explained(office, "89991234567", "--user", "100")["refused"] == "blocked"
    for number in ("112", "0112"):
        told = explained(office, number, "--user", "100")
        assert (told["leaves"], told["is_emergency"], told["sends"]) == (True, True, "112")


def test_a_forward_keeps_its_number_though_a_rule_fits(office: Shell) -> None:
    told = explained(office, "+79161234567", "--user", "100", "--forwarded")

    assert (told["purpose"], told["sends"], told["rule"]) == ("forwarded", "+79161234567", "")
    assert became_of(told)["formats"] == "fires"
    assert "keeps its number" in told["rules"][2]["why"]
    assert told["trunks"][0]["forwarded_by"] == OURS


@pytest.mark.parametrize(
    ("words", "refused", "note"),
    [
        (("101", "--user", "100", "--forwarded"), "", "it stays inside: 101 is a user"),
        (("100", "--from-trunk", "moscow"), "", "it stays inside: 100 is a user"),
        (("112", "--user", "100", "--forwarded"), "forbidden", "it calls help, and only who dials"),
        (("+7112", "--from-trunk", "moscow"), "forbidden", "it calls help, and only who dials"),
        (("4711", "--user", "100", "--forwarded"), "no_route", "there is no number 4711"),
        (("0891112", "--from-trunk", "moscow"), "forbidden", "112 calls help, and only who dials"),
    ],
)
def test_what_stands_behind_a_number_is_asked_before_the_rules(
    office: Shell, words: tuple[str, ...], refused: str, note: str
) -> None:
    rule(office, "help", "--mask", "0891(112)", "--output", "$", "--place", "1")

    told = explained(office, *words)

    assert (told["leaves"], told["refused"], told["is_emergency"]) == (False, refused, False)
    assert told["note"].startswith(note)


def test_a_call_that_came_in_by_a_trunk_leaves_by_it_where_that_is_set(office: Shell) -> None:
    office.done("trunk", "set", "moscow", "--tenant", "acme", "--forward-via-same")
    words = ("89991234567", "--user", "100", "--from-trunk")

    by_moscow, by_spb = explained(office, *words, "moscow"), explained(office, *words, "spb")

    assert (by_moscow["purpose"], by_moscow["came_by"]) == ("forwarded", "moscow")
    assert [one["trunk"] for one in by_moscow["trunks"]] == ["moscow"]
    assert by_moscow["trunks"][0]["forwarded_by"] == OURS
    assert by_spb["came_by"] == "spb"
    to_nobody = explained(office, "89991234567", "--from-trunk", "spb")
    assert (to_nobody["purpose"], to_nobody["rule"]) == ("led", "formats")
    assert [one["trunk"] for one in to_nobody["trunks"]] == ["spb", "moscow"]


def test_a_trunk_that_passes_numbers_on_shows_the_callers(office: Shell) -> None:
    office.done("trunk", "set", "spb", "--tenant", "acme", "--passes-caller-id")

    told = explained(office, "89991234567", "--from-trunk", "moscow")

    assert [one["shows"] for one in told["trunks"]] == ["the caller's own", OURS]


@pytest.mark.parametrize("number", ["", "abc", "8abc", "*99", "*67", "+"])
@pytest.mark.parametrize("words", [(), ("--from-trunk", "moscow")])
def test_what_is_no_number_is_refused_like_other_bad_input(
    office: Shell, number: str, words: tuple[str, ...]
) -> None:
    ran = office("rule", "explain", number, "--tenant", "acme", *words)

    assert (ran.code, ran.out) == (5, "")
    assert "number" in ran.err


def test_a_phone_stands_for_its_user(office: Shell) -> None:
    told = explained(office, "89991234567", "--device", "101")

    assert (told["acting"], told["device"]) == ("101", "101")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--user", "177"), 3),
        (("--device", "nobody"), 3),
        (("--user", "100", "--device", "101"), 2),
        (("--forwarded",), 2),
        (("--from-trunk", "nowhere"), 3),
        (("--from-trunk", "moscow", "--device", "100"), 2),
        (("--at", "tomorrow"), 2),
        (("--at", "9999-12-31T23:59"), 2),
    ],
)
def test_what_cannot_be_explained_is_said_in_words(
    office: Shell, words: tuple[str, ...], code: int
) -> None:
    ran = office("rule", "explain", "89991234567", "--tenant", "acme", *words)

    assert ran.code == code
    assert ran.err
    assert ran.out == ""
