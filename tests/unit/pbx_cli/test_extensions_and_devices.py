"""People and their phones by the shell."""

import json
import re
import stat

import pytest

from tests.unit.pbx_cli.shell import Shell

GOOD_PASSWORD = "correct-horse-battery"


def test_a_new_extension_comes_with_a_phone_whose_password_is_shown_once(acme: Shell) -> None:
    made = acme.done("extension", "create", "102", "--tenant", "acme", "--name", "Clara")

    assert (made["device"], made["login"], made["domain"]) == ("102", "102", "acme.test")
    assert re.fullmatch(r"[a-z2-9]{24}", made["password"])
    shown = acme.done("extension", "show", "102", "--tenant", "acme")
    assert shown["devices"] == ["102"]
    assert made["password"] not in json.dumps(shown)


def test_people_read_the_password_and_where_to_find_it_again(acme: Shell) -> None:
    ran = acme("extension", "create", "102", "--tenant", "acme", "--name", "Clara")

    password = acme.done("device", "show", "102", "--tenant", "acme", "--setup")["password"]
    assert password in ran.out
    assert "--setup" in ran.out


def test_a_phone_can_be_made_to_speak_encrypted(acme: Shell) -> None:
    phone = ("--tenant", "acme", "--encryption")
    made = acme.done("device", "create", "100-desk", "--extension", "100", *phone, "required")
    assert made["encryption"] == "required"
    assert acme.done("device", "set", "100", *phone, "optional")["encryption"] == "optional"
    assert (
        acme.done("device", "set", "100", "--tenant", "acme", "--caller-name", "Desk")["encryption"]
        == "optional"
    )

    shown = acme.done("device", "show", "100", "--tenant", "acme", "--setup")
    assert shown["encryption"] == "optional"
    acme.refused("device", "set", "100", *phone, "perhaps", code=2)


def test_an_operator_is_told_that_keys_of_sound_are_open_without_tls(acme: Shell) -> None:
    change = ("device", "set", "100", "--tenant", "acme", "--encryption")

    assert "PBX_TLS_CERT_FILE" in acme(*change, "required").err
    assert "PBX_TLS_CERT_FILE" not in acme(*change, "off").err


def test_setup_prints_exactly_what_is_typed_into_a_phone(acme: Shell) -> None:
    setup = acme.done("device", "show", "100", "--tenant", "acme", "--setup")

    typed = ["server", "tls_server", "domain", "login", "password", "encryption"]
    assert list(setup) == typed
    assert (setup["server"], setup["domain"], setup["login"]) == (
        "127.0.0.1:5060",
        "acme.test",
        "100",
    )


def test_the_key_that_seals_passwords_is_readable_by_its_owner_alone(acme: Shell) -> None:
    mode = (acme.home / "secret.key").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


@pytest.mark.parametrize("number", ["99", "5000", "0100", "abc", "10000", "1\u0660\u0660"])
def test_a_number_outside_100_to_4999_is_no_extension(acme: Shell, number: str) -> None:
    ran = acme.refused("extension", "create", number, "--tenant", "acme", code=5)

    value, rule = ran.faults["number"]
    assert value == number
    assert "100 to 4999" in rule


def test_an_emergency_number_is_no_extension(acme: Shell) -> None:
    ran = acme.refused("extension", "create", "112", "--tenant", "acme", code=5)

    assert "emergency" in ran.faults["number"][1]


def test_a_number_that_is_taken_is_refused(acme: Shell) -> None:
    ran = acme.refused("extension", "create", "100", "--tenant", "acme", code=4)

    assert "100" in ran.refusal["error"]


def test_a_name_of_71_bytes_is_refused_and_one_of_70_is_not(acme: Shell) -> None:
    create = ("extension", "create", "102", "--tenant", "acme", "--name")

    value, rule = acme.refused(*create, "x" * 71, code=5).faults["name"]
    assert value == "x" * 71
    assert "70 bytes" in rule
    acme.refused(*create, "Ж" * 35 + "x", code=5)
    assert acme.done(*create, "Ж" * 35)["name"] == "Ж" * 35


def test_all_that_is_wrong_with_an_extension_is_listed_at_once(acme: Shell) -> None:
    options = ("--name", "", "--email", "nobody", "--ring-s", "0")

    ran = acme.refused("extension", "create", "99", "--tenant", "acme", *options, code=5)

    assert set(ran.faults) == {"number", "name", "email", "ring_s"}


def test_people_read_every_fault_on_a_line_of_its_own(acme: Shell) -> None:
    ran = acme("extension", "create", "99", "--tenant", "acme", "--name", "")

    assert ran.code == 5
    first, *faults = ran.err.splitlines()
    assert first == "Error: 2 faults, nothing was changed:"
    assert [line.split()[0] for line in faults] == ["number", "--name"]


