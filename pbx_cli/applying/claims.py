"""What only one tenant can have, among files none of which may be in the database yet."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from pathlib import Path

from models.facts import TenantRows, TrunkFacts
from models.tenant_file.parts import FileFault, Route, RoutedFault, TenantFile
from models.trunk_places import around, claims_of, disputed, kind_of_place, place_key


class ClaimsOfFiles:
    """Remembers who wants what, file by file: a tenant, domains, the places of trunks."""

    def __init__(self) -> None:
        """Nobody wants anything yet."""
        self._owners: dict[str, Path] = {}
        self._places = _Places()

    def faults_of(self, file: TenantFile, wanted: TenantRows) -> list[FileFault]:
        """What a file wants that one before it wants, too; from now on it counts as wanted.

        Args:
            file: The file.
            wanted: The tenant that it makes.
        """
        faults = list(self._twice(file)) or list(self._places.faults_of(file.file, wanted))
        self._places.add(file.file, wanted)
        return [file.at_its_place(one) for one in faults]

    def _twice(self, file: TenantFile) -> Iterator[RoutedFault]:
        """No two files may be one tenant, or have one domain."""
        aliases: list[str] = list(file.document.get("domain_aliases", ()))
        claims: list[tuple[Route, str]] = [
            (("tenant",), file.tenant),
            (("domain",), f"@{file.document['domain']}"),
            *((("domain_aliases", place), f"@{one}") for place, one in enumerate(aliases)),
        ]
        for route, claim in claims:
            other = self._owners.setdefault(claim, file.file)
            if other != file.file:
                yield RoutedFault(route, claim.lstrip("@"), f"stands in {other}, too")


class _Places:
    """From where the trunks of files are called.

    Of those that may share a place, and of those that may not, the first is enough to know.
    """

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._first: dict[tuple[str, bool], tuple[Path, TrunkFacts]] = {}

    def add(self, file: Path, wanted: TenantRows) -> None:
        """Remember the trunks of a file."""
        for trunk in wanted.trunks:
            for claim in claims_of(trunk):
                key = place_key(claim.place)
                if not self._there(key):
                    insort(self._keys, key)
                self._first.setdefault((key, claim.may_be_shared), (file, trunk))

    def faults_of(self, file: Path, wanted: TenantRows) -> Iterator[RoutedFault]:
        """No call may come from where two tenants expect one: whose it is must not be a guess."""
        for trunk in wanted.trunks:
            near = [one for one in self._near(trunk) if one[0] != file]
            for dispute in disputed(trunk, [theirs for _, theirs in near]):
                rival = dispute.rivals[0]
                where = next(path for path, theirs in near if theirs is rival)
                what = kind_of_place(dispute.place)
                rule = f"the trunk {rival.name} in {where} is known by this {what}, too"
                yield RoutedFault(("trunks", trunk.name, dispute.path), dispute.value, rule)

    def _near(self, trunk: TrunkFacts) -> Iterator[tuple[Path, TrunkFacts]]:
        """The trunks that may be known by one of the same places."""
        for claim in claims_of(trunk):
            look = around(claim.place)
            begin, end = bisect_left(self._keys, look.first), bisect_right(self._keys, look.last)
            for key in (*look.same_or_wider, *self._keys[begin:end]):
                yield from self._there(key)

    def _there(self, key: str) -> list[tuple[Path, TrunkFacts]]:
        found = (self._first.get((key, may_be_shared)) for may_be_shared in (False, True))
        return [one for one in found if one is not None]
