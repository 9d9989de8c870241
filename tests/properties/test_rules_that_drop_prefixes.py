"""Whatever a rule takes off or puts in front: a call that was dialled abroad is one abroad."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from models.facts import OutboundRuleFacts
from stasis_apps.decisions.destinations import Destination
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.planning import build_plan
from stasis_apps.way_out import WayOut, Wish, find_way_out
from tests.support.builders import SOUND_FOLDER, a_tenant, a_trunk, tenant_rows

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

# What begins a call abroad there, and how a rule there takes it off.
COUNTRIES = {
    "RU": ("810", "{810|p}(+)"),
    "KZ": ("810", "{810|p}(+)"),
    "DE": ("00", "{00|p}(+)"),
    "GB": ("00", "{00|p}(+)"),
    "IT": ("00", "{00|p}(+)"),
    "ES": ("00", "{00|p}(+)"),
    "US": ("011", "{011|p}(+)"),
    "JP": ("010", "{010|p}(+)"),
    "AU": ("0011", "{0011|p}(+)"),
}
MOBILES_AND_DESKS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
WORLD = [
    one
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in MOBILES_AND_DESKS
    if (one := phonenumbers.example_number_for_type(region, kind)) is not None
]


def leads(country: str, dialled: str, mask: str, output: str) -> Destination:
    """Where a call leads that leaves by this rule."""
    rule = OutboundRuleFacts(place=1, name="abroad", mask=mask, output=output)
    rows = tenant_rows(trunks=[a_trunk(is_default=True)])
    rows = replace(rows, tenant=a_tenant(country=country), outbound=(rule,))
    plan = build_plan(rows, sound_folder=SOUND_FOLDER)
    wish = Wish(number=dialled, acting="100", purpose=Purpose.DIALLED, device="100", at=NOON)
    found = find_way_out(plan, wish)
    assert isinstance(found, WayOut), found
    return found.destination


def digits_of(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


@pytest.mark.parametrize(
    ("country", "dialled", "mask", "output", "leads_to"),
    [
        ("RU", "8104721238119", "{810|p}(+)", "$", "NO"),
        ("IT", "00375152450916", "{00|p}(+)", "$", "BY"),
        ("DE", "00265991232146", "{00|p}(+)", "99$", "MW"),
        ("DE", "000265991232146", "{000|p}(+)", "99$", "MW"),
        ("US", "9011442079460958", "{9011|p}(+)", "$", "GB"),
        ("US", "011442079460958", "{011|p}(+)", "", "GB"),
        ("IT", "375152450916", "(+)", "$", "BY"),
    ],
)
def test_numbers_that_thieves_have_dialled(
    country: str, dialled: str, mask: str, output: str, leads_to: str
) -> None:
    found = leads(country, dialled, mask, output or "$")

    assert (found.country, found.is_home) == (leads_to, False)
    assert found.e164.startswith("+")


@pytest.mark.parametrize(
    ("country", "dialled", "mask", "output", "e164"),
    [
        ("US", "92125550100", "9(+)", "$", "+12125550100"),
        ("RU", "089991234567", "0(+)", "$", "+79991234567"),
        ("RU", "+79991234567", "{p7|8}(+)", "8$", "+79991234567"),
        ("RU", "84951234567", "8(+)", "$", "+74951234567"),
        ("DE", "0030123456", "0(0+)", "$", "+4930123456"),
        ("DE", "0015202345678", "0(0+)", "$", "+4915202345678"),
        ("DE", "0015202345678", "00(+)", "+49$", "+4915202345678"),
        ("DE", "0030123456", "00(+)", "49$", "+4930123456"),
        ("DE", "004930123456", "0049(+)", "0$", "+4930123456"),
        ("IT", "3281234567", "(+)", "$", "+393281234567"),
        ("IT", "00612345678", "0(0+)", "$", "+390612345678"),
        ("GB", "01135550100", "(+)", "$", "+441135550100"),
    ],
)
def test_what_people_dial_at_home_stays_at_home(
    country: str, dialled: str, mask: str, output: str, e164: str
) -> None:
    found = leads(country, dialled, mask, output)

    assert (found.country, found.is_home, found.number_class) == (country, True, "")
    assert found.e164 == e164


@given(
    st.sampled_from(sorted(COUNTRIES)),
    st.sampled_from(WORLD),
    st.sampled_from(["+", "idd", "00"]),
    st.sampled_from(["", "9", "0", "99", "1234"]),
)
def test_a_call_abroad_stays_one_whatever_the_rule_makes_of_it(
    country: str, number: PhoneNumber, begins: str, in_front: str
) -> None:
    digits = digits_of(number)
    prefix, mask = COUNTRIES[country]
    if phonenumbers.is_valid_number_for_region(number, country):
        return
    if in_front + digits == "0" + digits and _is_at_home("0" + digits, country):
        return  # a carrier there takes it for a number at home, whatever was dialled
    if _is_at_home(f"+{in_front}{digits}", country):
        return  # and this is one for every carrier
    dialled = {"+": "+", "idd": prefix, "00": "00"}[begins] + digits
    cut = mask if begins != "00" else "00(+)"

    found = leads(country, dialled, cut, f"{in_front}$")

    assert not found.is_home or found.number_class


def _is_at_home(text: str, country: str) -> bool:
    try:
        parsed = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number_for_region(parsed, country)
