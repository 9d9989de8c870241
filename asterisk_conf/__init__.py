"""How Asterisk is found, configured and run; knows nothing of tenants or calls."""

from asterisk_conf.errors import (
    AnotherStarter,
    AsteriskDidNotEnd,
    AsteriskDidNotStart,
    AsteriskError,
    AsteriskMissing,
    FetchFailed,
    ModuleMissing,
    PortInUse,
    ToolMissing,
    UnusableSetting,
)
from asterisk_conf.install import AsteriskInstall, find_or_fetch
from asterisk_conf.node import NodeSettings, PostgresDatabase, SqliteDatabase
from asterisk_conf.process import AsteriskProcess, Down, Up
from asterisk_conf.render import ami_address, ami_password, ari_password, render, write

__all__ = [
    "AnotherStarter",
    "AsteriskDidNotEnd",
    "AsteriskDidNotStart",
    "AsteriskError",
    "AsteriskInstall",
    "AsteriskMissing",
    "AsteriskProcess",
    "Down",
    "FetchFailed",
    "ModuleMissing",
    "NodeSettings",
    "PortInUse",
    "PostgresDatabase",
    "SqliteDatabase",
    "ToolMissing",
    "UnusableSetting",
    "Up",
    "ami_address",
    "ami_password",
    "ari_password",
    "find_or_fetch",
    "render",
    "write",
]
