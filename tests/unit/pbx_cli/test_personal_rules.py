"""What people set for themselves by the shell: forwarding, do-not-disturb, voicemail."""

import pytest

from pbx_cli.personal_rules import rule_words, with_rule, without_rules
from tests.unit.pbx_cli.shell import Shell

OF_ACME = ("--tenant", "acme")
FORWARD = ("extension", "forward", "100", *OF_ACME)


def test_a_call_that_nobody_answers_goes_to_the_mobile(acme: Shell) -> None:
    ran = acme(*FORWARD, "--when", "no_answer", "--to", "+79161112233", "--after", "15")

    assert "rule 1: when nobody answers after 15 s: +79161112233" in ran.out
    assert "no trunk" in ran.err
    shown = acme.done("extension", "show", "100", *OF_ACME)
    assert shown["settings"]["rules"] == [
        {"when": "no_answer", "to": "+79161112233", "after_s": 15.0}
    ]


def test_rules_stand_in_the_order_in_which_they_were_given(acme: Shell) -> None:
    acme.done(*FORWARD, "--when", "busy", "--to", "101")
    acme.done(*FORWARD, "--when", "no_answer", "--to", "+79161112233", "--no-confirm")
    acme.done(*FORWARD, "--when", "busy", "--to", "101", "--ring", "10")

    out = " ".join(acme("extension", "show", "100", *OF_ACME).out.split())
    assert "rule 1 when busy: 101, rings 10 s" in out
    assert "rule 2 when nobody answers: +79161112233, without a key to confirm" in out
    assert "rule 3" not in out


def test_rules_are_removed_all_or_by_situation_and_replaced(acme: Shell) -> None:
    acme.done(*FORWARD, "--when", "busy", "--to", "101")
    acme.done(*FORWARD, "--when", "unregistered", "--to", "101")

    now = acme.done(*FORWARD, "--clear", "--when", "busy")
    assert now["settings"]["rules"] == [{"when": "unregistered", "to": "101"}]
    now = acme.done(*FORWARD, "--clear", "--when", "unregistered", "--to", "+79161112233")
    assert now["settings"]["rules"] == [{"when": "unregistered", "to": "+79161112233"}]
    assert acme.done(*FORWARD, "--clear")["settings"]["rules"] == []
    assert "forwards nothing" in acme(*FORWARD, "--clear").out


def test_a_rule_that_repeats_another_says_which_it_replaces(acme: Shell) -> None:
    first = acme(*FORWARD, "--when", "no_answer", "--to", "101")
    again = acme(*FORWARD, "--when", "no_answer", "--to", "101", "--after", "10")

    assert "Replaces" not in first.out
    assert again.out.startswith("Replaces rule 1. ")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--to", "101"),
        ("--when", "busy"),
        ("--clear", "--to", "101"),
        ("--when", "often", "--to", "101"),
    ],
)
def test_half_a_rule_is_refused(options: tuple[str, ...], acme: Shell) -> None:
    acme.refused(*FORWARD, *options, code=2)


@pytest.mark.parametrize("target", ["102", "abc", "5000"])
def test_a_rule_to_nobody_is_refused_with_its_place(target: str, acme: Shell) -> None:
    acme.done(*FORWARD, "--when", "busy", "--to", "101")

    ran = acme.refused(*FORWARD, "--when", "no_answer", "--to", target, code=5)

    assert ran.faults["rules.1.to"][0] == target


def test_a_rule_is_counted_in_a_refusal_as_in_the_list(acme: Shell) -> None:
    acme.done(*FORWARD, "--when", "busy", "--to", "101")

    early = acme(*FORWARD, "--when", "always", "--to", "101", "--after", "5")
    nobody = acme(*FORWARD, "--when", "no_answer", "--to", "102")

    assert "rule 2, after_s 5.0: " in early.err
    assert "rule 2 leads to 102, which does not exist" in nobody.err
    assert "rules.1" not in early.err


def test_two_who_forward_to_each_other_are_warned_and_obeyed(acme: Shell) -> None:
    acme.done(*FORWARD, "--when", "no_answer", "--to", "101")

    ran = acme("extension", "forward", "101", *OF_ACME, "--when", "always", "--to", "100")

    assert ran.code == 0
    assert "Warning: 101 forwards to 100, 100 forwards to 101" in ran.err
    mended = acme("extension", "set", "101", *OF_ACME, "--set", "voicemail=yes")
    assert "forwards to" not in mended.err


