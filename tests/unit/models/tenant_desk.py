"""A folder in which somebody writes a tenant file."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.tenant_file.parts import FaultyFile, TenantFile
from models.tenant_file.reading import read_tenant_file
from pbx_cli.element_kinds import kind_schemas

KINDS = kind_schemas()
ACME = "tenant: acme\ndomain: acme.test\ncountry: RU\n"


class Desk:
    """Reads what is written there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "acme.yaml"

    def write(self, text: str | bytes) -> None:
        self.file.write_bytes(text.encode() if isinstance(text, str) else text)

    def read(self, text: str | bytes) -> TenantFile:
        self.write(text)
        return read_tenant_file(self.file, KINDS)

    def refused(self, text: str | bytes) -> FaultyFile:
        self.write(text)
        with pytest.raises(FaultyFile) as refusal:
            read_tenant_file(self.file, KINDS)
        return refusal.value

    def faults(self, text: str | bytes) -> list[str]:
        """What is told, without the folder."""
        return str(self.refused(text)).replace(f"{self.folder}/", "").splitlines()
