"""Tenants by the shell."""

import pytest

from tests.unit.pbx_cli.shell import Shell

CREATE = ("tenant", "create", "acme", "--domain", "acme.test", "--country", "RU")


def test_an_operator_takes_in_a_tenant_and_sees_it(shell: Shell) -> None:
    made = shell.done(*CREATE, "--timezone", "Europe/Moscow", "--domain-alias", "192.0.2.10")

    assert made["domain_aliases"] == ["192.0.2.10"]
    assert shell.done("tenant", "show", "acme") == made
    assert shell.done("tenant", "list") == [made]


def test_people_read_a_table_of_tenants(shell: Shell) -> None:
    shell.done(*CREATE)

    ran = shell("tenant", "list")

    heading, row = ran.out.splitlines()
    assert heading.split()[:2] == ["NAME", "DOMAIN"]
    assert row.split()[:2] == ["acme", "acme.test"]


def test_an_empty_list_says_so_beside_the_data(shell: Shell) -> None:
    ran = shell("tenant", "list")

    assert (ran.code, ran.out) == (0, "")
    assert "no tenants" in ran.err


def test_a_country_that_is_assumed_is_said_aloud(shell: Shell) -> None:
    ran = shell("tenant", "create", "acme", "--domain", "acme.test")

    assert ran.code == 0
    assert "RU assumed" in ran.err
    assert "--country" in ran.err


@pytest.mark.parametrize("domain", ["acme test", "Acme.test", "ACME", "acme..test", ""])
def test_a_domain_with_spaces_or_capitals_is_refused(shell: Shell, domain: str) -> None:
    ran = shell.refused("tenant", "create", "acme", "--domain", domain, "--country", "RU", code=5)

    value, rule = ran.faults["domain"]
    assert value == domain
    assert "lower case" in rule


def test_all_that_is_wrong_with_a_tenant_is_listed_at_once(shell: Shell) -> None:
    options = ("--domain", "A", "--timezone", "Mars/Base", "--country", "XX", "--language", "tlh")

    ran = shell.refused("tenant", "create", "Acme!", *options, "--state", "asleep", code=5)

    wrong = {"name", "domain", "timezone", "country", "language", "state"}
    assert set(ran.faults) == wrong


def test_a_name_or_domain_that_is_taken_is_refused(shell: Shell) -> None:
    shell.done(*CREATE)

    assert "acme" in shell.refused(*CREATE, code=4).refusal["error"]
    other = ("tenant", "create", "other", "--domain", "acme.test", "--country", "RU")
    assert "acme.test" in shell.refused(*other, code=4).refusal["error"]


def test_create_if_missing_and_set_may_be_repeated(shell: Shell) -> None:
    made = shell.done(*CREATE)

    assert shell.done(*CREATE, "--if-missing") == made
    changed = shell.done("tenant", "set", "acme", "--timezone", "Europe/Moscow")
    assert changed["timezone"] == "Europe/Moscow"
    assert shell.done("tenant", "set", "acme", "--timezone", "Europe/Moscow") == changed


def test_aliases_stay_unless_they_are_named(shell: Shell) -> None:
    shell.done(*CREATE, "--domain-alias", "192.0.2.10")

    assert shell.done("tenant", "set", "acme", "--language", "ru")["domain_aliases"]
    assert not shell.done("tenant", "set", "acme", "--no-domain-aliases")["domain_aliases"]


def test_a_tenant_is_removed_only_after_a_yes(shell: Shell) -> None:
    shell.done(*CREATE)

    assert "--yes" in shell.refused("tenant", "remove", "acme", code=2).refusal["error"]
    shell.done("tenant", "remove", "acme", "--yes")
    assert shell.done("tenant", "list") == []
    shell.refused("tenant", "remove", "acme", "--yes", code=3)


def test_a_tenant_that_is_not_there_is_not_found(shell: Shell) -> None:
    shell.refused("tenant", "show", "nobody", code=3)
    shell.refused("tenant", "set", "nobody", "--language", "ru", code=3)
    shell.refused("extension", "list", "--tenant", "nobody", code=3)
