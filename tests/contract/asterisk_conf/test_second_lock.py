"""Whatever the application lets pass, Asterisk refuses what the database closes: each limit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from asterisk_conf.leg_ends import REFUSALS
from models.outside_policy import OutsidePolicy
from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.decisions.outbound import Purpose
from stasis_apps.live_call.leg_ends import end_of_leg
from tests.contract.asterisk_conf.carrier import Carrier
from tests.contract.asterisk_conf.exchange import Exchange
from tests.contract.asterisk_conf.outside import (
    ACME,
    ANYTHING,
    MOBILE,
    Outside,
    application,
    locked,
)

pytestmark = pytest.mark.asterisk

BERLIN = "+4930901820"
PREMIUM = "+78091234567"
SATELLITE = "+881612345678"
REACHED_THE_CARRIER = 17486
"""It says that they are busy."""

HOURS = timedelta(hours=3)
NOT_HOME_ZONES = ["Asia/Kathmandu", "America/New_York", "Europe/Moscow"]


def where_it_is_noon() -> str:
    """A zone in which no day begins while a test runs."""
    east = 12 - datetime.now(UTC).hour
    return f"Etc/GMT{-east:+d}"


def around(zone: str, *, begins: timedelta, ends: timedelta) -> str:
    """A night that begins and ends so long before and after this moment."""
    now = datetime.now(ZoneInfo(zone))
    return f"{now + begins:%H:%M}-{now + ends:%H:%M}"


TONIGHT = around(str(ACME.timezone), begins=-HOURS, ends=HOURS)


def words(cause: int) -> str:
    """Why it was refused; empty when the carrier was called."""
    if cause == REACHED_THE_CARRIER:
        return ""
    return {number: word for word, number in REFUSALS.items()}[cause]


@pytest.mark.parametrize(
    ("policy", "state", "sends", "refused"),
    [
        (OutsidePolicy(), "active", BERLIN, "destination_closed"),
        (OutsidePolicy(countries=("DE",)), "active", BERLIN, ""),
        (OutsidePolicy(countries=("*",)), "active", BERLIN, ""),
        (OutsidePolicy(), "active", "9005", ""),
        (OutsidePolicy(), "trial", MOBILE, ""),
        (OutsidePolicy(countries=("*",)), "blocked", MOBILE, "blocked"),
        (OutsidePolicy(countries=("*",)), "active", PREMIUM, "destination_closed"),
        (OutsidePolicy(classes=("satellite", "premium")), "active", PREMIUM, ""),
        (OutsidePolicy(classes=("satellite", "personal")), "active", PREMIUM, "destination_closed"),
        (OutsidePolicy(classes=("premium",)), "trial", PREMIUM, "destination_closed"),
        (OutsidePolicy(classes=("satellite",)), "active", SATELLITE, ""),
        (OutsidePolicy(countries=("*",)), "active", SATELLITE, "destination_closed"),
    ],
)
async def test_what_the_database_closes_is_closed(
    running: Exchange,
    outside: Outside,
    policy: OutsidePolicy,
    state: str,
    sends: str,
    refused: str,
) -> None:
    running.lock("acme.test", locked(policy, state=state))

    end = await outside.ended(await outside.leg(sends=sends, policy=ANYTHING))

    assert words(end.cause) == refused


@pytest.mark.parametrize(
    ("reach", "purpose", "sends", "refused"),
    [
        ("none", Purpose.DIALLED, MOBILE, ""),
        ("none", Purpose.FORWARDED, MOBILE, "forwarding_closed"),
        ("none", Purpose.LED, "9005", "forwarding_closed"),
        ("none", Purpose.MEMBER, MOBILE, "forwarding_closed"),
        ("home", Purpose.FORWARDED, BERLIN, "forwarding_closed"),
        ("home", Purpose.MEMBER, MOBILE, ""),
        ("home", Purpose.LED, "9005", ""),
        ("home", Purpose.DIALLED, BERLIN, ""),
        ("all", Purpose.LED, BERLIN, ""),
    ],
)
async def test_what_nobody_dialled_goes_as_far_as_the_database_says(
    running: Exchange, outside: Outside, reach: str, purpose: Purpose, sends: str, refused: str
) -> None:
    running.lock("acme.test", locked(OutsidePolicy(countries=("DE",), forward_reach=reach)))

    end = await outside.ended(await outside.leg(sends=sends, policy=ANYTHING, purpose=purpose))

    assert words(end.cause) == refused


async def test_a_leg_that_does_not_say_who_wants_it_is_taken_for_a_forwarded_one(
    running: Exchange, outside: Outside
) -> None:
    running.lock("acme.test", locked(OutsidePolicy(forward_reach="none")))

    end = await outside.ended(await outside.leg(policy=ANYTHING, says={"OUT_PURPOSE": ""}))

    assert words(end.cause) == "forwarding_closed"


@pytest.mark.parametrize("zone", NOT_HOME_ZONES)
@pytest.mark.parametrize(
    ("begins", "ends", "reach", "sends", "refused"),
    [
        (-HOURS, HOURS, "none", MOBILE, "night_closed"),
        (-HOURS, HOURS, "home", MOBILE, ""),
        (-HOURS, HOURS, "home", BERLIN, "night_closed"),
        (-HOURS, HOURS, "all", BERLIN, ""),
        (HOURS, -HOURS, "none", MOBILE, ""),
        (HOURS, 2 * HOURS, "none", MOBILE, ""),
        (-2 * HOURS, -HOURS, "none", MOBILE, ""),
    ],
)
async def test_at_night_calls_go_as_far_as_the_database_says(
    running: Exchange,
    outside: Outside,
    zone: str,
    begins: timedelta,
    ends: timedelta,
    reach: str,
    sends: str,
    refused: str,
) -> None:
    hours = around(zone, begins=begins, ends=ends)
    night = OutsidePolicy(countries=("DE",), night_hours=hours, night_reach=reach)
    running.lock("acme.test", locked(night, timezone=zone))

    end = await outside.ended(await outside.leg(sends=sends, policy=ANYTHING))

    assert words(end.cause) == refused


@pytest.mark.parametrize(
    ("let_pass", "refused"),
    [(timedelta(minutes=7), ""), (timedelta(hours=1), "night_closed")],
)
async def test_the_second_trunk_is_judged_as_the_first_was_but_not_for_hours(
    running: Exchange, outside: Outside, let_pass: timedelta, refused: str
) -> None:
    hours = around("Europe/Moscow", begins=-timedelta(minutes=4), ends=HOURS)
    running.lock("acme.test", locked(OutsidePolicy(night_hours=hours)))

    at = datetime.now(UTC) - let_pass
    end = await outside.ended(await outside.leg(policy=ANYTHING, at=at))

    assert words(end.cause) == refused


@pytest.mark.parametrize(
    ("clock", "refused"), [("2026-03-02 2330", "night_closed"), ("2026-03-02 1200", "")]
)
async def test_of_a_zone_that_the_machine_does_not_know_the_application_has_the_time(
    running: Exchange, outside: Outside, clock: str, refused: str
) -> None:
    running.lock("acme.test", locked(OutsidePolicy(night_hours="22:00-07:00"), timezone="No/Where"))

    end = await outside.ended(await outside.leg(policy=ANYTHING, says={"OUT_CLOCK": clock}))

    assert words(end.cause) == refused


@pytest.mark.parametrize(
    ("minutes", "days_ago", "talked_s", "refused"),
    [
        (10, 0, 700, "minutes_used_up"),
        (10, 0, 599, ""),
        (10, 1, 7000, ""),
        (0, 0, 7000, ""),
    ],
)
async def test_whoever_has_talked_the_days_minutes_away_begins_no_call(
    running: Exchange, outside: Outside, minutes: int, days_ago: int, talked_s: int, refused: str
) -> None:
    zone = where_it_is_noon()
    day = datetime.now(ZoneInfo(zone)).date() - timedelta(days=days_ago)
    policy = OutsidePolicy(minutes_per_day=minutes)
    running.lock("acme.test", locked(policy, timezone=zone, day=day.isoformat(), talked_s=talked_s))

    end = await outside.ended(await outside.leg(policy=ANYTHING))

    assert words(end.cause) == refused


async def test_no_more_calls_begin_in_a_second_than_the_database_says(
    running: Exchange, outside: Outside
) -> None:
    running.lock("acme.test", locked(OutsidePolicy(max_calls=0, max_calls_per_device=0)))
    outside.carrier.says = "180 Ringing"
    now = datetime.now(UTC)
    for call_id in ("first", "second", "second", "first"):
        await outside.leg(policy=ANYTHING, call_id=call_id, at=now)
    await outside.rings(4)

    end = await outside.ended(await outside.leg(policy=ANYTHING, call_id="third", at=now))
    before = now - timedelta(seconds=1)
    await outside.leg(policy=ANYTHING, call_id="fourth", at=before)

    assert words(end.cause) == "too_fast"
    assert end_of_leg(end.cause, None).outcome is LegOutcome.TOO_FAST
    await outside.rings(5)


@pytest.mark.parametrize(
    ("policy", "leg", "refused"),
    [
        (OutsidePolicy(), {"sends": BERLIN}, "destination_closed"),
        (OutsidePolicy(countries=("*",)), {"sends": PREMIUM}, "destination_closed"),
        (OutsidePolicy(), {"purpose": Purpose.LED}, ""),
        (OutsidePolicy(forward_reach="none"), {"purpose": Purpose.LED}, "forwarding_closed"),
        (OutsidePolicy(night_hours=TONIGHT), {}, "night_closed"),
    ],
)
async def test_without_an_answer_of_the_database_the_applications_word_counts(
    running: Exchange,
    carrier: Carrier,
    policy: OutsidePolicy,
    leg: Mapping[str, object],
    refused: str,
) -> None:
    async with application(running, carrier) as outside:
        end = await outside.ended(await outside.leg(policy=policy, **leg))  # type: ignore[arg-type] # arguments by name

    assert words(end.cause) == refused


async def test_without_an_answer_of_the_database_calls_are_counted_all_the_same(
    running: Exchange, carrier: Carrier
) -> None:
    policy = OutsidePolicy(max_calls=1)
    carrier.says = "180 Ringing"
    async with application(running, carrier) as outside:
        await outside.leg(policy=policy)
        await outside.rings(1)
        end = await outside.ended(await outside.leg(policy=policy))

    assert words(end.cause) == "too_many_outside"


async def test_help_is_called_at_night_from_whatever_is_closed(
    running: Exchange, outside: Outside
) -> None:
    zone = where_it_is_noon()
    hours = around(zone, begins=-HOURS, ends=HOURS)
    closed = OutsidePolicy(night_hours=hours, minutes_per_day=1, forward_reach="none")
    today = datetime.now(ZoneInfo(zone)).date().isoformat()
    running.lock("acme.test", locked(closed, timezone=zone, day=today, talked_s=9000))

    await outside.ended(await outside.leg(sends="112", is_emergency=True))

    await outside.rings(1)
