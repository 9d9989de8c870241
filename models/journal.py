"""JournalEntry: what happened in a call and why, one step per row, never changed."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow


class JournalEntry(TenantRow):
    """One step of a call, ``seq`` counts them from 1.

    ``what`` is a code word, ``reason`` is for people. ``element`` is the number it happened at and
    ``exit`` the way out that was taken; both are text, because the element may be gone when
    somebody reads this.
    """

    id: fields.Field[int] = fields.BigIntField(primary_key=True)
    call_id = fields.CharField(max_length=150)
    seq = fields.IntField()
    at = fields.DatetimeField()
    what = fields.CharField(max_length=40)
    element = fields.CharField(max_length=80, null=True)
    exit = fields.CharField(max_length=80, null=True)
    reason = fields.TextField()
    facts: fields.JSONField[dict[str, object]] = fields.JSONField()

    class Meta:
        """Its table; (call_id, seq) makes a repeated write harmless, tenant serves removal."""

        table = "journal_entry"
        table_description = "What happened in calls, step by step"
        unique_together = (("call_id", "seq"),)
        indexes = (Index(fields=("tenant_id",)),)
