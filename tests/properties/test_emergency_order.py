"""Whatever order a tenant has set, help is called through every trunk there is."""

from hypothesis import given
from hypothesis import strategies as st

from models.emergency_lines import dials_of
from models.emergency_rules import in_emergency_order
from models.facts import TrunkFacts

NAMES = ["a", "b", "c", "d", "e"]


@st.composite
def lines(draw: st.DrawFn) -> list[TrunkFacts]:
    """Trunks of one tenant; one at most is the default."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    default = draw(st.sampled_from([*names, ""]))
    return [
        TrunkFacts(
            id=place,
            name=name,
            endpoint=f"trunk-{place:08x}",
            host=f"{name}.test",
            is_default=name == default,
            is_enabled=draw(st.booleans()),
        )
        for place, name in enumerate(names)
    ]


@given(lines(), st.lists(st.sampled_from([*NAMES, "gone"]), unique=True))
def test_each_trunk_that_is_switched_on_is_tried_once_and_no_other(
    trunks: list[TrunkFacts], first: list[str]
) -> None:
    order = in_emergency_order(first, trunks)
    assert sorted(one.name for one in order) == sorted(one.name for one in trunks if one.is_enabled)


@given(lines(), st.lists(st.sampled_from([*NAMES, "gone"]), unique=True))
def test_named_trunks_come_first_in_their_order_and_then_the_default(
    trunks: list[TrunkFacts], first: list[str]
) -> None:
    names = [one.name for one in in_emergency_order(first, trunks)]
    named = [name for name in first if name in names]
    assert names[: len(named)] == named
    rest = [one for one in in_emergency_order(first, trunks) if one.name not in named]
    are_default = [one.is_default for one in rest]
    assert are_default == sorted(are_default, reverse=True)


@given(lines())
def test_what_asterisk_is_told_can_be_taken_apart_again(trunks: list[TrunkFacts]) -> None:
    told = dials_of(trunks, "112", "RU")
    entries = [entry.split("|") for entry in told.split("&")] if told else []
    assert [entry[0] for entry in entries] == [one.endpoint for one in trunks]
    assert all(len(entry) == 8 for entry in entries)
    assert ";" not in told
