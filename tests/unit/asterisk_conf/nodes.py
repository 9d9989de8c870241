"""Nodes whose configuration is looked at; no Asterisk runs."""

from pathlib import Path

from asterisk_conf import AsteriskInstall, NodeSettings, PostgresDatabase, SqliteDatabase

DATABASES: dict[str, SqliteDatabase | PostgresDatabase] = {
    "sqlite": SqliteDatabase(path=Path("/srv/pbx/pbx.db")),
    "postgres": PostgresDatabase(
        host="127.0.0.1", port=5432, user="pbx", password="it's; secret", name="pbx"
    ),
}
INSTALL = AsteriskInstall(
    command=("/usr/sbin/asterisk",),
    version="22.10.1",
    moddir=Path("/usr/lib/asterisk/modules"),
    datadir=Path("/usr/share/asterisk"),
)


def node(
    home: Path = Path("/srv/pbx"), database: SqliteDatabase | PostgresDatabase | None = None
) -> NodeSettings:
    return NodeSettings(
        home=home,
        asterisk=INSTALL,
        sip_bind_host="0.0.0.0",  # noqa: S104 - nothing listens, it is only printed
        sip_bind_port=5060,
        rtp_first=10000,
        rtp_last=20000,
        ari_host="127.0.0.1",
        ari_port=8088,
        database=database or DATABASES["sqlite"],
    )
