"""Outbound rules, places with emergency addresses, limits of calls out, events for administrators."""

import functools
from json import dumps, loads

import phonenumbers
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

EMERGENCY_LINES = """
CREATE VIEW pbx_emergency_line AS SELECT
    emergency_line.address AS id,
    emergency_line.dials AS dials
FROM emergency_line
LEFT JOIN extension ON extension.address = emergency_line.address
WHERE extension.id IS NULL
"""
# Which number a phone shows in emergency calls: that of the place where it stands, else its own, its extension's,
# its tenant's. Fields, parted by |: the tenant's id, the number of place or phone as written and in E.164, the
# tenant's number twice likewise; the trunk's own number comes in between.
EMERGENCY_CALLERS = """
CREATE VIEW pbx_emergency_caller AS SELECT
    said.endpoint AS id,
    CAST(said.tenant_id AS TEXT)
    || '|' || COALESCE(placed.number, said.number)
    || '|' || COALESCE(placed.digits, own.digits, '')
    || '|' || said.usual
    || '|' || COALESCE(usual.digits, '') AS caller
FROM (
    SELECT
        device.endpoint AS endpoint,
        device.tenant_id AS tenant_id,
        CASE
            WHEN here.id IS NOT NULL THEN here.number_id
            WHEN there.id IS NOT NULL THEN there.number_id
            ELSE otherwise.number_id
        END AS placed_id,
        CASE WHEN device.caller_id <> '' THEN device.caller_id ELSE extension.caller_id END AS number,
        tenant.caller_id AS usual
    FROM device
    JOIN extension ON extension.id = device.extension_id
    JOIN tenant ON tenant.id = device.tenant_id
    LEFT JOIN location AS here ON here.id = device.location_id
    LEFT JOIN location AS there ON there.id = extension.location_id
    LEFT JOIN location AS otherwise ON otherwise.tenant_id = device.tenant_id AND otherwise.is_default
) AS said
LEFT JOIN outside_number AS placed ON placed.id = said.placed_id
LEFT JOIN outside_number AS own
    ON own.tenant_id = said.tenant_id
    AND said.number <> '' AND (own.number = said.number OR own.digits = LTRIM(said.number, '+'))
LEFT JOIN outside_number AS usual
    ON usual.tenant_id = said.tenant_id
    AND said.usual <> '' AND (usual.number = said.usual OR usual.digits = LTRIM(said.usual, '+'))
"""


# What Asterisk holds the legs of a tenant to outside numbers to; found by the domain, which is an index. Fields,
# parted by commas, as models.outside_lock writes them, then the latest day on which the tenant has talked and for
# how many seconds: the dialplan sees whether that is today.
OUTSIDE_LOCK = """
CREATE VIEW pbx_outside_lock AS SELECT
    tenant.domain AS id,
    tenant.state || ',' || tenant.timezone
        || ',' || outside_lock.max_calls || ',' || outside_lock.max_calls_per_device
        || ',' || outside_lock.codes || ',' || outside_lock.classes || ',' || outside_lock.home
        || ',' || outside_lock.forward_reach
        || ',' || outside_lock.night_begins || ',' || outside_lock.night_ends || ',' || outside_lock.night_reach
        || ',' || outside_lock.calls_per_second || ',' || outside_lock.minutes_per_day
        || ',' || COALESCE(CAST(outside_use.day AS TEXT), '-') || ',' || COALESCE(outside_use.talked_s, 0) AS limits
FROM tenant
JOIN outside_lock ON outside_lock.tenant_id = tenant.id
LEFT JOIN outside_use
    ON outside_use.tenant_id = tenant.id
    AND outside_use.day = (SELECT MAX(latest.day) FROM outside_use AS latest WHERE latest.tenant_id = tenant.id)
"""
# Tenants of before have chosen no limits: they are held to the usual ones, and call nowhere but home.
LOCK_ALL = """
INSERT INTO outside_lock (
    tenant_id, max_calls, max_calls_per_device, codes, classes, home, forward_reach,
    night_begins, night_ends, night_reach, calls_per_second, minutes_per_day
)
SELECT id, 5, 5, code, '-', code, 'home', '0', '0', 'none', 2, 2400
FROM (SELECT id, CASE country {codes} ELSE '-' END AS code FROM tenant) AS told
""".format(
    codes=" ".join(
        f"WHEN '{country}' THEN '{phonenumbers.country_code_for_region(country)}'"
        for country in sorted(phonenumbers.SUPPORTED_REGIONS)
    )
)


