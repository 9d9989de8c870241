"""Who a header says is called, or calls, whatever a hostile caller writes around it."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stasis_apps.decisions.sip_headers import asks_for_privacy, number_in

NUMBER = "+74951234567"


@pytest.mark.parametrize(
    "header",
    [
        f"<sip:{NUMBER}@carrier.example>",
        f"sip:{NUMBER}@carrier.example",
        f"sip:{NUMBER}@carrier.example;tag=1",
        f"<sip:{NUMBER}@carrier.example;user=phone>;tag=sip:5551234@x",
        f"<sip:{NUMBER};npdi=yes@carrier.example>",
        f"<sip:{NUMBER}:password@carrier.example>",
        f"<SIPS:{NUMBER}@carrier.example:5061>",
        f"Acme <sip:{NUMBER}@carrier.example>",
        f'"sip:5551234@x" <sip:{NUMBER}@carrier.example>',
        f'"a \\" <sip:5551234@x> \\"" <sip:{NUMBER}@carrier.example>',
        f"sip:5551234@x <sip:{NUMBER}@carrier.example>",
        "<sip:%2B74951234567@carrier.example>",
        f"<tel:{NUMBER};phone-context=example.com>",
        f"tel:{NUMBER}",
        f"<sip:carrier.example>, <tel:{NUMBER}>",
        f"<sip:{NUMBER}@carrier.example>, <tel:5551234>",
        f"  {NUMBER} ",
        NUMBER,
    ],
)
def test_the_number_is_that_of_the_address(header: str) -> None:
    assert number_in(header) == NUMBER


@pytest.mark.parametrize(
    "header",
    [
        "",
        "<sip:carrier.example>",
        "sip:carrier.example",
        '"5551234" <sip:carrier.example>',
        '"sip:5551234@x" <>',
        '"sip:5551234@x',
        '" <sip:5551234@x>',
        "<sip:5551234@x",
        "sip:5551234@x>",
        "<<sip:5551234@x",
        "<http://5551234@x>",
        "<sip:@carrier.example>",
        "<sip:5551234@x@y>",
        "<mailto:5551234@x>",
        '"5551234"',
        "two words",
        '555""1234',
    ],
)
def test_a_header_that_names_nobody_says_nothing(header: str) -> None:
    assert number_in(header) == ""


@pytest.mark.parametrize("hidden", ["%40", "%20", "%0d%0a", "%22", "%3c", "%00"])
def test_no_sign_that_ends_a_word_is_hidden_in_a_number(hidden: str) -> None:
    assert number_in(f"<sip:495{hidden}123@carrier.example>") == f"495{hidden}123"


@given(name=st.text())
def test_no_display_name_passes_for_a_number(name: str) -> None:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    assert number_in(f'"{quoted}" <sip:{NUMBER}@carrier.example>') == NUMBER


@given(header=st.text() | st.text(alphabet='<>"\\@:;, sipteltag+%0123456789'))
def test_what_is_read_is_one_word_of_the_header(header: str) -> None:
    found = number_in(header)
    assert found in header or found in unquote(header)
    assert not set(found) & set('<>"@;, \t\r\n')


@pytest.mark.parametrize(
    "header", ["id", "ID", "none;id", "user", "header;user", "id, critical", "noneid"]
)
def test_a_caller_may_ask_not_to_be_shown(header: str) -> None:
    assert asks_for_privacy(header)


@pytest.mark.parametrize("header", ["", "none", "session", "critical", "history;session"])
def test_other_wishes_hide_no_number(header: str) -> None:
    assert not asks_for_privacy(header)
