"""MailboxPin: what opens a mailbox from a phone that is not its owner's."""

from tortoise import fields

from models.base import TenantRow


class MailboxPin(TenantRow):
    """The PIN of one mailbox, hashed; ``failed`` counts wrong ones since the last right one."""

    id = fields.IntField(primary_key=True)
    number = fields.CharField(max_length=6)
    hash = fields.CharField(max_length=120)
    failed = fields.IntField()
    failed_at = fields.DatetimeField(null=True)

    class Meta:
        """Its table."""

        table = "mailbox_pin"
        table_description = "What opens mailboxes"
        unique_together = (("tenant", "number"),)
