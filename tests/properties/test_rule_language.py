"""Outbound rules, whatever their masks: refused exactly when no number could ever be sent."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from models.facts import OutboundRuleFacts
from stasis_apps.decisions.masks import compile_mask, rewrite
from stasis_apps.rule_language import language_faults

PARTS = st.sampled_from(["7", "8?", "d", "d?", "p", "+", "{7|8}", "{|}", "{|p}", "{d?|}"])
"""Each fits a text of one character, or the empty one, or both."""

TEXTS = st.lists(PARTS, min_size=1, max_size=2).map("".join)
WITHIN = st.one_of(TEXTS, st.just("{|}"))
MASKS = st.one_of(
    TEXTS,
    st.builds("{}({})".format, st.sampled_from(["", "7", "8?"]), WITHIN),
    st.builds("({}){}".format, WITHIN, st.sampled_from(["", "d", "p"])),
    st.builds("{{({})|7}}".format, st.sampled_from(["8", "d?", "+", "p7"])),
)

NUMBERS = ["".join(one) for size in range(4) for one in itertools.product("78+", repeat=size)]
"""Enough to try every way through such masks."""


def sent(mask: str, output: str) -> set[str]:
    """All that a rule makes of these numbers."""
    captured = (compile_mask(mask).match(number) for number in NUMBERS)
    made = (rewrite(output, one) for one in captured if one is not None)
    return {one for one in made if one is not None}


@given(mask=MASKS, output=st.sampled_from(["$", "8$", "+7$", "$1", "112", ""]))
def test_a_rule_is_refused_when_it_could_never_send_a_number_and_only_then(
    mask: str, output: str
) -> None:
    rule = OutboundRuleFacts(place=1, name="any", mask=mask, output=output)
    paths = [fault.path for fault in language_faults(rule)]
    assert paths == ([] if sent(mask, output) else ["output"])


@given(mask=MASKS, output=st.text(alphabet="$+0123456789", max_size=5))
def test_a_rule_that_forbids_need_not_be_able_to_send_anything(mask: str, output: str) -> None:
    rule = OutboundRuleFacts(place=1, name="any", mask=mask, output=output, action="deny")
    is_written_well = "+" not in output[1:]
    assert [fault.path for fault in language_faults(rule)] == (
        [] if is_written_well else ["output"]
    )


@given(mask=st.text(alphabet="78dp+?(){|}x $", max_size=10), output=st.text(max_size=6))
def test_whatever_is_typed_is_answered_in_words(mask: str, output: str) -> None:
    rule = OutboundRuleFacts(place=1, name="any", mask=mask, output=output)
    for fault in language_faults(rule):
        assert fault.path in ("mask", "output")
        assert str(fault).startswith(f"{fault.path} ")
