"""Which addresses an administrator may give as those of servers, and what is said of others."""

from __future__ import annotations

import pytest

from stasis_apps.element import known_elements

IS_NO_ADDRESS = "must be the address of a server, as in https://crm.example.com/call?id=7"
HOLDS_A_LOGIN = "must hold no login: it is shown to all who see the plan"
HAS_A_FRAGMENT = "must have no fragment (#...): servers never see it"
IS_TOO_LONG = "must have 750 characters at most"

BEGINNING = "https://crm.example.com/"


def said_of(url: str) -> list[str]:
    """What an administrator reads who sets this address."""
    return [str(fault) for fault in known_elements()["http_request"].faults({"url": url})]


def of_length(characters: int) -> str:
    return BEGINNING + "x" * (characters - len(BEGINNING))


@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.com",
        "https://crm.example.com/",
        "HTTPS://CRM.Example.COM/call",
        "https://crm.example.com:8443/call?id=7&who=a%20b",
        "https://crm.example.com:/call",
        "https://crm.example.com?id=7",
        "https://crm.example.com/mail/anna@example.com?to=vera@example.com",
        "http://crm",
        "http://192.0.2.7:8080/call",
        "http://[2001:db8::7]:8080/call",
        "https://почта.example.com/звонок",
        "http://crm.example.com:1/",
        "http://crm.example.com:65535/",
    ],
)
def test_an_administrator_names_a_server_as_browsers_do(url: str) -> None:
    assert said_of(url) == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "crm.example.com",
        "crm.example.com/call",
        "//crm.example.com/call",
        "/call",
        "ftp://crm.example.com/call",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "http://[::1]]/",
        "http://a\\b/",
        "http://crm\u200b.example.com/",
        "http://crm\u00ad.example.com/",
        "mailto:anna@example.com",
        "http:",
        "http://",
        "https:///call",
        "https:crm.example.com",
        "https://:8080/call",
        "https://?id=7",
        "http://crm.example.com:0/",
        "http://crm.example.com:70000/",
        "http://crm.example.com:-1/",
        "http://crm.example.com:http/",
        "http://[2001:db8::7/",
        "http://2001:db8::7/",
        "http://[crm.example.com]/",
        "https://crm.example.com/my call",
        " https://crm.example.com/call",
        "https://crm.example.com/call ",
        "https://crm.example.com/call\n",
        "https://crm.example.com/\ncall",
        "https://crm.example.com/call\r\nHost: inside",
        "https://crm.example.com/\tcall",
        "https://crm.example.com/\u00a0call",
        "https://crm.example.com/\u2028call",
        "https://crm.example.com/\x00call",
        "https://crm.example.com/\x7fcall",
        "https://crm.example.com\uff0fcall@inside/",
    ],
)
def test_an_administrator_is_told_what_the_address_of_a_server_looks_like(url: str) -> None:
    (said,) = said_of(url)

    assert f": {IS_NO_ADDRESS} (" in said


@pytest.mark.parametrize(
    "login", ["anna@", "anna:secret@", ":secret@", ":@", "@", "anna%40example.com:secret@"]
)
def test_an_administrator_who_writes_a_login_is_told_who_would_see_it(login: str) -> None:
    (said,) = said_of(f"https://{login}crm.example.com/call")

    assert f": {HOLDS_A_LOGIN} (" in said


@pytest.mark.parametrize("ending", ["#", "#top", "?id=7#top", "#top?id=7"])
def test_an_administrator_is_told_that_servers_never_see_a_fragment(ending: str) -> None:
    (said,) = said_of(f"https://crm.example.com/call{ending}")

    assert f": {HAS_A_FRAGMENT} (" in said


def test_an_administrator_may_write_750_characters_and_not_one_more() -> None:
    assert said_of(of_length(750)) == []

    (said,) = said_of(of_length(751))
    assert f": {IS_TOO_LONG} (" in said


def test_an_administrator_who_names_no_server_at_all_is_told_that_one_is_needed() -> None:
    (fault,) = known_elements()["http_request"].faults({})

    assert str(fault).startswith("url: is required")


def test_an_administrator_who_gives_a_number_for_an_address_is_told_of_the_type() -> None:
    (fault,) = known_elements()["http_request"].faults({"url": 7})

    assert str(fault).startswith("url 7: must be of type string")
