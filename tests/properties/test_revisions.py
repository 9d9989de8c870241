"""Every change of a tenant can be undone from what its revision keeps, whatever it has changed."""

import json

from hypothesis import given, settings

from models.tenant_file.patch import changes_in, patch_between, undone
from tests.support.tenants_strategy import tenant_documents


@settings(max_examples=25)
@given(before=tenant_documents(), after=tenant_documents())
def test_a_change_is_undone_by_what_the_database_keeps_of_it(
    before: dict[str, object], after: dict[str, object]
) -> None:
    patch = patch_between(before, after)
    kept = json.loads(json.dumps({"patch": patch, "document": after}))

    assert kept["document"] == after, "a document is plain JSON"
    assert undone(kept["document"], kept["patch"]) == before
    assert bool(patch) == (before != after)
    assert bool(changes_in(patch)) == bool(patch)


@settings(max_examples=10)
@given(document=tenant_documents())
def test_a_tenant_that_is_new_is_all_addition_and_undone_to_nothing(
    document: dict[str, object],
) -> None:
    patch = patch_between({}, document)

    assert all(change.is_addition for change in changes_in(patch))
    assert undone(document, patch) == {}
