"""The images that ours stand on, which compose.yaml or a Dockerfile asks a registry for."""

from tests.containers.base_images import UNSTABLE, Base

IMAGES = "tests/compose/images"

BASES = (
    Base("PBX_ASTERISK_BASE", "debian:unstable-slim", UNSTABLE),
    Base("PBX_APP_BASE", "python:3.13-slim-trixie"),
    Base("PBX_POSTGRES_IMAGE", "postgres:17", made_in=f"{IMAGES}/postgres"),
    Base("PBX_MAIL_IMAGE", "axllent/mailpit", made_in=f"{IMAGES}/mail"),
    Base("PBX_CALLERS_BASE", "debian:trixie-slim"),
)
