"""Sound: an uploaded prompt; the audio itself lies in files."""

from tortoise import fields

from models.base import TenantRow


class Sound(TenantRow):
    """A prompt that elements name.

    ``source_rate_hz`` and ``sha256`` describe what was uploaded, ``duration_s`` and ``warnings``
    what was made of it.
    """

    id = fields.IntField(primary_key=True)
    name = fields.CharField(max_length=64)
    duration_s = fields.FloatField()
    source_rate_hz = fields.IntField()
    sha256 = fields.CharField(max_length=64)
    warnings: fields.JSONField[list[str]] = fields.JSONField()

    class Meta:
        """Its table."""

        table = "sound"
        table_description = "Uploaded prompts"
        unique_together = (("tenant", "name"),)
