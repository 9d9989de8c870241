"""Message: what a caller left in a mailbox; the sound lies in a file, see message_files."""

from enum import StrEnum
from typing import Final

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow
from models.call_record import LONGEST_CALLER_NAME, LONGEST_ID, LONGEST_NUMBER

LONGEST_MESSAGE_ID: Final = 32


class MessageState(StrEnum):
    """Whether a message lies in its mailbox."""

    KEPT = "kept"
    DELETED = "deleted"


class Message(TenantRow):
    """One message.

    A deleted message is in no mailbox. Its sound goes as soon as no mail needs it any more; the row
    stays and says what became of the mails. ``file`` is the sound's name below the tenant's folder,
    empty when the sound is gone. ``home`` says on which machine's disk it lies.
    """

    id = fields.CharField(max_length=LONGEST_MESSAGE_ID, primary_key=True)
    box = fields.CharField(max_length=LONGEST_NUMBER)
    caller_number = fields.CharField(max_length=LONGEST_NUMBER)
    caller_name = fields.CharField(max_length=LONGEST_CALLER_NAME)
    call_id = fields.CharField(max_length=LONGEST_ID)
    received_at = fields.DatetimeField()
    duration_s = fields.FloatField()
    language = fields.CharField(max_length=2)
    is_heard = fields.BooleanField()
    heard_at = fields.DatetimeField(null=True)
    is_deleted_after_mail = fields.BooleanField()
    state = fields.CharField(max_length=16)
    home = fields.CharField(max_length=32)
    file = fields.CharField(max_length=64)

    class Meta:
        """Its table; the indexes serve the mailbox and its lamp, and the removal of sounds."""

        table = "message"
        table_description = "Voicemail messages"
        indexes = (
            Index(fields=("tenant_id", "box", "received_at")),
            Index(fields=("state", "file")),
        )
