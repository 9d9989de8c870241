"""Where numbers lead: whoever has stolen a password finds no way of dialling that looks home."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from models.outside_policy import NumberClass, OutsidePolicy, Reach
from stasis_apps.decisions import outside_limits
from stasis_apps.decisions.destinations import UNKNOWN, destination_of
from stasis_apps.decisions.hangup_cause import LIMITS, LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import policy_refusal

MOSCOW = ZoneInfo("Europe/Moscow")
MOMENTS = st.integers(0, 365 * 24 * 60).map(
    lambda minute: datetime(2026, 1, 1, tzinfo=MOSCOW) + timedelta(minutes=minute)
)

HOMES = st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS))
DIGITS = st.from_regex(r"\+?[0-9]{1,20}", fullmatch=True).filter(str.isascii)
ANY_TEXT = DIGITS | st.text(max_size=12) | st.text(alphabet="+0123٣*#a ", max_size=12)

TYPES = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.PREMIUM_RATE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.PERSONAL_NUMBER,
)


def _of_all_the_world() -> list[PhoneNumber]:
    examples = [
        phonenumbers.example_number_for_type(region, kind)
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in TYPES
    ]
    codes = sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
    examples += [phonenumbers.example_number_for_non_geo_entity(code) for code in codes]
    return [one for one in examples if one is not None]


WORLD = st.sampled_from(_of_all_the_world())

# Whoever begins a call abroad so is taken abroad by every carrier.
EVERYWHERE = ("+", "00", "+00", "0000", "00011", "00+")
# These begin calls abroad in some countries, and numbers of the town in others.
SOMEWHERE = ("011", "810", "8810", "0011", "010", "0810", "")


def is_of(number: PhoneNumber, home: str) -> bool:
    return phonenumbers.is_valid_number_for_region(number, home)


def digits_of(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164).removeprefix("+")


def is_a_number_of(text: str, home: str) -> bool:
    """Whether these digits are a number of this country to those who live there."""
    try:
        return is_of(phonenumbers.parse(text, home), home)
    except phonenumbers.NumberParseException:
        return False


@given(ANY_TEXT, HOMES)
def test_whatever_is_sent_leads_somewhere(sent: str, home: str) -> None:
    found = destination_of(sent, home)

    assert found.number_class in {"", *NumberClass}
    assert found.is_home == (found.country == home)
    assert found.country or found.number_class or found.e164.startswith("+800")


@given(WORLD, HOMES, st.sampled_from(EVERYWHERE))
def test_what_begins_a_call_abroad_leads_abroad(
    number: PhoneNumber, home: str, prefix: str
) -> None:
    if is_of(number, home):
        return
    found = destination_of(prefix + digits_of(number), home)

    assert not found.is_home or found.number_class == UNKNOWN


@given(WORLD, HOMES)
def test_a_number_abroad_as_people_dial_it_leads_there(number: PhoneNumber, home: str) -> None:
    if is_of(number, home):
        return
    digits = digits_of(number)

    found = destination_of(f"+{digits}", home)

    assert found.e164 == f"+{digits}"
    region = phonenumbers.region_code_for_number(number)
    assert found.country == ("" if region == "001" else region)
    own = phonenumbers.format_out_of_country_calling_number(number, home)
    dialled = "".join(filter(str.isdigit, own))
    prefix = dialled.removesuffix(digits)
    if prefix in {"", dialled} or (prefix != "00" and prefix.startswith("00")):
        return  # calls abroad begin in several ways there, or 001 354 may be Canada or Iceland
    assert destination_of(dialled, home) == found


@given(WORLD, HOMES, st.sampled_from(SOMEWHERE))
def test_only_a_number_of_the_country_is_home(number: PhoneNumber, home: str, prefix: str) -> None:
    sent = prefix + digits_of(number)

    found = destination_of(sent, home)

    is_short = len(sent) <= 6
    known_home = found.is_home and found.number_class != UNKNOWN and not is_of(number, home)
    assert not known_home or is_short or is_a_number_of(sent, home)


@given(st.from_regex(r"\+?[0-9]{8,20}", fullmatch=True).filter(str.isascii), HOMES)
def test_a_long_number_that_nobody_knows_is_unknown(sent: str, home: str) -> None:
    found = destination_of(sent, home)

    if not found.number_class and found.is_home and found.e164.startswith("+"):
        assert is_of(phonenumbers.parse(found.e164), home)


POLICIES = st.builds(
    OutsidePolicy,
    countries=st.lists(HOMES | st.just("*"), max_size=3).map(tuple),
    classes=st.lists(st.sampled_from([one.value for one in NumberClass]), max_size=3).map(tuple),
    night_hours=st.sampled_from(["", "22:00-07:00", "00:00-24:00", "09:00-18:00", "nonsense"]),
    night_reach=st.sampled_from([one.value for one in Reach]),
    forward_reach=st.sampled_from([one.value for one in Reach]),
)


@given(DIGITS, HOMES, POLICIES, st.sampled_from(Purpose), MOMENTS, st.booleans())
def test_a_policy_that_opens_more_refuses_no_more(
    sent: str, home: str, policy: OutsidePolicy, purpose: Purpose, at: datetime, is_trial: bool
) -> None:
    def refusal(purpose: Purpose, *, is_trial: bool) -> LegOutcome | None:
        return policy_refusal(
            destination_of(sent, home), policy=policy, purpose=purpose, at=at, is_trial=is_trial
        )

    refused = refusal(purpose, is_trial=is_trial)

    assert refused is None or refused in LIMITS
    if refused is None:
        assert refusal(Purpose.DIALLED, is_trial=False) is None
        destination = destination_of(sent, home)
        assert not destination.number_class or destination.number_class in policy.classes


def test_the_words_of_the_tables_are_those_of_the_decisions() -> None:
    classes = {"premium", "shared_cost", "satellite", "personal", "unknown"}
    assert {one.value for one in NumberClass} == classes
    assert outside_limits.EVERYWHERE == "*"


@pytest.mark.parametrize("reach", [one.value for one in Reach])
def test_how_far_forwarded_calls_may_go(reach: str) -> None:
    policy = OutsidePolicy(forward_reach=reach, countries=("DE",))
    at = datetime(2026, 11, 23, 12, tzinfo=MOSCOW)
    went = [
        policy_refusal(
            destination_of(number, "RU"),
            policy=policy,
            purpose=Purpose.FORWARDED,
            at=at,
            is_trial=False,
        )
        is None
        for number in ("84951234567", "+4930123456")
    ]

    assert went == {"all": [True, True], "home": [True, False], "none": [False, False]}[reach]
