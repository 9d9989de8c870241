"""An operator's shell for tests: real commands, a real database, a home folder of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from pbx_cli.main import pbx
from tests.support.ran import Ran


@dataclass(frozen=True, slots=True)
class Shell:
    """Runs `pbx` in one home."""

    home: Path
    environment: Mapping[str, str | None]

    def __call__(self, *arguments: str, typed: str = "") -> Ran:
        """Run a command to its end, whatever the end is."""
        result = CliRunner().invoke(pbx, arguments, input=typed, env=self.environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ran(result.exit_code, result.stdout, result.stderr)

    def done(self, *arguments: str, typed: str = "") -> Any:
        """Run a command that must work and give what it printed as JSON."""
        ran = self(*arguments, "--json", typed=typed)
        assert ran.code == 0, ran.err
        return ran.json

    def refused(self, *arguments: str, code: int, typed: str = "") -> Ran:
        """Run a command that must be refused with this code, and that must change nothing."""
        before = self.everything()
        ran = self(*arguments, "--json", typed=typed)
        assert ran.code == code, (ran.code, ran.out, ran.err)
        assert ran.out == ""
        assert self.everything() == before
        return ran

    def everything(self) -> object:
        """All that is configured, for comparing."""
        tenants = self.done("tenant", "list")
        nouns = ("extension", "device", "element", "sound", "trunk", "number", "rule", "alias")
        return tenants, [
            self.done(noun, "list", "--tenant", tenant["name"])
            for tenant in tenants
            for noun in nouns
        ]
