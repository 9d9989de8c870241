"""OutboundRule: which trunk a dialled number leaves by, in what form, or that it does not leave."""

from tortoise import fields

from models.base import TenantRow


class OutboundRule(TenantRow):
    """One rule of a tenant's list, which is read from its first to the first that fits.

    Trunks are kept by their rows, so that a trunk may be given another name. ``hours`` is the JSON
    of opening hours as a time rule has them, or empty for always; ``pin_hash`` is empty when nobody
    is asked for a PIN. `OutboundRuleFacts` tells each field.
    """

    id = fields.IntField(primary_key=True)
    place = fields.IntField()
    name = fields.CharField(max_length=70)
    mask = fields.CharField(max_length=250)
    output = fields.CharField(max_length=64)
    action = fields.CharField(max_length=8)
    trunk_ids: fields.JSONField[list[int]] = fields.JSONField()
    mode = fields.CharField(max_length=8)
    users: fields.JSONField[list[str]] = fields.JSONField()
    hours: fields.JSONField[dict[str, object]] = fields.JSONField()
    caller_id = fields.CharField(max_length=32)
    pin_hash = fields.CharField(max_length=120)
    is_enabled = fields.BooleanField()

    class Meta:
        """Its table; two rules may share a place while they change it, so only names are unique."""

        table = "outbound_rule"
        table_description = "How calls leave"
        unique_together = (("tenant", "name"),)
