"""What a phone sends is what the exchange reads, whatever marks are in it."""

import pytest

from tests.support.plain_phone import PlainPhone
from tests.support.tenant import Tenant

AS_PHONES_SEND_IT = {
    "+79161234567": "+79161234567",
    "%2B79161234567": "+79161234567",
    "8(916)123-45-67": "8(916)123-45-67",
    "8%20(916)%20123-45-67": "8 (916) 123-45-67",
    "+7%20916%20123%2045%2067": "+7 916 123 45 67",
    "8.916.123.45.67": "8.916.123.45.67",
    "8/916/1234567": "8/916/1234567",
    "*6779161234567": "*6779161234567",
    "*67+79161234567": "*67+79161234567",
    "%2331%2379161234567": "#31#79161234567",
    "*31%23+79161234567": "*31#+79161234567",
    "*66": "*66",
    "%2A66": "*66",
    "%20112": " 112",
    "1%201%202": "1 1 2",
    "8%C2%A0916": "8\u00a0916",
    "8916;phone-context=+7": "8916;phone-context=+7",
    "#31#7916": "#31#7916",
}


@pytest.mark.parametrize("sent", AS_PHONES_SEND_IT)
async def test_what_a_phone_dials_stands_in_the_record_as_it_was_dialled(
    office: Tenant, sent: str
) -> None:
    async with PlainPhone(office.account("100")) as phone:
        calls = office.new_calls()
        caller = phone.dial(sent)
        await caller.closed()
    record = await calls.one()

    assert record.dialled == AS_PHONES_SEND_IT[sent]
