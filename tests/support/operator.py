"""The operator at the shell: runs ``pbx`` commands, each in a process of its own.

The processes are forked from one that has imported the program already, which makes commands
several times faster; the command line runs whole, from its ``main``, with real files.
"""

import multiprocessing
import os
import pkgutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path
from tempfile import TemporaryDirectory

COMMAND_S = 100.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind."""

    code: int
    out: bytes
    err: bytes


def run_pbx(arguments: tuple[str, ...], environment: Mapping[str, str], typed: str) -> Outcome:
    """Run one command to its end.

    Args:
        arguments: what stands behind ``pbx``.
        environment: the whole environment of the command.
        typed: what the operator types, or pipes in.
    """
    with TemporaryDirectory(prefix="pbx-command-") as name:
        folder = Path(name)
        (folder / "in").write_text(typed)
        process = _shell().Process(
            target=_be_pbx, args=(arguments, dict(environment), folder), daemon=True
        )
        process.start()
        process.join(COMMAND_S)
        if process.exitcode is None:
            process.kill()
            process.join()
        code = process.exitcode if process.exitcode is not None else -1
        process.close()
        return Outcome(code, _read(folder / "out"), _read(folder / "err"))


@cache
def _shell() -> ForkServerContext:
    import pbx_cli.commands  # here, so that tests without an exchange need no command line

    shell = multiprocessing.get_context("forkserver")
    found = pkgutil.iter_modules(pbx_cli.commands.__path__, "pbx_cli.commands.")
    shell.set_forkserver_preload(["pbx_cli.main", *(module.name for module in found)])
    return shell


def _be_pbx(arguments: tuple[str, ...], environment: dict[str, str], folder: Path) -> None:
    """Become the command; runs in the forked process."""
    os.environ.clear()
    os.environ.update(environment)
    for number, name, mode in ((0, "in", "rb"), (1, "out", "wb"), (2, "err", "wb")):
        with (folder / name).open(mode) as file:
            os.dup2(file.fileno(), number)
    sys.stdin, sys.stdout, sys.stderr = (
        open(number, mode, encoding="utf-8", closefd=False)  # noqa: SIM115 - numbers
        for number, mode in ((0, "r"), (1, "w"), (2, "w"))
    )
    sys.argv = ["pbx", *arguments]
    from pbx_cli.main import main

    try:
        main()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()


def _read(path: Path) -> bytes:
    return path.read_bytes() if path.exists() else b""
