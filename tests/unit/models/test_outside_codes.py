"""What Asterisk lets pass is never less than what a tenant's policy opens."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import provisioning
from models.outside_codes import CODES_OF_NO_COUNTRY, SHORT, compared_digits, open_codes
from models.outside_policy import NumberClass, OutsidePolicy
from models.tenant_event import OutsideLock
from stasis_apps.decisions.destinations import destination_of
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.decisions.outside_limits import policy_refusal
from tests.unit.models.builders import a_tenant

COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

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
POLICIES = st.builds(
    OutsidePolicy,
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


@given(
    sends=NUMBERS,
    policy=POLICIES,
    country=st.sampled_from(["RU", "US", "DE", "KZ", "GB"]) | st.sampled_from(COUNTRIES),
    state=st.sampled_from(["active", "trial"]),
)
def test_what_the_policy_opens_asterisk_lets_pass(
    sends: str, policy: OutsidePolicy, country: str, state: str
) -> None:
    destination = destination_of(sends, country)
    refused = policy_refusal(
        destination, policy=policy, purpose=Purpose.DIALLED, at=NOON, is_trial=state == "trial"
    )
    digits = compared_digits(
        destination.e164,
        country=country,
        number_class=destination.number_class,
        is_home=destination.is_home,
    )

    assert refused is not None or lets_pass(
        open_codes(policy, country=country, state=state), digits
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


async def test_what_asterisk_looks_up_follows_the_tenant(database: str) -> None:
    await a_tenant("acme", country="RU")
    await a_tenant("other", country="DE")

    await provisioning.set_tenant(name="acme", outside={"countries": ("US",), "max_calls": 2})

    locks = {lock.codes: lock for lock in await OutsideLock.all()}
    assert sorted(locks) == ["1|7", "49"]
    assert (locks["1|7"].max_calls, locks["1|7"].max_calls_per_device) == (2, 5)
    assert database
