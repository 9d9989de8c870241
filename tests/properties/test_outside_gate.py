"""However calls come and go, no limit is passed, and nobody is refused while there is room."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from stasis_apps.decisions.hangup_cause import LegOutcome
from stasis_apps.outside_gate import OutsideGate
from stasis_apps.talking_time import by_day
from tests.unit.stasis_apps.outside import NOON, Clock, a_leg, a_planned_tenant

MAX_CALLS, PER_DEVICE, PER_SECOND, MINUTES = 4, 2, 3, 5
PHONES = st.sampled_from(["101-desk@acme.test", "101-soft@acme.test", "102-desk@acme.test", ""])
CALLS = st.sampled_from([f"pbx-{n}.1" for n in range(6)])
ZONES = st.sampled_from(["Europe/Moscow", "America/New_York", "Asia/Kathmandu", "America/Havana"])
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is given beside


class LegsComeAndGo(RuleBasedStateMachine):
    """Legs of two companies, as they come, are answered, and go; and a simple book of them."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(NOON)
        self.gate = OutsideGate(now=self.clock)
        self.tenants = [
            a_planned_tenant(
                tenant_id,
                max_calls=MAX_CALLS,
                max_calls_per_device=PER_DEVICE,
                calls_per_second=PER_SECOND,
                minutes_per_day=MINUTES,
            )
            for tenant_id in (7, 8)
        ]
        self.up: dict[str, tuple[int, str]] = {}
        self.began: dict[int, dict[str, datetime]] = defaultdict(dict)
        self.talking_since: dict[str, datetime] = {}
        self.talked: dict[int, timedelta] = defaultdict(timedelta)
        self.legs = 0

    @rule(whose=st.sampled_from([0, 1]), call_id=CALLS, phone=PHONES)
    def a_leg_wants_to_leave(self, whose: int, call_id: str, phone: str) -> None:
        tenant = self.tenants[whose]
        leg = a_leg(tenant, call_id, device=phone, at=self.clock.now)

        refusal = self.gate.refusal(leg)

        assert refusal == self.expected(tenant.id, call_id, phone)
        if refusal is None:
            self.legs += 1
            channel_id = f"{call_id}~leg~{self.legs}"
            self.gate.hold(leg, channel_id)
            self.up[channel_id] = (tenant.id, phone)
            self.began[tenant.id].setdefault(call_id, self.clock.now)

    @rule(seconds=st.sampled_from([0.1, 0.4, 1.0, 20.0, 70.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.later(seconds=seconds)
        for calls in self.began.values():
            for call_id in [
                one for one, at in calls.items() if (self.clock.now - at) >= timedelta(seconds=1)
            ]:
                del calls[call_id]

    @precondition(lambda self: self.up)
    @rule(which=st.data())
    def somebody_picks_up(self, which: st.DataObject) -> None:
        channel_id = which.draw(st.sampled_from(sorted(self.up)))
        self.gate.answered(channel_id)
        self.talking_since.setdefault(channel_id, self.clock.now)

    @precondition(lambda self: self.up)
    @rule(which=st.data())
    def a_leg_ends(self, which: st.DataObject) -> None:
        channel_id = which.draw(st.sampled_from(sorted(self.up)))
        self.gate.let_go(channel_id)
        tenant_id, _ = self.up.pop(channel_id)
        since = self.talking_since.pop(channel_id, self.clock.now)
        self.talked[tenant_id] += self.clock.now - since

    @invariant()
    def no_limit_is_passed(self) -> None:
        for tenant in self.tenants:
            legs = [phone for tenant_id, phone in self.up.values() if tenant_id == tenant.id]
            assert self.gate.legs_of(tenant.id) == len(legs) <= MAX_CALLS
            assert all(legs.count(phone) <= PER_DEVICE for phone in legs if phone)
            assert len(self.began[tenant.id]) <= PER_SECOND

    def expected(self, tenant_id: int, call_id: str, phone: str) -> LegOutcome | None:
        legs = [of for tenant, of in self.up.values() if tenant == tenant_id]
        if self.talked_by(tenant_id) >= timedelta(minutes=MINUTES):
            return LegOutcome.MINUTES_USED_UP
        if len(legs) >= MAX_CALLS or (phone and legs.count(phone) >= PER_DEVICE):
            return LegOutcome.TOO_MANY_OUTSIDE
        begun = self.began[tenant_id]
        is_too_fast = call_id not in begun and len(begun) >= PER_SECOND
        return LegOutcome.TOO_FAST if is_too_fast else None

    def talked_by(self, tenant_id: int) -> timedelta:
        running = [
            self.clock.now - since
            for channel_id, since in self.talking_since.items()
            if self.up[channel_id][0] == tenant_id
        ]
        return sum(running, self.talked[tenant_id])


TestLegsComeAndGo = LegsComeAndGo.TestCase


@given(begin=MOMENTS, seconds=st.floats(0, 5 * 86_400), zone=ZONES)
def test_the_parts_of_a_talk_by_day_are_the_whole_talk(
    begin: datetime, seconds: float, zone: str
) -> None:
    end = begin + timedelta(seconds=seconds)

    parts = list(by_day(begin, end, ZoneInfo(zone)))

    assert sum((part for _, part in parts), timedelta()) == end - begin
    days = [day for day, _ in parts]
    assert days == sorted(set(days))


@given(begin=MOMENTS, seconds=st.integers(1, 3 * 86_400), zone=ZONES, at=st.floats(0, 1))
def test_each_second_of_a_talk_counts_for_the_day_it_is_in(
    begin: datetime, seconds: int, zone: str, at: float
) -> None:
    end = begin + timedelta(seconds=seconds)
    moment = begin + (end - begin) * at
    before, after = day_of(begin, moment, zone), day_of(begin, end, zone)

    today = moment.astimezone(ZoneInfo(zone)).date()

    assert all(before[day] <= after[day] for day in before)
    assert all(before[day] == after[day] for day in before if day < today)


def day_of(begin: datetime, end: datetime, zone: str) -> dict[date, timedelta]:
    return defaultdict(timedelta, by_day(begin, end, ZoneInfo(zone)))