def test_a_person_is_not_disturbed_and_then_called_again(acme: Shell) -> None:
    silent = acme.done("extension", "dnd", "100", "on", *OF_ACME)
    again = acme.done("extension", "dnd", "100", "off", *OF_ACME)

    assert (silent["settings"]["dnd"], again["settings"]["dnd"]) == (True, False)


def test_settings_are_given_like_those_of_elements(acme: Shell) -> None:
    made = acme.done(
        "extension", "create", "102", *OF_ACME, "--set", "voicemail=yes", "--set", "max_calls=2"
    )
    assert made["settings"] == {"voicemail": True, "max_calls": 2}

    change = ("extension", "set", "102", *OF_ACME)
    rule = ("--set", "rules.0.when=no_answer", "--set", "rules.0.to=100")
    changed = acme.done(*change, *rule, "--unset", "max_calls")
    assert changed["settings"] == {
        "voicemail": True,
        "rules": [{"when": "no_answer", "to": "100"}],
    }
    further = acme.done(*change, "--set", "rules.0.ring_s=12", "--name", "Clara")
    assert further["settings"]["rules"] == [{"when": "no_answer", "to": "100", "ring_s": 12}]
    assert acme.done(*change, "--unset", "rules.0")["settings"]["rules"] == []


def test_every_fault_of_settings_and_fields_is_listed(acme: Shell) -> None:
    options = ("--ring-s", "0", "--set", "dnd=perhaps", "--set", "colour=red", "--set", "devices=x")

    ran = acme.refused("extension", "set", "100", *OF_ACME, *options, code=5)

    assert {"ring_s", "dnd", "colour", "devices"} <= set(ran.faults)


def test_a_gap_in_a_list_is_refused(acme: Shell) -> None:
    ran = acme.refused("extension", "set", "100", *OF_ACME, "--set", "rules.1.to=101", code=5)

    assert "rules.0" in ran.faults["rules.1"][1]


def test_a_rule_that_is_repeated_changes_the_one_there() -> None:
    busy = {"when": "busy", "to": "101"}
    other = {"when": "always", "to": "102"}
    assert with_rule([busy, other], {**busy, "ring_s": 5.0}) == [{**busy, "ring_s": 5.0}, other]
    assert with_rule([busy], other) == [busy, other]
    assert without_rules([busy, other], "busy") == [other]
    assert without_rules([busy, other], None) == []


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"when": "always", "to": "101"}, "always: 101"),
        ({"when": "dnd", "to": "101", "confirm": True}, "when not to be disturbed: 101"),
        ({"when": "unregistered", "to": "101"}, "when no phone is registered: 101"),
    ],
)
def test_rules_are_read_as_sentences(rule: dict[str, object], words: str) -> None:
    assert rule_words(rule) == words


def test_a_name_that_many_phones_cannot_show_is_said_with_one_that_they_can(acme: Shell) -> None:
    ran = acme("extension", "create", "107", *OF_ACME, "--name", "Алиса Щукина")

    assert ran.code == 0
    assert 'pbx device set 107 --tenant acme --caller-name "Alisa Shchukina"' in ran.err


def test_a_name_in_latin_letters_is_not_worth_a_word(acme: Shell) -> None:
    assert acme("extension", "create", "108", *OF_ACME, "--name", "Alice").err == ""


@pytest.mark.parametrize(
    ("setting", "path", "rule"),
    [
        ("no_answer=100", "no_answer", "is the user's own number"),
        ("no_answer=112", "no_answer", "is an emergency number"),
        ('rules=[{"when": "busy", "to": "112"}]', "rules.0.to", "is an emergency number"),
    ],
)
def test_nobody_is_led_to_themselves_or_to_emergency_services(
    setting: str, path: str, rule: str, acme: Shell
) -> None:
    ran = acme.refused("extension", "set", "100", *OF_ACME, "--set", setting, code=5)

    assert rule in ran.faults[path][1]


def test_no_member_of_a_group_is_an_emergency_number(acme: Shell) -> None:
    create = ("element", "create", "group", "5000", *OF_ACME, "--set")

    ran = acme.refused(*create, 'members=["100", "112"]', code=5)

    assert list(ran.faults) == ["members.1"]
