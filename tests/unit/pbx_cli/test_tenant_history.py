"""The history of a tenant as people read it: who changed what, by which command."""

import pytest

from tests.unit.pbx_cli.shell import Shell

ACME = ("--tenant", "acme")


@pytest.fixture
def signed(acme: Shell) -> Shell:
    """A shell of somebody who is called anna, with four changes behind it."""
    shell = Shell(acme.home, {**acme.environment, "PBX_AUTHOR": "anna"})
    shell.done("extension", "set", "100", *ACME, "--name", "Анна", "--ring-s", "30")
    shell.done("device", "set", "100", *ACME, "--new-password")
    shell.done("extension", "remove", "101", *ACME, "--yes")
    return shell


def test_every_change_is_told_with_its_author_and_its_command(signed: Shell) -> None:
    removed, password, changed, *rest = signed.done("tenant", "history", "acme")

    assert [one["what"] for one in rest] == [
        "extension create 101",
        "extension create 100",
        "tenant create acme",
    ]
    assert {one["who"] for one in (removed, password, changed)} == {"anna"}
    assert changed["what"] == "extension set 100"
    assert changed["changes"] == [
        {"path": "extensions.100.name", "before": "Alice", "after": "Анна"},
        {"path": "extensions.100.ring_s", "before": None, "after": 30},
    ]
    assert (password["what"], password["changes"]) == ("device set 100", [])
    assert password["notes"] == ["the password of device 100 was changed"]
    (gone,) = removed["changes"]
    assert (gone["path"], gone["before"]["name"], gone["after"]) == (
        "extensions.101",
        "Boris",
        None,
    )
    assert removed["revision"] > password["revision"] > changed["revision"]


def test_people_read_signs_for_what_came_and_went_and_go_on_below_where_room_ends(
    signed: Shell,
) -> None:
    told = signed("tenant", "history", "acme").out.splitlines()
    headings, removed, password, changed, below, *_ = told

    assert headings.split() == ["REVISION", "AT", "WHO", "COMMAND", "CHANGES"]
    assert removed.endswith("anna  extension remove 101  - extensions.101")
    assert password.endswith("device set 100        the password of device 100 was changed")
    assert changed.endswith("~ extensions.100.name,")
    assert below.strip() == "+ extensions.100.ring_s"


def test_many_changes_of_one_revision_are_counted(acme: Shell) -> None:
    keys = [f"--set=keys.{key}=100" for key in range(6)]
    acme.done("element", "create", "greeting", "5000", *ACME, "--set=sound=asterisk:beep", *keys)
    acme.done("element", "set", "5000", *ACME, *(one.replace("100", "101") for one in keys))

    _headings, *told = acme("tenant", "history", "acme", "--limit", "1").out.splitlines()

    assert told[0].endswith("root  element set 5000  ~ elements.5000.keys.0,")
    assert [line.strip() for line in told[1:]] == [
        "~ elements.5000.keys.1,",
        "~ elements.5000.keys.2, 3 more",
    ]
    assert {line.index("~") for line in told} == {told[0].index("~")}


def test_no_screen_of_the_history_is_wider_than_a_hundred_columns(acme: Shell) -> None:
    file = acme.home / "of-the-office-in-the-north.yaml"
    exported = acme("export", "acme").out
    others = [acme.home / f"another-office-with-a-long-name-{place}.yaml" for place in range(5)]
    file.write_text(exported.replace("Alice", "Olga"))
    for place, other in enumerate(others):
        other.write_text(f"{{tenant: t{place}, domain: t{place}.test, country: RU}}")
    shell = Shell(acme.home, {**acme.environment, "PBX_AUTHOR": "deployment of the whole company"})
    shell.done("apply", str(file), *map(str, others), "--yes")
    acme.done("element", "create", "switch", "5300", *ACME)
    acme.done("switch", "set", "5300", "closed", *ACME)

    headings, *told = acme("tenant", "history", "acme").out.splitlines()

    assert max(map(len, [headings, *told])) <= 100
    (applied,) = [line for line in told if "deplo" in line]
    _number, _day, _time, who, command, *rest = applied.split()
    assert (who, command, applied.count("...")) == ("deplo...pany", "apply", 2)
    assert rest[-2:] == ["~", "extensions.100.name"]
    whole = [one["what"] for one in acme.done("tenant", "history", "acme")]
    assert any(what.startswith(f"apply {file} {others[0]}") for what in whole)


def test_who_is_root_by_sudo_is_told_by_their_own_name_and_options_are_not_told(
    acme: Shell,
) -> None:
    environment = {**acme.environment, "SUDO_USER": "olga", "PBX_AUTHOR": None}
    sudo = Shell(acme.home, environment)
    sudo.done("device", "set", "100", *ACME, "--password-stdin", typed="a-secret-of-mine-1\n")

    (told,) = sudo.done("tenant", "history", "acme", "--limit", "1")

    assert (told["who"], told["what"]) == ("olga", "device set 100")
    assert "a-secret" not in str(sudo.done("tenant", "history", "acme"))


def test_a_name_that_no_database_keeps_is_kept_as_far_as_it_goes(acme: Shell) -> None:
    shell = Shell(acme.home, {**acme.environment, "PBX_AUTHOR": "b\udcffd" + "x" * 200})
    shell.done("extension", "set", "100", *ACME, "--ring-s", "40")

    (told,) = shell.done("tenant", "history", "acme", "--limit", "1")

    assert told["who"].startswith("b�dxxx")
    assert len(told["who"]) == 128


def test_the_history_of_nobody_is_not_found(acme: Shell) -> None:
    assert acme.refused("tenant", "history", "nobody", code=3).refusal["error"]
