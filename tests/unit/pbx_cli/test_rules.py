"""Outbound rules by the shell, and what trunks are told about calls that go out."""

import json

import pytest

from tests.unit.pbx_cli.shell import Shell

OF_ACME = ("--tenant", "acme")
ACCOUNT = ("--username", "acme", "--password-stdin")


@pytest.fixture
def office(acme: Shell) -> Shell:
    """A shell with a tenant that has lines in two cities; moscow is the default."""
    for city in ("moscow", "spb"):
        host = ("--host", f"{city}.carrier.test")
        acme.done("trunk", "create", city, *OF_ACME, *host, *ACCOUNT, typed="their-secret\n")
    return acme


def order(shell: Shell) -> list[str]:
    """The names of the rules as they are read."""
    return [one["name"] for one in shell.done("rule", "list", *OF_ACME)]


def table(shell: Shell) -> list[str]:
    """What people read of the rules, a line for each."""
    return shell("rule", "list", *OF_ACME).out.splitlines()[1:]


def three_rules(shell: Shell) -> None:
    for name, mask in (("a", "7(+)"), ("b", "8(+)"), ("c", "9(+)")):
        shell.done("rule", "create", name, *OF_ACME, "--mask", mask)


def test_the_worked_examples_take_a_line_each_and_are_listed_in_their_order(office: Shell) -> None:
    create = ("rule", "create")
    examples = (
        ("no calls out", "--mask", "+", "--output", "0000", "--only", "100; 101;"),
        ("any format", "--mask", "{p7|7|8|}(dddddddddd)", "--output", "8$"),
        ("two by moscow", "--mask", "(+)", "--only", "100;101", "--trunk", "moscow"),
        ("all others", "--mask", "(+)", "--trunk", "spb", "--trunk", "moscow"),
        ("city", "--mask", "{p7|7|8|}(812ddddddd)", "--output", "8$", "--except", "101"),
    )
    for example in examples:
        office.done(*create, *example, *OF_ACME)
    office.done(*create, "zero first", "--mask", "0(+)", "--only", "101", "--place", "1", *OF_ACME)

    lines = table(office)
    assert order(office) == [
        "zero first", "no calls out", "any format", "two by moscow", "all others", "city",
    ]  # fmt: skip
    assert [line.split()[0] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    assert "forbidden" in lines[1]
    assert "only 100, 101" in lines[1]
    assert "the default trunk" in lines[2]
    assert "spb, moscow" in lines[4]
    assert "all but 101" in lines[5]


def test_the_list_says_by_what_all_other_numbers_leave(office: Shell) -> None:
    three_rules(office)
    assert "leaves by moscow, as it was dialled" in office("rule", "list", *OF_ACME).err
    office("trunk", "set", "moscow", *OF_ACME, "--disabled")
    assert "What no rule is for does not leave" in office("rule", "list", *OF_ACME).err


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (("--up",), ["b", "a", "c"]),
        (("--down",), ["a", "c", "b"]),
        (("--to", "3"), ["a", "c", "b"]),
        (("--to", "1"), ["b", "a", "c"]),
    ],
)
def test_a_rule_is_moved(where: tuple[str, ...], expected: list[str], office: Shell) -> None:
    three_rules(office)

    ran = office("rule", "move", "b", *OF_ACME, *where)

    assert order(office) == expected
    assert ran.out == f"Rule b is at place {expected.index('b') + 1}.\n"


def test_the_first_rule_is_moved_up_no_further(office: Shell) -> None:
    three_rules(office)
    assert office("rule", "move", "a", *OF_ACME, "--up").out == "Rule a is at place 1 already.\n"
    assert order(office) == ["a", "b", "c"]


@pytest.mark.parametrize("where", [(), ("--up", "--to", "1")])
def test_a_rule_is_moved_one_way_at_a_time(where: tuple[str, ...], office: Shell) -> None:
    three_rules(office)
    office.refused("rule", "move", "b", *OF_ACME, *where, code=2)


def test_a_rule_goes_to_no_place_that_is_not_there(office: Shell) -> None:
    three_rules(office)
    ran = office.refused("rule", "move", "b", *OF_ACME, "--to", "4", code=5)
    assert ran.faults == {"place": (4, "from 1 to 3")}
    office.refused("rule", "move", "nobody", *OF_ACME, "--up", code=3)


def test_hours_are_written_as_people_say_them(office: Shell) -> None:
    office.done(
        "rule", "create", "by day", *OF_ACME, "--mask", "(+)", "--timezone", "+03:00",
        "--hours", "mon-fri 09:00-18:00", "--hours", "sat, sun 10:00 - 14:00",
    )  # fmt: skip
    assert office.done("rule", "show", "by day", *OF_ACME)["hours"] == {
        "timezone": "+03:00",
        "windows": [
            {"days": "mon-fri", "from": "09:00", "to": "18:00"},
            {"days": "sat, sun", "from": "10:00", "to": "14:00"},
        ],
    }
    told = office("rule", "show", "by day", *OF_ACME).out
    assert "mon-fri 09:00-18:00, sat, sun 10:00-14:00 (+03:00)" in told


