"""The organisation's own deck of strength cards (CC0): the words for each are in locale/, under `strength.<key>`."""

from enum import StrEnum


class Strength(StrEnum):
    """What somebody is good at, in the organisation's own words; no test and no score stands behind it."""

    KNOT_UNTIER = "knot_untier"
    CALM_BRINGER = "calm_bringer"
    DOOR_OPENER = "door_opener"
    SHARP_EYE = "sharp_eye"
    TWINKLE = "twinkle"
    FINISHER = "finisher"
    FIRST_TO_TRY = "first_to_try"
    QUIET_CARRIER = "quiet_carrier"
    WORD_FINDER = "word_finder"
    SKILLED_HANDS = "skilled_hands"
    ASKER = "asker"
    REMEMBERER = "rememberer"
    RHYTHM_KEEPER = "rhythm_keeper"
    BRAVE_VOICE = "brave_voice"
    BRIDGE_BUILDER = "bridge_builder"
    TEACHER_ALONGSIDE = "teacher_alongside"
    HOPE_SPOTTER = "hope_spotter"
    EVERYDAY_INVENTOR = "everyday_inventor"
    BOUNDARY_KEEPER = "boundary_keeper"
    NEWCOMERS_ALLY = "newcomers_ally"
