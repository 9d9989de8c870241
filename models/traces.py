"""Which numbers and phones calls have left traces of: what somebody would miss, were it gone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from tortoise.queryset import QuerySet

from models.call_record import CallRecord
from models.database import failures_named
from models.facts import TenantRows
from models.journal import JournalEntry
from models.numbering import normalised


@dataclass(frozen=True, slots=True)
class Traces:
    """What calls went by.

    Attributes:
        dialled: What was dialled, as it came.
        people: Who answered, by number.
        devices: The phones that called, by name.
        elements: The elements that calls came through, by number.
    """

    dialled: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()
    devices: frozenset[str] = frozenset()
    elements: frozenset[str] = frozenset()

    def has_number(self, number: str) -> bool:
        """Whether a call was for an internal number or an alias, or came through it."""
        return any(number in found for found in (self.dialled, self.people, self.elements))

    def outside(self, country: str) -> frozenset[str]:
        """What was dialled, in E.164 without the plus."""
        return frozenset(normalised(one, country) for one in self.dialled)


class Removed(NamedTuple):
    """One thing that is there before a change and not after it."""

    kind: str
    name: str


async def traces_since(tenant_id: int, since: datetime) -> Traces:
    """What the calls of a tenant went by that came at or after a moment."""
    calls = CallRecord.of(tenant_id).filter(started_at__gte=since)
    return await _traces(calls, JournalEntry.of(tenant_id).filter(at__gte=since))


async def traces_of_calls_up(tenant_id: int) -> Traces:
    """What the calls go by that are up."""
    calls = CallRecord.of(tenant_id).filter(ended_at__isnull=True)
    with failures_named("The database"):
        ids = [str(one) for one in await calls.values_list("id", flat=True)]
    steps = JournalEntry.of(tenant_id).filter(call_id__in=ids)
    return await _traces(calls, steps) if ids else Traces()


async def _traces(calls: QuerySet[CallRecord], steps: QuerySet[JournalEntry]) -> Traces:
    return Traces(
        dialled=await _different(calls, "dialled"),
        people=await _different(calls, "answered_by"),
        devices=await _different(calls, "caller_device"),
        elements=await _different(steps, "element"),
    )


async def _different(
    rows: QuerySet[CallRecord] | QuerySet[JournalEntry], column: str
) -> frozenset[str]:
    with failures_named("The database"):
        found = await rows.distinct().values_list(column, flat=True)
    return frozenset(str(one) for one in found if one)


def removed_numbers(before: TenantRows, wanted: TenantRows) -> Iterator[Removed]:
    """Everything that can be dialled, or can dial, and that goes."""
    for kind, was, now in (
        ("number", {n.number for n in before.numbers}, {n.number for n in wanted.numbers}),
        ("extension", {e.number for e in before.extensions}, {e.number for e in wanted.extensions}),
        ("device", {d.name for d in before.devices}, {d.name for d in wanted.devices}),
        ("alias", {a.name for a in before.aliases}, {a.name for a in wanted.aliases}),
        ("element", {e.number for e in before.elements}, {e.number for e in wanted.elements}),
    ):
        yield from (Removed(kind, name) for name in sorted(was - now))


def used(removed: Collection[Removed], before: TenantRows, traces: Traces) -> set[Removed]:
    """Which of them calls have left traces of.

    Args:
        removed: What goes.
        before: The tenant as it is.
        traces: Of its calls.
    """
    outside = traces.outside(before.tenant.country)
    digits = {one.number: one.digits for one in before.numbers}
    callers = {one.extension for one in before.devices if one.name in traces.devices}
    traces_of = {
        "number": lambda name: digits[name] in outside,
        "device": lambda name: name in traces.devices,
        "extension": lambda name: traces.has_number(name) or name in callers,
    }
    return {one for one in removed if traces_of.get(one.kind, traces.has_number)(one.name)}