def test_hours_are_changed_part_by_part_and_taken_away(office: Shell) -> None:
    by_day = ("--mask", "(+)", "--hours", "mon-fri 09:00-18:00", "--timezone", "Europe/Moscow")
    office.done("rule", "create", "by day", *OF_ACME, *by_day)
    change = ("rule", "set", "by day", *OF_ACME)

    zone = office.done(*change, "--timezone", "")["hours"]
    assert zone == {"windows": [{"days": "mon-fri", "from": "09:00", "to": "18:00"}]}
    office.done(*change, "--timezone", "Asia/Omsk")
    windows = office.done(*change, "--hours", "sat 10:00-14:00")["hours"]
    assert (windows["timezone"], len(windows["windows"])) == ("Asia/Omsk", 1)
    office.refused(*change, "--hours", "sat 10:00-14:00", "--no-hours", code=2)
    assert office.done(*change, "--no-hours")["hours"] == {}


@pytest.mark.parametrize(
    ("hours", "path"),
    [
        ("mon-fri", "hours"),
        ("09:00-18:00", "hours"),
        ("mon-fri from nine", "hours"),
        ("workdays 09:00-18:00", "hours.windows.0.days"),
        ("mon-fri 9:00-18:00", "hours.windows.0.from"),
        ("mon-fri 09:00-24:30", "hours.windows.0.to"),
    ],
)
def test_hours_that_cannot_be_read_are_refused(hours: str, path: str, office: Shell) -> None:
    ran = office.refused(
        "rule", "create", "by day", *OF_ACME, "--mask", "(+)", "--hours", hours, code=5
    )
    assert list(ran.faults) == [path]


def test_a_pin_is_read_from_stdin_and_never_shown(office: Shell) -> None:
    create = ("rule", "create", "abroad", *OF_ACME, "--mask", "(810+)", "--pin-stdin")
    made = office.done(*create, typed="4711\n")
    told = json.dumps(
        [
            made,
            office.done("rule", "list", *OF_ACME),
            office.done("rule", "show", "abroad", *OF_ACME),
        ]
    )
    assert made["has_pin"]
    assert "4711" not in told
    assert "pin_hash" not in told
    assert "scrypt" not in told + office("rule", "show", "abroad", *OF_ACME).out

    change = ("rule", "set", "abroad", *OF_ACME)
    office.refused(*change, "--pin-stdin", "--no-pin", code=2, typed="4712\n")
    ran = office.refused(*change, "--pin-stdin", code=5, typed="1111\n")
    assert ran.faults["pin"][0] == "(hidden)"
    office.refused(*change, "--pin-stdin", code=5, typed="\n")
    assert not office.done(*change, "--no-pin")["has_pin"]


def test_every_fault_of_a_rule_is_listed_and_nothing_is_made(office: Shell) -> None:
    options = (
        "--mask", "7(8", "--output", "tel:$", "--trunk", "kiev", "--only", "100-105;101",
        "--caller-id", "84951234567", "--place", "7",
    )  # fmt: skip

    ran = office.refused("rule", "create", "wrong", *OF_ACME, *options, code=5)

    assert set(ran.faults) == {"mask", "output", "trunks", "users", "caller_id", "place"}
    assert ran.faults["mask"] == ("7(8", "character 2: ( is not closed by )")
    assert ran.faults["trunks"][0] == "kiev"
    assert ran.faults["users"][0] == "100-105"


def test_a_rule_is_for_some_or_for_all_but_some_and_not_both(office: Shell) -> None:
    create = ("rule", "create", "a", *OF_ACME, "--mask", "8(+)", "--only", "100")
    office.refused(*create, "--except", "101", code=2)
    office.done(*create)
    changed = office.done("rule", "set", "a", *OF_ACME, "--except", "")
    assert (changed["mode"], changed["users"]) == ("except", [])


def test_a_rule_is_changed_field_by_field(office: Shell) -> None:
    three_rules(office)
    change = ("rule", "set", "b", *OF_ACME)
    office.done("rule", "set", "b", *OF_ACME, "--trunk", "spb", "--output", "7$", "--only", "100")

    denied = office.done(*change, "--deny", "--new-name", "no eights")
    assert (denied["action"], denied["output"], denied["trunks"]) == ("deny", "7$", ["spb"])
    change = ("rule", "set", "no eights", *OF_ACME)
    again = office.done(*change, "--send", "--trunk", "", "--disabled")
    assert (again["action"], again["trunks"], again["users"]) == ("send", [], ["100"])
    assert (again["is_enabled"], again["place"]) == (False, 2)