class Migration(migrations.Migration):
    dependencies = [("models", "0005_voicemail")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EmergencyAddress",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "number",
                    fields.ForeignKeyField(
                        "models.OutsideNumber",
                        source_field="number_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("party", fields.CharField(max_length=70)),
                ("street", fields.CharField(max_length=120)),
                ("city", fields.CharField(max_length=80)),
                ("region", fields.CharField(max_length=80)),
                ("postal_code", fields.CharField(max_length=16)),
                ("country", fields.CharField(max_length=2)),
            ],
            options={
                "table": "emergency_address",
                "app": "models",
                "unique_together": (("tenant", "number"),),
                "pk_attr": "id",
                "table_description": "Addresses that are on record with numbers",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="EmergencyLine",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("address", fields.CharField(unique=True, max_length=290)),
                ("dials", fields.TextField(unique=False)),
            ],
            options={
                "table": "emergency_line",
                "app": "models",
                "indexes": [Index(fields=["tenant_id"])],
                "pk_attr": "id",
                "table_description": "Emergency numbers as Asterisk dials them alone",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="Location",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("name", fields.CharField(max_length=70)),
                ("detail", fields.CharField(max_length=200)),
                (
                    "number",
                    fields.ForeignKeyField(
                        "models.OutsideNumber",
                        source_field="number_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("is_default", fields.BooleanField()),
            ],
            options={
                "table": "location",
                "app": "models",
                "unique_together": (("tenant", "name"),),
                "pk_attr": "id",
                "table_description": "Where phones stand",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="OutboundRule",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("place", fields.IntField()),
                ("name", fields.CharField(max_length=70)),
                ("mask", fields.CharField(max_length=250)),
                ("output", fields.CharField(max_length=64)),
                ("action", fields.CharField(max_length=8)),
                (
                    "trunk_ids",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("mode", fields.CharField(max_length=8)),
                (
                    "users",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                (
                    "hours",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
                ("caller_id", fields.CharField(max_length=32)),
                ("pin_hash", fields.CharField(max_length=120)),
                ("is_enabled", fields.BooleanField()),
            ],
            options={
                "table": "outbound_rule",
                "app": "models",
                "unique_together": (("tenant", "name"),),
                "pk_attr": "id",
                "table_description": "How calls leave",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="OutsideLock",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("max_calls", fields.IntField()),
                ("max_calls_per_device", fields.IntField()),
                ("codes", fields.TextField(unique=False)),
                ("classes", fields.TextField(unique=False)),
                ("home", fields.CharField(max_length=8)),
                ("forward_reach", fields.CharField(max_length=8)),
                ("night_begins", fields.CharField(max_length=4)),
                ("night_ends", fields.CharField(max_length=4)),
                ("night_reach", fields.CharField(max_length=8)),
                ("calls_per_second", fields.IntField()),
                ("minutes_per_day", fields.IntField()),
            ],
            options={
                "table": "outside_lock",
                "app": "models",
                "unique_together": (("tenant",),),
                "pk_attr": "id",
                "table_description": "What Asterisk holds trunk legs to",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="OutsideUse",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("day", fields.DateField()),
                ("talked_s", fields.IntField()),
                ("counted_until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outside_use",
                "app": "models",
                "unique_together": (("tenant", "day"),),
                "pk_attr": "id",
                "table_description": "Talking time through trunks by day",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="TenantEvent",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("kind", fields.CharField(max_length=32)),
                ("key", fields.CharField(max_length=64)),
                ("notice_id", fields.CharField(unique=True, max_length=32)),
                ("call_id", fields.CharField(max_length=150)),
                (
                    "facts",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "tenant_event",
                "app": "models",
                "indexes": [Index(fields=["tenant_id", "id"])],
                "pk_attr": "id",
                "table_description": "What administrators must hear of",
            },
            bases=["TenantRow"],
        ),
        ops.CreateModel(
            name="NoticeMail",
            fields=[
                (
                    "tenant",
                    fields.ForeignKeyField(
                        "models.Tenant",
                        source_field="tenant_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "id",
                    fields.BigIntField(
                        generated=True, primary_key=True, unique=True, db_index=True
                    ),
                ),
                (
                    "event",
                    fields.ForeignKeyField(
                        "models.TenantEvent",
                        source_field="event_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("recipient", fields.CharField(max_length=254)),
                ("mail_id", fields.CharField(max_length=254)),
                ("state", fields.CharField(max_length=16)),
                ("attempts", fields.IntField()),
                ("queued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("next_attempt_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_status", fields.IntField(null=True)),
                ("last_error", fields.CharField(max_length=500)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice_mail",
                "app": "models",
                "unique_together": (("event", "recipient"),),
                "indexes": [
                    Index(fields=["state", "next_attempt_at"]),
                    Index(fields=["tenant_id", "state"]),
                ],
                "pk_attr": "id",
                "table_description": "Mails to administrators",
            },
            bases=["TenantRow"],
        ),
        ops.AddField(
            model_name="Device",
            name="caller_id",
            field=fields.CharField(db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Device",
            name="hides_number",
            field=fields.BooleanField(db_default=False),
        ),
        ops.AddField(
            model_name="Device",
            name="location",
            field=fields.ForeignKeyField(
                "models.Location",
                source_field="location_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Extension",
            name="caller_id",
            field=fields.CharField(db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Extension",
            name="location",
            field=fields.ForeignKeyField(
                "models.Location",
                source_field="location_id",
                null=True,
                db_constraint=True,
                to_field="id",
                related_name=False,
                on_delete=OnDelete.SET_NULL,
            ),
        ),
        ops.AddField(
            model_name="Tenant",
            name="caller_id",
            field=fields.CharField(db_default="", max_length=32),
        ),
        ops.AddField(
            model_name="Tenant",
            name="emergency_trunk_ids",
            field=fields.JSONField(
                db_default="[]",
                encoder=functools.partial(dumps, separators=(",", ":")),
                decoder=loads,
            ),
        ),
        ops.AddField(
            model_name="Tenant",
            name="outside",
            field=fields.JSONField(
                db_default="{}",
                encoder=functools.partial(dumps, separators=(",", ":")),
                decoder=loads,
            ),
        ),
        ops.AddField(
            model_name="Trunk",
            name="caller_id_format",
            field=fields.CharField(db_default="as_written", max_length=16),
        ),
        ops.AddField(
            model_name="Trunk",
            name="final_codes",
            field=fields.JSONField(
                db_default="[]",
                encoder=functools.partial(dumps, separators=(",", ":")),
                decoder=loads,
            ),
        ),
        ops.AddField(
            model_name="Trunk",
            name="forwarded_by",
            field=fields.CharField(db_default="diversion", max_length=16),
        ),
        ops.AddField(
            model_name="Trunk",
            name="patience_s",
            field=fields.IntField(db_default=12),
        ),
        ops.RunSQL(EMERGENCY_LINES, reverse_sql="DROP VIEW pbx_emergency_line"),
        ops.RunSQL(EMERGENCY_CALLERS, reverse_sql="DROP VIEW pbx_emergency_caller"),
        ops.RunSQL(OUTSIDE_LOCK, reverse_sql="DROP VIEW pbx_outside_lock"),
        ops.RunSQL(LOCK_ALL, reverse_sql="DELETE FROM outside_lock"),
    ]
