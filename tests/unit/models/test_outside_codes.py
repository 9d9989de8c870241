"""What Asterisk lets pass is never less than what a tenant's policy opens."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import provisioning
from models.outside_codes import CODES_OF_NO_COUNTRY, SHORT, compared_digits, open_codes
from models.outside_lock import Lock, limits_of, lock_of
from models.outside_policy import NumberClass, OutsidePolicy, Reach
from models.tenant_event import OutsideLock
from stasis_apps.decisions.destinations import destination_of
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import policy_refusal
from tests.unit.models.builders import a_tenant

COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)

CODES = sorted({str(phonenumbers.country_code_for_region(one)) for one in COUNTRIES})
NO_COUNTRY = [str(code) for codes in CODES_OF_NO_COUNTRY.values() for code in codes]
NUMBERS = st.one_of(
    st.from_regex(r"\+?[0-9]{1,15}", fullmatch=True),
    st.builds(
        "{}{}{}".format,
        st.sampled_from(["+", "00", "810", "011", "8", "0", ""]),
        st.sampled_from([*CODES, *NO_COUNTRY, "7495", "7916", "900", "800"]),
        st.from_regex(r"[0-9]{5,10}", fullmatch=True),
    ),
)
REACHES = st.sampled_from([one.value for one in Reach])
CLOCKS = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 1, 30, 59]))
NIGHTS = st.just("") | st.builds("{}-{}".format, CLOCKS, CLOCKS).filter(
    lambda hours: hours[:5] != hours[6:]
)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside
POLICIES = st.builds(
    OutsidePolicy,
    night_hours=NIGHTS,
    night_reach=REACHES,
    forward_reach=REACHES,
    countries=st.lists(st.sampled_from(COUNTRIES), max_size=3).map(tuple)
    | st.just(("*",))
    | st.just(()),
    classes=st.lists(st.sampled_from([one.value for one in NumberClass]), unique=True).map(tuple),
)


def lets_pass(codes: str, digits: str) -> bool:
    """As the dialplan judges."""
    if codes == "*" or 0 < len(digits) <= SHORT:
        return True
    return re.match(f"^({codes})", digits) is not None


def is_refused(lock: Lock, digits: str, *, number_class: str, is_dialled: bool, clock: str) -> bool:
    """As the dialplan judges: class, code, who wants it, the night."""
    if number_class and re.match(f"^({lock.classes})$", number_class) is None:
        return True
    is_home = len(digits) <= SHORT or re.match(f"^0?({lock.home})", digits) is not None
    now, begins, ends = int(clock), int(lock.night_begins), int(lock.night_ends)
    is_night = (now >= begins) + (now < ends) + (begins > ends) > 1
    return (
        not lets_pass(lock.codes, digits)
        or not (is_dialled or reaches(lock.forward_reach, is_home=is_home))
        or (is_night and not reaches(lock.night_reach, is_home=is_home))
    )


def reaches(reach: str, *, is_home: bool) -> bool:
    return reach == "all" or (reach == "home" and is_home)


@given(
    sends=NUMBERS,
    policy=POLICIES,
    country=st.sampled_from(["RU", "US", "DE", "KZ", "GB"]) | st.sampled_from(COUNTRIES),
    state=st.sampled_from(["active", "trial"]),
    purpose=st.sampled_from(Purpose),
    at=MOMENTS,
)
def test_what_the_policy_opens_asterisk_lets_pass(
    sends: str, policy: OutsidePolicy, country: str, state: str, purpose: Purpose, at: datetime
) -> None:
    destination = destination_of(sends, country)
    refused = policy_refusal(
        destination, policy=policy, purpose=purpose, at=at, is_trial=state == "trial"
    )
    digits = compared_digits(
        destination.e164,
        country=country,
        number_class=destination.number_class,
        is_home=destination.is_home,
    )

    assert refused is not None or not is_refused(
        lock_of(policy, country=country, state=state),
        digits,
        number_class=destination.number_class,
        is_dialled=purpose is Purpose.DIALLED,
        clock=f"{at:%H%M}",
    )


@given(policy=POLICIES, at=MOMENTS, purpose=st.sampled_from(Purpose), is_abroad=st.booleans())
def test_night_and_forwarding_are_as_closed_to_asterisk_as_to_the_policy(
    policy: OutsidePolicy, at: datetime, purpose: Purpose, is_abroad: bool
) -> None:
    """Numbers of whose country nobody doubts: of a neighbour that shares no code, and of home."""
    policy = replace(policy, countries=("DE",))
    destination = destination_of("+4930901820" if is_abroad else "+79161234567", "RU")

    refused = policy_refusal(destination, policy=policy, purpose=purpose, at=at, is_trial=False)

    assert (refused is not None) is is_refused(
        lock_of(policy, country="RU", state="active"),
        destination.e164.removeprefix("+"),
        number_class="",
        is_dialled=purpose is Purpose.DIALLED,
        clock=f"{at:%H%M}",
    )


@pytest.mark.parametrize(
    ("policy", "state", "codes"),
    [
        (OutsidePolicy(), "active", "7"),
        (OutsidePolicy(countries=("DE", "US")), "active", "1|49|7"),
        (OutsidePolicy(countries=("DE", "*")), "active", "*"),
        (OutsidePolicy(countries=("*",), classes=("satellite",)), "trial", "7"),
        (OutsidePolicy(classes=("satellite",)), "active", "7|870|881|882|883|888"),
        (OutsidePolicy(classes=("unknown",)), "active", "0|7"),
    ],
)
def test_a_company_in_russia(policy: OutsidePolicy, state: str, codes: str) -> None:
    assert open_codes(policy, country="RU", state=state) == codes


@pytest.mark.parametrize("sends", ["+4930901820", "004930901820", "8104930901820"])
def test_abroad_is_closed_to_whoever_has_not_opened_it(sends: str) -> None:
    destination = destination_of(sends, "RU")
    digits = compared_digits(
        destination.e164,
        country="RU",
        number_class=destination.number_class,
        is_home=destination.is_home,
    )

    assert not lets_pass(open_codes(OutsidePolicy(), country="RU", state="active"), digits)


def test_a_text_that_says_no_hours_is_a_night_without_end() -> None:
    lock = lock_of(OutsidePolicy(night_hours="night"), country="RU", state="active")

    assert (lock.night_begins, lock.night_ends) == ("0", "2400")


def test_the_lock_is_one_line_in_which_nothing_else_is_parted_by_commas() -> None:
    policy = OutsidePolicy(
        countries=("DE",), classes=("premium", "satellite"), night_hours="22:00-07:00"
    )
    lock = lock_of(policy, country="RU", state="active")

    assert limits_of(lock, state="active", timezone="Europe/Moscow") == (
        "active,Europe/Moscow,5,5,49|7|870|881|882|883|888|979,premium|satellite,7,home,"
        "2200,0700,none,2,2400"
    )


async def test_what_asterisk_looks_up_follows_the_tenant(database: str) -> None:
    await a_tenant("acme", country="RU")
    await a_tenant("other", country="DE")

    await provisioning.set_tenant(name="acme", outside={"countries": ("US",), "max_calls": 2})

    locks = {lock.codes: lock for lock in await OutsideLock.all()}
    assert sorted(locks) == ["1|7", "49"]
    assert (locks["1|7"].max_calls, locks["1|7"].max_calls_per_device) == (2, 5)
    assert database
