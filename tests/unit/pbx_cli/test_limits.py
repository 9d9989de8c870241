"""How far a tenant may call, and what the called see, by the shell."""

import pytest

from tests.unit.pbx_cli.shell import Shell

OURS = "+74951234567"
TRUNK = ("--host", "sip.carrier.test", "--username", "acme", "--password-stdin")


@pytest.fixture
def with_number(acme: Shell) -> Shell:
    """A shell with a tenant that has a trunk, and a number of its own."""
    acme.done("trunk", "create", "moscow", "--tenant", "acme", *TRUNK, typed="x\n")
    acme.done("number", "create", OURS, "--tenant", "acme", "--trunk", "moscow")
    return acme


def test_an_operator_says_how_far_a_tenant_may_call(acme: Shell) -> None:
    now = acme.done(
        *("tenant", "set", "acme", "--max-outside-calls", "10"),
        *("--max-outside-calls-per-device", "2", "--outside-calls-per-second", "3"),
        *("--outside-minutes-per-day", "600", "--open-country", "US", "--open-country", "KZ"),
        *("--open-class", "premium", "--night", "22:00-07:00", "--night-reach", "home"),
        *("--forward-reach", "none", "--forwards-by-rules"),
        *("--alert-email", "office@acme.test", "--alert-email", "boss@acme.test"),
    )
    assert now["outside"] == {
        "max_calls": 10,
        "max_calls_per_device": 2,
        "calls_per_second": 3,
        "minutes_per_day": 600,
        "countries": ["US", "KZ"],
        "classes": ["premium"],
        "night_hours": "22:00-07:00",
        "night_reach": "home",
        "forward_reach": "none",
        "forwards_by_rules": True,
        "alert_emails": ["office@acme.test", "boss@acme.test"],
    }
    assert acme.done("tenant", "show", "acme") == now
    assert acme.done("tenant", "set", "acme", "--outside-minutes-per-day", "600") == now


def test_a_tenant_is_taken_in_with_limits_of_its_own(shell: Shell) -> None:
    made = shell.done(
        *("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU"),
        *("--open-country", "*", "--max-outside-calls", "0"),
    )
    assert (made["outside"]["countries"], made["outside"]["max_calls"]) == (["*"], 0)


def test_what_is_not_named_stays_and_lists_are_closed_by_a_word(acme: Shell) -> None:
    acme.done(
        *("tenant", "set", "acme", "--open-country", "US", "--open-class", "unknown"),
        *("--alert-email", "office@acme.test", "--night", "22:00-07:00", "--forwards-by-rules"),
    )
    kept = acme.done("tenant", "set", "acme", "--max-outside-calls", "7")["outside"]
    assert (kept["countries"], kept["classes"]) == (["US"], ["unknown"])
    assert (kept["night_hours"], kept["forwards_by_rules"]) == ("22:00-07:00", True)
    other = acme.done("tenant", "set", "acme", "--open-country", "KZ")["outside"]
    assert other["countries"] == ["KZ"]
    closed = acme.done(
        *("tenant", "set", "acme", "--no-open-countries", "--no-open-classes", "--night", ""),
        *("--no-alert-emails", "--no-forwards-by-rules"),
    )["outside"]
    assert (closed["countries"], closed["classes"], closed["alert_emails"]) == ([], [], [])
    assert (closed["night_hours"], closed["forwards_by_rules"]) == ("", False)


@pytest.mark.parametrize(
    ("option", "text", "path"),
    [
        ("--max-outside-calls", "-1", "max_calls"),
        ("--max-outside-calls", "99999999999999999999", "max_calls"),
        ("--max-outside-calls-per-device", "-5", "max_calls_per_device"),
        ("--outside-calls-per-second", "-2", "calls_per_second"),
        ("--outside-minutes-per-day", "-60", "minutes_per_day"),
        ("--open-country", "USA", "countries"),
        ("--open-country", "us", "countries"),
        ("--open-country", "", "countries"),
        ("--open-class", "dear", "classes"),
        ("--night", "22-7", "night_hours"),
        ("--night", "22:00-22:00", "night_hours"),
        ("--night-reach", "far", "night_reach"),
        ("--forward-reach", "", "forward_reach"),
        ("--alert-email", "office", "alert_emails"),
        ("--alert-email", "", "alert_emails"),
        ("--caller-id", "+74990000000", "caller_id"),
        ("--caller-id", "Acme", "caller_id"),
    ],
)
def test_each_option_says_what_it_takes(acme: Shell, option: str, text: str, path: str) -> None:
    ran = acme.refused("tenant", "set", "acme", option, text, code=5)

    value, rule = ran.faults[path]
    assert str(value) == text
    assert rule


@pytest.mark.parametrize(
    "option",
    [
        "--max-outside-calls",
        "--max-outside-calls-per-device",
        "--outside-calls-per-second",
        "--outside-minutes-per-day",
    ],
)
@pytest.mark.parametrize("text", ["ten", "1.5", "", "1e3"])
def test_an_amount_is_a_whole_number(acme: Shell, option: str, text: str) -> None:
    acme.refused("tenant", "set", "acme", option, text, code=2)


@pytest.mark.parametrize(
    "options",
    [
        ("--open-country", "US", "--no-open-countries"),
        ("--open-class", "premium", "--no-open-classes"),
        ("--alert-email", "office@acme.test", "--no-alert-emails"),
    ],
)
def test_nobody_opens_and_closes_at_once(acme: Shell, options: tuple[str, ...]) -> None:
    ran = acme.refused("tenant", "set", "acme", *options, code=2)

    assert f"give {options[0]} or {options[2]}, not both" in ran.err


