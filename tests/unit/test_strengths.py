"""The deck of strength cards is one list: in the protocol, in the browser, in the demo and in three languages."""

import json
import re
from pathlib import Path

import pytest

from server.t import LANGS, catalogue
from sync.strengths import Strength

ROOT = Path(__file__).parents[2]
KEYS = [card.value for card in Strength]


def test_b13_the_deck_has_twenty_cards_and_they_are_those_of_the_demo():
    demo = json.loads((ROOT / "server/demo.json").read_text(encoding="utf-8"))
    assert len(KEYS) == 20
    assert [card["key"] for card in demo["strength_cards"]] == KEYS


def test_the_browser_knows_the_same_cards():
    source = (ROOT / "web/src/ui/strengths.ts").read_text(encoding="utf-8")
    assert re.findall(r"^  '(\w+)',$", source, re.M) == KEYS


@pytest.mark.parametrize("lang", LANGS)
def test_every_card_has_a_name_and_a_sentence(lang):
    words = catalogue(lang)
    assert all(words[f"strength.{key}"] and words[f"strength.{key}.text"] for key in KEYS)
