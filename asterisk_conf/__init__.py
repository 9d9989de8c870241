"""How Asterisk is found, configured and run; knows nothing of tenants or calls."""

from asterisk_conf.errors import (
    AlreadyRuns,
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
from asterisk_conf.install import AsteriskElsewhere, AsteriskInstall, find_or_fetch
from asterisk_conf.node import NodeSettings, PostgresDatabase, SqliteDatabase
from asterisk_conf.process import AsteriskProcess, Down, Up, make_ready
from asterisk_conf.render import (
    ami_address,
    ami_password,
    ari_password,
    check,
    outdated_files,
    render,
    write,
)
from asterisk_conf.running import become

__all__ = [
    "AlreadyRuns",
    "AnotherStarter",
    "AsteriskDidNotEnd",
    "AsteriskDidNotStart",
    "AsteriskElsewhere",
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
    "become",
    "check",
    "find_or_fetch",
    "make_ready",
    "outdated_files",
    "render",
    "write",
]