def test_all_faults_of_a_policy_are_listed_at_once(acme: Shell) -> None:
    ran = acme.refused(
        *("tenant", "set", "acme", "--max-outside-calls", "-1", "--open-country", "XX"),
        *("--night", "always", "--alert-email", "me", "--caller-id", "+74990000000"),
        code=5,
    )

    wrong = {"max_calls", "countries", "night_hours", "alert_emails", "caller_id"}
    assert set(ran.faults) == wrong


def test_people_read_how_far_a_tenant_may_call_and_what_its_phones_can_dial(acme: Shell) -> None:
    acme.done(
        *("tenant", "set", "acme", "--open-country", "KZ", "--night", "22:00-07:00"),
        *("--outside-minutes-per-day", "0", "--alert-email", "office@acme.test"),
    )

    shown = acme("tenant", "show", "acme").out

    lines = {line.partition("  ")[0]: line.partition("  ")[2].strip() for line in shown.split("\n")}
    assert lines["calls_out_at_once"] == "at most 5"
    assert lines["minutes_out_a_day"] == "no limit"
    assert lines["open_countries"] == "RU (its own), KZ"
    assert lines["open_classes"] == "none"
    assert lines["night"] == "22:00-07:00: calls out go nowhere"
    assert lines["forwarding_outside"] == "within the country"
    assert lines["told_of_limits"] == "office@acme.test"
    assert "no number of yours" in lines["dial *67NUMBER"]
    assert "last" in lines["dial *66"]


def test_people_read_that_nobody_is_told_of_limits(acme: Shell) -> None:
    assert "nobody; name somebody: --alert-email" in acme("tenant", "show", "acme").out


def test_people_read_that_a_trial_tenant_calls_at_home(acme: Shell) -> None:
    acme.done("tenant", "set", "acme", "--state", "trial", "--open-country", "*")

    assert "RU (its own); no other while it is on trial" in acme("tenant", "show", "acme").out


def test_scripts_read_the_feature_codes(acme: Shell) -> None:
    codes = acme.done("tenant", "show", "acme")["feature_codes"]

    assert [(one["name"], one["code"], one["takes_number"]) for one in codes] == [
        ("hide_number", "*67", True),
        ("redial", "*66", False),
    ]


def test_an_operator_says_which_number_the_called_see(with_number: Shell) -> None:
    done = with_number.done
    assert done("tenant", "set", "acme", "--caller-id", OURS)["caller_id"] == OURS
    for noun, name in (("extension", "100"), ("device", "100")):
        change = (noun, "set", name, "--tenant", "acme", "--caller-id")
        assert done(*change, "84951234567")["caller_id"] == "84951234567"
        assert done(noun, "show", name, "--tenant", "acme")["caller_id"] == "84951234567"
        assert done(*change, "")["caller_id"] == ""
    made = done("extension", "create", "102", "--tenant", "acme", "--caller-id", OURS)
    assert made["caller_id"] == OURS
    phone = ("device", "create", "102-desk", "--tenant", "acme", "--extension", "102")
    assert done(*phone, "--caller-id", OURS)["caller_id"] == OURS


def test_a_phone_may_hide_its_number(acme: Shell) -> None:
    phone = ("device", "create", "100-desk", "--tenant", "acme", "--extension", "100")
    assert acme.done(*phone, "--hides-number")["hides_number"] is True
    change = ("device", "set", "100-desk", "--tenant", "acme")
    assert acme.done(*change, "--caller-name", "Desk")["hides_number"] is True
    assert acme.done(*change, "--no-hides-number")["hides_number"] is False


@pytest.mark.parametrize("noun", ["extension", "device"])
@pytest.mark.parametrize("number", ["+74990000000", "Alice", "12"])
def test_nobody_shows_a_number_of_somebody_else(acme: Shell, noun: str, number: str) -> None:
    change = (noun, "set", "100", "--tenant", "acme", "--caller-id", number)
    ran = acme.refused(*change, code=5)

    assert ran.faults["caller_id"][0] == number


def test_whoever_shows_a_strange_number_reads_how_to_add_it(acme: Shell) -> None:
    ran = acme("tenant", "set", "acme", "--caller-id", "+74990000000")

    assert ran.code == 5
    assert "pbx number create +74990000000 --tenant acme" in ran.err


def test_a_number_that_is_shown_is_not_removed(with_number: Shell) -> None:
    with_number.done("device", "set", "100", "--tenant", "acme", "--caller-id", OURS)
    with_number.done("tenant", "set", "acme", "--caller-id", OURS)

    remove = ("number", "remove", OURS, "--tenant", "acme", "--yes")
    ran = with_number.refused(*remove, code=4)
    assert "tenant acme shows" in ran.refusal["error"]
    assert "device 100 shows" in ran.refusal["error"]

    with_number.done("device", "set", "100", "--tenant", "acme", "--caller-id", "")
    with_number.done("tenant", "set", "acme", "--caller-id", "")
    with_number.done(*remove)


@pytest.mark.parametrize("noun", ["extension", "device"])
def test_phones_stand_only_where_there_is_a_location(acme: Shell, noun: str) -> None:
    change = (noun, "set", "100", "--tenant", "acme", "--location")
    assert "no location Attic" in acme.refused(*change, "Attic", code=3).refusal["error"]
    acme.done("location", "create", "Attic", "--tenant", "acme")
    assert acme.done(*change, "Attic")["location"] == "Attic"
    assert acme.done(*change, "")["location"] == ""


@pytest.mark.parametrize(("field", "option"), [("caller_id", "--caller-id"), ("location", "--loc")])
def test_what_has_an_option_is_no_setting(acme: Shell, field: str, option: str) -> None:
    ran = acme.refused("extension", "set", "100", "--tenant", "acme", "--set", f"{field}=x", code=5)

    assert option in ran.faults[field][1]
