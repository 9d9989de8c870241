"""Delivery: the mail of one message to one recipient, and what became of it."""

from enum import StrEnum
from typing import Final

from tortoise import fields
from tortoise.indexes import Index

from models.base import TenantRow
from models.message import Message

LONGEST_ADDRESS: Final = 254
LONGEST_ERROR: Final = 500


class DeliveryState(StrEnum):
    """What has become of a mail."""

    QUEUED = "queued"
    """It waits for its first attempt."""

    SENT = "sent"
    """The mail server has taken it."""

    DEFERRED = "deferred"
    """It could not be handed over and is tried again."""

    BOUNCED = "bounced"
    """It is not tried any more: a dead letter, until somebody resends it."""

    CANCELLED = "cancelled"
    """It is not wanted any more: its message was deleted before it went out."""


class MailFormat(StrEnum):
    """How a mail carries the sound."""

    WAV = "wav"
    MP3 = "mp3"
    LINK = "link"
    NONE = "none"


CARRY_THE_SOUND: Final = frozenset({MailFormat.WAV, MailFormat.MP3})
"""After such a mail the message may go; the others lead to what lies in the mailbox."""


class Delivery(TenantRow):
    """One mail: a message goes to each recipient once.

    ``mail_id`` is its Message-ID (RFC 5322 3.6.4), the same in every attempt. ``last_status`` is
    the mail server's last answer, one of mail_outbox's below 100 when there was none, and NULL
    before the first attempt and while one is under way. Then ``next_attempt_at`` is the moment from
    which on the mail counts as left behind by a process that died.
    """

    id: fields.Field[int] = fields.BigIntField(primary_key=True)
    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField(
        "models.Message", related_name=False, on_delete=fields.CASCADE
    )
    message_id: str
    recipient = fields.CharField(max_length=LONGEST_ADDRESS)
    mail_id = fields.CharField(max_length=LONGEST_ADDRESS)
    format = fields.CharField(max_length=8)
    state = fields.CharField(max_length=16)
    attempts = fields.IntField()
    queued_at = fields.DatetimeField()
    next_attempt_at = fields.DatetimeField()
    last_status = fields.IntField(null=True)
    last_error = fields.CharField(max_length=LONGEST_ERROR)
    sent_at = fields.DatetimeField(null=True)

    class Meta:
        """Its table; the indexes serve the search for what is due, and the removal of a tenant."""

        table = "delivery"
        table_description = "Mails that carry voicemail messages"
        unique_together = (("message", "recipient"),)
        indexes = (Index(fields=("state", "next_attempt_at")), Index(fields=("tenant_id", "state")))
