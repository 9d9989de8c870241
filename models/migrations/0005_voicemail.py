"""Messages, the mails that carry them, and the PINs of mailboxes."""

from typing import Any

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


def of_a_tenant() -> Any:  # the type that Tortoise gives to a relation fits no list of fields
    return fields.ForeignKeyField(
        "models.Tenant",
        source_field="tenant_id",
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.CASCADE,
    )


class Migration(migrations.Migration):
    dependencies = [("models", "0004_trunks_and_numbers")]

    operations = [
        ops.CreateModel(
            name="Message",
            fields=[
                ("tenant", of_a_tenant()),
                ("id", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=32)),
                ("box", fields.CharField(max_length=80)),
                ("caller_number", fields.CharField(max_length=80)),
                ("caller_name", fields.CharField(max_length=255)),
                ("call_id", fields.CharField(max_length=150)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("duration_s", fields.FloatField()),
                ("language", fields.CharField(max_length=2)),
                ("is_heard", fields.BooleanField()),
                ("heard_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("is_deleted_after_mail", fields.BooleanField()),
                ("state", fields.CharField(max_length=16)),
                ("home", fields.CharField(max_length=32)),
                ("file", fields.CharField(max_length=64)),
            ],
            options={
                "table": "message",
                "app": "models",
                "indexes": [
                    Index(fields=["tenant_id", "box", "received_at"]),
                    Index(fields=["state", "file"]),
                ],
                "pk_attr": "id",
                "table_description": "Voicemail messages",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="Delivery",
            fields=[
                ("tenant", of_a_tenant()),
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "message",
                    fields.ForeignKeyField(
                        "models.Message",
                        source_field="message_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("recipient", fields.CharField(max_length=254)),
                ("mail_id", fields.CharField(max_length=254)),
                ("format", fields.CharField(max_length=8)),
                ("state", fields.CharField(max_length=16)),
                ("attempts", fields.IntField()),
                ("queued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("next_attempt_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_status", fields.IntField(null=True)),
                ("last_error", fields.CharField(max_length=500)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "delivery",
                "app": "models",
                "unique_together": (("message", "recipient"),),
                "indexes": [
                    Index(fields=["state", "next_attempt_at"]),
                    Index(fields=["tenant_id", "state"]),
                ],
                "pk_attr": "id",
                "table_description": "Mails that carry voicemail messages",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="MailboxPin",
            fields=[
                ("tenant", of_a_tenant()),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("number", fields.CharField(max_length=6)),
                ("hash", fields.CharField(max_length=120)),
                ("failed", fields.IntField()),
                ("failed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mailbox_pin",
                "app": "models",
                "unique_together": (("tenant", "number"),),
                "pk_attr": "id",
                "table_description": "What opens mailboxes",
            },
            bases=["TenantRow"],
        ),
    ]
