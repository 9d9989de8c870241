"""What the call list says of a talk that something happened to."""

from tests.support.any_exchange import Running
from tests.support.tenant import CallRecord, NewCalls

WRITTEN_S = 60.0
"""A record that the database could not take is tried again every ten seconds at the latest."""


async def whole_record_of(calls: NewCalls[Running]) -> CallRecord:
    """The record of the only call, which says everything of it; the caller has hung up."""
    (record,) = await calls.ended(1, within_s=WRITTEN_S)
    assert (record.caller_number, record.dialled, record.answered_by) == ("100", "101", "101")
    assert record.ended_by == "caller"
    assert record.answered_at is not None
    assert record.ended_at is not None
    return record
