"""What a command has before it: the settings, the open database, the key, the element kinds."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec, TypeVar

import click

from models.database import migrate, open_database
from models.errors import DatabaseBehind
from models.message_files import MessageFolder
from models.provisioning.baselines import after_upgrade
from models.seal import Seal
from models.sound_files import SoundFolder
from pbx_cli.home import open_home
from pbx_cli.nouns import TENANT_VARIABLE
from pbx_cli.output import counted, note
from pbx_cli.signature import signed
from stasis_apps.element import Catalogue
from stasis_apps.settings import Settings, read_settings

_P = ParamSpec("_P")
_Command = TypeVar("_Command", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Desk:
    """The operator's desk while one command runs."""

    settings: Settings
    catalogue: Catalogue = field(default_factory=Catalogue)

    @property
    def seal(self) -> Seal:
        """The key that closes and opens passwords; made on first use."""
        return Seal(self.settings.secret_key_file)

    @property
    def sounds(self) -> SoundFolder:
        """Where prompts lie."""
        return SoundFolder(self.settings.sound_folder)

    @property
    def messages(self) -> MessageFolder:
        """Where voicemail messages lie."""
        return MessageFolder(self.settings.voicemail_folder)


def with_database(body: Callable[Concatenate[Desk, _P], Awaitable[None]]) -> Callable[_P, None]:
    """Run a command's body with the database open, its tables made or brought up to date."""

    @functools.wraps(body)
    def command(*args: _P.args, **kwargs: _P.kwargs) -> None:
        desk = Desk(read_settings())

        async def run() -> None:
            async with current_database(desk.settings):
                await body(desk, *args, **kwargs)

        asyncio.run(run())

    return command


@asynccontextmanager
async def current_database(settings: Settings) -> AsyncIterator[None]:
    """Open the database; tables that are missing or old are brought up to date first.

    What is changed in it inside the block is signed with the person and the command.
    """
    if settings.database_url.startswith("sqlite"):
        await asyncio.to_thread(open_home, settings.home)
    async with AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(open_database(settings.database_url))
        except DatabaseBehind:
            applied = await migrate(settings.database_url, afterwards=after_upgrade)
            changes = counted(len(applied), "change")
            note(f"The database was brought up to date ({changes} to its tables).")
            await stack.enter_async_context(open_database(settings.database_url))
        with signed():
            yield


def limit_option(most: int, *, usual: int = 100) -> Callable[[_Command], _Command]:
    """Ask how many things a long list shall have."""
    return click.option(
        "--limit",
        type=click.IntRange(1, most),
        default=usual,
        show_default=True,
        metavar="COUNT",
        help="How many at most.",
    )


def tenant_argument(command: Callable[..., object]) -> Callable[..., object]:
    """Ask which: as an argument, or ``PBX_TENANT`` from the environment."""
    return click.argument("name", metavar="[TENANT]", envvar=TENANT_VARIABLE)(command)


def tenant_option(command: Callable[..., object]) -> Callable[..., object]:
    """Ask whose: ``--tenant``, or ``PBX_TENANT`` from the environment."""
    return click.option(
        "--tenant",
        required=True,
        envvar=TENANT_VARIABLE,
        metavar="NAME",
        help="Whose; PBX_TENANT in the environment names it once for all commands.",
    )(command)
