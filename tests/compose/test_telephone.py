"""The telephone tests that need nothing but an office, run once more against the containers."""

from tests.telephone.test_companies_apart import (  # noqa: F401 - they are run here as well
    test_a_number_of_the_other_company_does_not_exist,
    test_calls_of_one_company_are_not_in_the_list_of_the_other,
    test_naming_the_other_company_in_the_address_does_not_help,
    test_the_same_number_leads_to_the_colleague_and_not_to_the_stranger,
)
from tests.telephone.test_greeting import (  # noqa: F401 - they are run here as well
    test_a_caller_dials_an_extension_right_in_the_greeting,
    test_a_caller_leaves_the_greeting_by_a_key_and_talks,
    test_a_silent_caller_is_asked_again_and_leaves_in_the_end,
    test_keys_count_however_the_phone_sends_them,
    test_wrong_keys_are_told_and_lead_out_in_the_end,
)
from tests.telephone.test_hanging_up import (  # noqa: F401 - they are run here as well
    test_the_caller_hangs_up_while_the_greeting_plays,
    test_the_caller_hangs_up_while_the_phone_behind_the_greeting_rings,
    test_the_caller_hangs_up_while_the_phone_rings,
)
from tests.telephone.test_talking import (  # noqa: F401 - they are run here as well
    test_a_person_on_hold_hears_music_and_nothing_of_the_other_until_taken_back,
    test_a_talk_is_in_the_call_list,
    test_each_hears_the_other,
    test_keys_pressed_in_a_talk_reach_the_other_side,
    test_phones_that_share_one_codec_use_it_from_end_to_end,
    test_the_call_list_tells_that_the_callee_hung_up,
    test_the_callee_sees_who_is_calling,
    test_the_caller_hears_what_the_other_side_says_before_it_answers,
)
from tests.telephone.test_unanswered import (  # noqa: F401 - they are run here as well
    test_a_caller_learns_that_the_other_declines,
    test_a_caller_learns_that_the_other_has_no_phone_switched_on,
    test_a_caller_learns_that_the_other_is_busy,
    test_a_caller_who_hangs_up_first_is_told_apart,
    test_a_hang_up_element_tells_the_phone_the_cause,
    test_a_number_that_does_not_exist_is_refused_and_not_silent,
)
