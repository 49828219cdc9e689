"""What somebody writes is shown as text and does nothing, wherever it is shown."""

from playwright.sync_api import expect

NAME = "<img/src=x/onerror=alert(1)>"
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    '=HYPERLINK("http://paha.example";"Avaa")',
    "javascript:alert(1)",
    "{{7*7}} ${alert(1)}",
)


def test_hostile_words_are_shown_as_they_were_written(place) -> None:
    jorma, ville = place.person("Jorma", "supervisor"), place.person(NAME)
    for words in HOSTILE:
        ville.write_idea(f"{words}\n{words} ja lisää")
    ville.everything_is_delivered()
    for words in HOSTILE:
        jorma.go("Tänään")
        jorma.sees(words)
        jorma.open_card(words)
        jorma.sees(f"{words} ja lisää")
        jorma.sees(NAME)
        jorma.comment(words)
        assert jorma.page.locator("main img, main script, main svg[onload]").count() == 0


def test_hostile_words_are_found_by_search_and_stay_words(place) -> None:
    ville = place.person("Ville")
    for words in HOSTILE:
        ville.write_idea(words)
    ville.go("Taulu")
    for words in HOSTILE:
        ville.page.get_by_role("searchbox").fill(words)
        expect(ville.page.get_by_role("link", name=words, exact=True)).to_be_visible()
    assert ville.page.locator("main img, main script, main svg[onload]").count() == 0