def test_the_tenant_may_stand_in_the_environment(acme: Shell) -> None:
    elsewhere = Shell(acme.home, {**acme.environment, "PBX_TENANT": "acme"})

    assert [one["number"] for one in elsewhere.done("extension", "list")] == ["100", "101"]


def test_create_if_missing_leaves_the_extension_as_it_is(acme: Shell) -> None:
    again = acme.done(
        "extension", "create", "100", "--tenant", "acme", "--name", "Other", "--if-missing"
    )

    assert (again["name"], again["password"]) == ("Alice", None)


def test_set_changes_what_is_named_and_may_be_repeated(acme: Shell) -> None:
    change = ("extension", "set", "100", "--tenant", "acme", "--ring-s", "30")

    assert acme.done(*change) == acme.done(*change)
    assert acme.done("extension", "show", "100", "--tenant", "acme")["name"] == "Alice"


def test_who_takes_an_option_for_a_setting_is_told_the_option(acme: Shell) -> None:
    change = ("extension", "set", "100", "--tenant", "acme")

    ran = acme.refused(*change, "--set", "ring_s=5", code=5)

    assert "use --ring-s 5" in ran.faults["ring_s"][1]


def test_an_extension_that_a_greeting_leads_to_stays(acme: Shell) -> None:
    create = ("element", "create", "greeting", "5000", "--tenant", "acme")
    acme.done(*create, "--set", "sound=asterisk:hello", "--set", "keys.1=100")

    ran = acme.refused("extension", "remove", "100", "--tenant", "acme", "--yes", code=4)

    assert "5000: key 1 leads to 100" in ran.refusal["error"]
    assert acme.done("extension", "remove", "101", "--tenant", "acme", "--yes")["number"] == "101"


def test_a_second_phone_brings_its_own_password_by_stdin(acme: Shell) -> None:
    create = ("device", "create", "100-kitchen", "--tenant", "acme", "--extension", "100")

    made = acme.done(*create, "--password-stdin", typed=f"{GOOD_PASSWORD}\n")

    assert (made["login"], made["password"]) == ("100-kitchen", GOOD_PASSWORD)
    setup = acme.done("device", "show", "100-kitchen", "--tenant", "acme", "--setup")
    assert setup["password"] == GOOD_PASSWORD


@pytest.mark.parametrize("password", ["short", "", "aaaaaaaaaaaaaaaa", "with a space in it"])
def test_a_weak_password_is_refused_and_never_repeated(acme: Shell, password: str) -> None:
    change = ("device", "set", "100", "--tenant", "acme", "--password-stdin")

    ran = acme.refused(*change, code=5, typed=f"{password}\n")

    value, _ = ran.faults["password"]
    assert value == "(hidden)"


def test_a_phone_gets_a_new_password(acme: Shell) -> None:
    before = acme.done("device", "show", "100", "--tenant", "acme", "--setup")

    changed = acme.done("device", "set", "100", "--tenant", "acme", "--new-password")

    after = acme.done("device", "show", "100", "--tenant", "acme", "--setup")
    assert changed["password"] == after["password"] != before["password"]


def test_a_device_for_an_extension_of_another_tenant_is_refused(acme: Shell) -> None:
    acme.done("tenant", "create", "other", "--domain", "other.test", "--country", "RU")

    ran = acme.refused(
        "device", "create", "100-spy", "--tenant", "other", "--extension", "100", code=3
    )

    assert ran.refusal["error"] == "Tenant other has no extension 100"


def test_a_device_is_called_like_its_extension(acme: Shell) -> None:
    ran = acme.refused(
        "device", "create", "kitchen", "--tenant", "acme", "--extension", "100", code=5
    )

    assert "100-kitchen" in ran.faults["name"][1]


def test_phones_are_listed_although_asterisk_is_down(acme: Shell) -> None:
    ran = acme("device", "list", "--tenant", "acme", "--json")

    assert ran.code == 0
    assert [(one["name"], one["state"]) for one in ran.json] == [
        ("100", "unknown"),
        ("101", "unknown"),
    ]
    assert "cannot be asked" in ran.err


def test_a_phone_is_removed_after_a_yes(acme: Shell) -> None:
    acme.refused("device", "remove", "100", "--tenant", "acme", code=2)

    acme.done("device", "remove", "100", "--tenant", "acme", "--yes")

    acme.refused("device", "show", "100", "--tenant", "acme", code=3)


def test_passwords_that_another_key_sealed_are_not_opened(acme: Shell) -> None:
    (acme.home / "secret.key").unlink()

    ran = acme.refused("device", "show", "100", "--tenant", "acme", "--setup", code=1)

    assert "put back the one" in ran.refusal["error"]
    acme.refused("extension", "create", "200", "--tenant", "acme", "--name", "Eve", code=1)
    assert not (acme.home / "secret.key").exists()
