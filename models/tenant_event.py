"""What a tenant's administrators must hear of: limits that were reached, emergency calls."""

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow


class TenantEvent(TenantRow):
    """Something that happened once, numbered in the order in which it was written.

    ``kind`` is a word that never changes its meaning (``limit_reached``, ``emergency_call``);
    ``facts`` are what a person needs to understand it. Events of one kind and ``key`` share a mail
    an hour; each is mailed when it is empty. ``notice_id`` is the same however often an event is
    written.
    """

    id: fields.Field[int] = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    kind = fields.CharField(max_length=32)
    key = fields.CharField(max_length=64)
    notice_id = fields.CharField(max_length=32, unique=True)
    call_id = fields.CharField(max_length=150)
    facts: fields.JSONField[dict[str, object]] = fields.JSONField()

    class Meta:
        """Its table; the index serves the latest of one tenant."""

        table = "tenant_event"
        table_description = "What administrators must hear of"
        indexes = (Index(fields=("tenant_id", "id")),)


class NoticeMail(TenantRow):
    """A mail to an administrator, from queued to sent or bounced, as with `models.delivery`.

    ``queued_at`` is the moment for which it is planned: an hour after the one before it when that
    has told of the same kind and key; it tells of all that has happened by then.
    """

    id: fields.Field[int] = fields.BigIntField(primary_key=True)
    event: fields.ForeignKeyRelation[TenantEvent] = fields.ForeignKeyField(
        "models.TenantEvent", related_name=False, on_delete=fields.CASCADE
    )
    event_id: int
    recipient = fields.CharField(max_length=254)
    mail_id = fields.CharField(max_length=254)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    queued_at = fields.DatetimeField()
    next_attempt_at = fields.DatetimeField()
    last_status = fields.IntField(null=True)
    last_error = fields.CharField(max_length=500)
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        """Its table; an event is told to each recipient once."""

        table = "notice_mail"
        table_description = "Mails to administrators"
        unique_together = (("event", "recipient"),)
        indexes = (Index(fields=("state", "next_attempt_at")), Index(fields=("tenant_id", "state")))


class OutsideUse(TenantRow):
    """For how long a tenant has talked through its trunks on one day of its own time zone.

    Talks that run are counted as far as they had come at ``counted_until``.
    """

    id = fields.IntField(primary_key=True)
    day = fields.DateField()
    talked_s = fields.IntField()
    counted_until = fields.DatetimeField()

    class Meta:
        """Its table."""

        table = "outside_use"
        table_description = "Talking time through trunks by day"
        unique_together = (("tenant", "day"),)


class OutsideLock(TenantRow):
    """What Asterisk itself holds a tenant's trunk legs to, whatever the application says.

    Made by provisioning from the tenant's `OutsidePolicy`; what each field means stands in
    `models.outside_lock.Lock`.
    """

    id = fields.IntField(primary_key=True)
    max_calls = fields.IntField()
    max_calls_per_device = fields.IntField()
    codes = fields.TextField()
    classes = fields.TextField()
    home = fields.CharField(max_length=8)
    forward_reach = fields.CharField(max_length=8)
    night_begins = fields.CharField(max_length=4)
    night_ends = fields.CharField(max_length=4)
    night_reach = fields.CharField(max_length=8)
    calls_per_second = fields.IntField()
    minutes_per_day = fields.IntField()

    class Meta:
        """Its table: one row per tenant."""

        table = "outside_lock"
        table_description = "What Asterisk holds trunk legs to"
        unique_together = (("tenant",),)