def test_what_is_doubtful_is_said_and_saved_all_the_same(office: Shell) -> None:
    ran = office("rule", "create", "all", *OF_ACME, "--mask", "(+)", "--except", "199")
    assert ran.code == 0
    assert "Warning: rule all names 199" in ran.err
    assert "pass by all rules" in ran.err

    ran = office("rule", "create", "late", *OF_ACME, "--mask", "8(+)", "--except", "199")
    assert (ran.code, ran.out) == (0, "Rule late is there, at place 2.\n")
    assert "rule late never fires" in ran.err
    assert "never fires" not in office("rule", "move", "late", *OF_ACME, "--up").err


def test_a_rule_is_removed_after_a_yes_and_then_its_trunk_can_be(office: Shell) -> None:
    three_rules(office)
    office.done("rule", "set", "b", *OF_ACME, "--trunk", "spb")
    ran = office.refused("trunk", "remove", "spb", *OF_ACME, "--yes", code=4)
    assert "outbound rule b sends calls through spb" in ran.refusal["error"]

    office.refused("rule", "remove", "b", *OF_ACME, code=2)
    office.done("rule", "remove", "b", *OF_ACME, "--yes")
    office.done("trunk", "remove", "spb", *OF_ACME, "--yes")
    assert order(office) == ["a", "c"]


def test_a_trunk_is_told_how_long_to_wait_and_what_to_show(office: Shell) -> None:
    change = ("trunk", "set", "spb", *OF_ACME)
    told = office.done(
        *change, "--patience-s", "5", "--final-codes", "404, 486",
        "--caller-id-format", "national", "--forwarded-by", "both",
    )  # fmt: skip
    assert (told["patience_s"], told["final_codes"]) == (5, [404, 486])
    assert (told["caller_id_format"], told["forwarded_by"]) == ("national", "both")
    assert office.done(*change, "--final-codes", "")["final_codes"] == []


@pytest.mark.parametrize(
    ("option", "value", "path"),
    [
        ("--patience-s", "0", "patience_s"),
        ("--patience-s", "61", "patience_s"),
        ("--final-codes", "399", "final_codes"),
        ("--final-codes", "700", "final_codes"),
        ("--final-codes", "404,404", "final_codes"),
        ("--final-codes", "busy", "final_codes"),
        ("--caller-id-format", "e.164", "caller_id_format"),
        ("--forwarded-by", "header", "forwarded_by"),
    ],
)
def test_a_trunk_is_told_no_nonsense(option: str, value: str, path: str, office: Shell) -> None:
    ran = office.refused("trunk", "set", "spb", *OF_ACME, option, value, code=5)
    assert list(ran.faults) == [path]


def test_verbs_that_have_a_file_of_their_own_are_no_nouns(office: Shell) -> None:
    listed = office("--help").out.split()
    assert "rule" in listed
    assert not [word for word in listed if word.startswith("rule_")]
    assert office("rule_explain").code == 2
    assert "explain" in office("rule", "--help").out.split()


def test_all_that_is_wrong_with_a_trunk_is_listed_at_once(office: Shell) -> None:
    ran = office.refused(
        *("trunk", "set", "spb", *OF_ACME, "--patience-s", "0", "--final-codes", "200,abc"),
        *("--caller-id-format", "foo", "--forwarded-by", "bar"),
        code=5,
    )
    told = [(fault["path"], fault["value"]) for fault in ran.refusal["faults"]]
    assert told == [
        ("patience_s", 0),
        ("final_codes", 200),
        ("final_codes", "abc"),
        ("caller_id_format", "foo"),
        ("forwarded_by", "bar"),
    ]


@pytest.mark.parametrize("verb", ["create", "set"])
def test_a_call_is_sent_or_forbidden_and_not_both(verb: str, office: Shell) -> None:
    office.done("rule", "create", "a", *OF_ACME, "--mask", "8(+)", "--deny")
    name = "a" if verb == "set" else "b"
    options = ("--mask", "8(+)", "--send", "--deny")
    ran = office.refused("rule", verb, name, *OF_ACME, *options, code=2)
    assert ran.refusal["error"] == "Say one of --send and --deny"
    assert office.done("rule", "set", "a", *OF_ACME, "--send")["action"] == "send"


def test_a_zone_without_hours_is_told_what_is_missing(office: Shell) -> None:
    options = ("--mask", "8(+)", "--timezone", "Europe/Moscow")
    ran = office.refused("rule", "create", "a", *OF_ACME, *options, code=5)
    assert "give --hours" in ran.faults["timezone"][1]
