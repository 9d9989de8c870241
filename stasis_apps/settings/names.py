"""Every name of ours: what a settings file may set, and what else bears our prefix."""

from __future__ import annotations

from typing import Final

OURS: Final = "PBX_"

SETTINGS: Final = frozenset(
    {
        "PBX_AMI_BIND",
        "PBX_ARI_BIND",
        "PBX_ASTERISK_HOST",
        "PBX_ASTERISK_ROOT",
        "PBX_DATABASE_URL",
        "PBX_EXTERNAL_ADDRESS",
        "PBX_HEALTH_BIND",
        "PBX_HOME",
        "PBX_HTTP_BIND",
        "PBX_LOCAL_NETS",
        "PBX_LOG_FORMAT",
        "PBX_LOG_LEVEL",
        "PBX_PUBLIC_URL",
        "PBX_RTP_PORTS",
        "PBX_SECRET_KEY_FILE",
        "PBX_SIP_BIND",
        "PBX_SMTP_URL",
        "PBX_TLS_BIND",
        "PBX_TLS_CA_FILE",
        "PBX_TLS_CERT_FILE",
        "PBX_TLS_KEY_FILE",
        "PBX_WEBHOOK_NETS",
    }
)
"""What the program reads from the environment or a settings file."""

OF_THE_ENVIRONMENT: Final = frozenset(
    {
        "PBX_AUTHOR",
        "PBX_LIFELINE",
        "PBX_REQUIRE_COMPOSE",
        "PBX_SETTINGS_FILE",
        "PBX_TENANT",
        "PBX_TEST_COMPOSE",
    }
)
"""What only an environment can say; no harm in a file that a shell reads as well."""

OF_CONTAINERS: Final = frozenset(
    {
        "PBX_APP_BASE",
        "PBX_APP_MEMORY",
        "PBX_APP_VERSION",
        "PBX_APT_MIRROR",
        "PBX_APT_OPTIONS",
        "PBX_APT_SECURITY_MIRROR",
        "PBX_ASTERISK_BASE",
        "PBX_ASTERISK_MEMORY",
        "PBX_ASTERISK_VERSION",
        "PBX_CALLERS_BASE",
        "PBX_CALLERS_NET",
        "PBX_DATABASE_PASSWORD",
        "PBX_HTTP_PORT",
        "PBX_INSIDE_NETWORK",
        "PBX_LAN_ADDRESS",
        "PBX_LAN_GATEWAY",
        "PBX_LAN_INTERFACE",
        "PBX_LAN_SUBNET",
        "PBX_LISTEN_ADDRESS",
        "PBX_MAIL_IMAGE",
        "PBX_MAIL_PORT",
        "PBX_OPEN_FILES",
        "PBX_PIP_INDEX_URL",
        "PBX_POSTGRES_IMAGE",
        "PBX_POSTGRES_MEMORY",
        "PBX_SIP_PORT",
        "PBX_TLS_FOLDER",
        "PBX_TLS_PORT",
    }
)
"""What the files in ``compose/`` read from an ``.env`` that a checkout may share with them."""

KNOWN: Final = SETTINGS | OF_THE_ENVIRONMENT | OF_CONTAINERS
