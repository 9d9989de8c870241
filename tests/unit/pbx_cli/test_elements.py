"""Elements by the shell."""

from tests.unit.pbx_cli.shell import Shell

GREETING = ("element", "create", "greeting", "5000", "--tenant", "acme")
HELLO = ("--set", "sound=asterisk:hello")


def test_settings_get_the_types_that_the_kind_wants(acme: Shell) -> None:
    made = acme.done(
        *GREETING,
        *HELLO,
        *("--set", "keys.1=100", "--set", "keys.*=101", "--set", "barge_in=no"),
        *("--set", "max_invalid=2", "--set", "first_digit_s=2.5"),
        *("--set", "direct_dial_allow=1+, 200"),
    )

    assert made["settings"] == {
        "sound": "asterisk:hello",
        "keys": {"1": "100", "*": "101"},
        "barge_in": False,
        "max_invalid": 2,
        "first_digit_s": 2.5,
        "direct_dial_allow": ["1+", "200"],
    }
    assert acme.done("element", "show", "5000", "--tenant", "acme") == made


def test_unknown_settings_and_wrong_types_are_listed_at_once_with_their_paths(acme: Shell) -> None:
    ran = acme.refused(
        *GREETING,
        *("--set", "color=red", "--set", "max_invalid=many", "--set", "barge_in=perhaps"),
        *("--set", "keys.1=elsewhere", "--set", "first_digit_s=1e9"),
        code=5,
    )

    paths = {"color", "max_invalid", "barge_in", "keys.1", "first_digit_s", "sound"}
    assert set(ran.faults) == paths
    assert ran.faults["max_invalid"][0] == "many"
    assert "is required" in ran.faults["sound"][1]


def test_missing_sounds_and_targets_are_listed_together_with_all_other_faults(
    acme: Shell,
) -> None:
    ran = acme.refused(
        *GREETING,
        *("--set", "foo=1", "--set", "first_digit_s=abc", "--set", "sound=nope"),
        *("--set", "keys.1=4711", "--set", "keys.2=elsewhere", "--set", "keys.3=100"),
        code=5,
    )

    assert set(ran.faults) == {"foo", "first_digit_s", "sound", "keys.1", "keys.2"}
    assert len(ran.refusal["faults"]) == 5
    assert ran.faults["keys.1"] == ("4711", "does not exist")
    assert ran.faults["sound"] == ("nope", "there is no such sound")


def test_an_exit_that_leads_nowhere_is_refused_in_words(acme: Shell) -> None:
    ran = acme(*GREETING, *HELLO, "--set", "keys.3=5209")

    assert ran.code == 5
    assert "5000: key 3 leads to 5209, which does not exist" in ran.err


def test_a_sound_that_is_not_there_is_refused(acme: Shell) -> None:
    ran = acme.refused(*GREETING, "--set", "sound=welcome", code=5)

    assert "welcome" in ran.refusal["error"]


def test_an_assignment_without_a_value_is_refused(acme: Shell) -> None:
    ran = acme.refused(*GREETING, "--set", "sound", "--set", "=x", code=5)

    assert len(ran.refusal["faults"]) == 2


def test_a_kind_that_does_not_exist_is_refused(acme: Shell) -> None:
    ran = acme.refused("element", "create", "teapot", "5000", "--tenant", "acme", code=5)

    value, rule = ran.faults["kind"]
    assert value == "teapot"
    assert "greeting" in rule


def test_elements_start_at_5000_and_their_numbers_are_theirs_alone(acme: Shell) -> None:
    low = ("element", "create", "play", "4999", "--tenant", "acme", *HELLO)
    assert "5000" in acme.refused(*low, code=5).faults["number"][1]

    acme.done(*GREETING, *HELLO)
    taken = acme.refused(*GREETING, *HELLO, code=4)
    assert taken.faults == {"number": ("5000", "is taken")}
    again = acme.done(*GREETING, "--set", "sound=asterisk:beep", "--if-missing")
    assert again["settings"]["sound"] == "asterisk:hello"


def test_set_and_unset_change_single_keys_and_may_be_repeated(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO, "--set", "keys.1=100", "--set", "keys.2=100")
    change = ("element", "set", "5000", "--tenant", "acme", "--set", "keys.3=101")

    changed = acme.done(*change, "--unset", "keys.1")

    assert changed["settings"]["keys"] == {"2": "100", "3": "101"}
    assert acme.done(*change, "--unset", "keys.1") == changed


def test_a_setting_cannot_be_set_and_removed_at_once(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO)
    change = ("element", "set", "5000", "--tenant", "acme")

    ran = acme.refused(*change, "--set", "keys.1=100", "--unset", "keys.1", code=5)

    assert "keys.1" in ran.faults


def test_a_change_that_breaks_the_element_changes_nothing(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO)

    ran = acme.refused("element", "set", "5000", "--tenant", "acme", "--unset", "sound", code=5)

    assert set(ran.faults) == {"sound"}


def test_an_element_that_others_lead_to_stays(acme: Shell) -> None:
    acme.done("element", "create", "play", "5001", "--tenant", "acme", *HELLO)
    acme.done(*GREETING, *HELLO, "--set", "keys.1=5001")

    acme.refused("element", "remove", "5001", "--tenant", "acme", "--yes", code=4)
    acme.done("element", "remove", "5000", "--tenant", "acme", "--yes")
    acme.done("element", "remove", "5001", "--tenant", "acme", "--yes")


def test_whoever_finds_a_number_taken_reads_the_way_out(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO)

    ran = acme.refused(*GREETING, *HELLO, code=4)

    way_out = "change it with `pbx element set 5000 --tenant acme ...`, or give --if-missing"
    assert ran.refusal["error"].endswith(way_out)


def test_what_leads_to_an_element_is_listed_for_scripts(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO)
    second = ("element", "create", "greeting", "5001", "--tenant", "acme")
    acme.done(*second, *HELLO, "--set", "keys.1=5000")

    ran = acme.refused("element", "remove", "5000", "--tenant", "acme", "--yes", code=4)

    assert ran.refusal["error"].endswith("\nLead these elsewhere first.")
    assert "5001" in ran.faults["in_use"][1]


def test_a_setting_that_no_kind_has_is_not_removed_silently(acme: Shell) -> None:
    acme.done(*GREETING, *HELLO)
    change = ("element", "set", "5000", "--tenant", "acme")

    ran = acme.refused(*change, "--unset", "nosuch", code=5)

    assert ran.faults["--unset"][0] == "nosuch"
    assert "no setting of this kind" in ran.faults["--unset"][1]


def test_kinds_tell_every_setting_with_its_meaning(acme: Shell) -> None:
    (greeting,) = acme.done("element", "kinds", "greeting")

    assert all(setting["description"] for setting in greeting["settings"].values())
    table = acme("element", "kinds", "greeting").out
    assert all(name in table for name in greeting["settings"])
    assert acme("element", "kinds", "teapot").code == 5


def test_schemas_are_published_one_by_one_and_together(acme: Shell) -> None:
    alone = acme.done("schema", "element", "play")
    together = acme("schema").json

    assert alone["required"] == ["sound"]
    assert together["$defs"]["play"]["properties"] == alone["properties"]
    listed = {row["schema"] for row in acme.done("schema", "list")}
    assert listed == {f"element {kind}" for kind in together["$defs"]}
    assert acme("schema", "element", "teapot").code == 5
