"""CallRecord: one call as the caller lived it; it outlives all it mentions but the tenant."""

from typing import Final

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow

LONGEST_ID: Final = 150
LONGEST_NUMBER: Final = 80
LONGEST_CALLER_NAME: Final = 255


class CallRecord(TenantRow):
    """One call, from the first ring to who ended it.

    Numbers and devices are kept as text: what they named may be gone tomorrow. ``how`` is the way
    in (``phone``); ``ended_by`` is caller, callee, plan, carrier, platform or unknown; ``reason``
    is a code word and ``comment`` the sentence for people. A call without ``ended_at`` is still up.
    """

    id = fields.CharField(max_length=LONGEST_ID, primary_key=True)
    channel_id = fields.CharField(max_length=LONGEST_ID)
    revision: fields.Field[int] = fields.BigIntField()
    how = fields.CharField(max_length=20)
    caller_number = fields.CharField(max_length=LONGEST_NUMBER)
    caller_name = fields.CharField(max_length=LONGEST_CALLER_NAME)
    caller_device = fields.CharField(max_length=32, null=True)
    dialled = fields.CharField(max_length=LONGEST_NUMBER)
    started_at = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    ended_by = fields.CharField(max_length=20, null=True)
    reason = fields.CharField(max_length=40, null=True)
    comment = fields.TextField(null=True)
    talk_s = fields.FloatField(null=True)
    answered_by = fields.CharField(max_length=LONGEST_NUMBER, null=True)

    class Meta:
        """Its table; the indexes serve `calls list` and the search for calls that are still up."""

        table = "call_record"
        table_description = "Calls"
        indexes = (Index(fields=("tenant_id", "started_at")), Index(fields=("ended_at",)))
