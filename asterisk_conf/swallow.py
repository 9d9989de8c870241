"""The empty table to which Asterisk offers the passwords of trunks, and which keeps none."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

SECTION: Final = "swallow"

COLUMNS: Final = (
    "id",
    "auth_type",
    "md5_cred",
    "nonce_lifetime",
    "oauth_clientid",
    "oauth_secret",
    "password",
    "password_digest",
    "realm",
    "refresh_token",
    "supported_algorithms_uac",
    "supported_algorithms_uas",
    "username",
)
"""Every option of an ``auth`` object: a row with an unknown one would be refused, and logged."""

TABLE: Final = f"""
BEGIN IMMEDIATE;
DROP TABLE IF EXISTS ps_auths;
CREATE TABLE ps_auths ({", ".join(f"{column} TEXT" for column in COLUMNS)});
CREATE TRIGGER keep_nothing BEFORE INSERT ON ps_auths BEGIN SELECT RAISE(IGNORE); END;
COMMIT;
"""


def make(path: Path) -> None:
    """Make the table anew; its file holds nothing, now or later.

    An Asterisk that runs finds the old one or the new one, and never none.
    """
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(TABLE)
