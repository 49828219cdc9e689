"""Writing: quick, careful with clients' data, and nothing half-written gets lost."""

from hashlib import sha256

import pytest
from playwright.sync_api import expect

from tests.e2e.place import PHONE

CHECK_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
HIDDEN_FACTS = b"Exif\0\0MM\0*\0\0\0\x08 60.1699N 24.9384E Kameran omistaja"
COUNT_TAPS = "addEventListener('pointerup', () => { globalThis.taps = (globalThis.taps ?? 0) + 1 }, true)"
READ_PHOTO = """async (image) => {
  const canvas = new OffscreenCanvas(1, 1)
  canvas.getContext('2d').drawImage(image, 0, 0)
  return [image.naturalWidth, image.naturalHeight]
}"""
SHARE = """async ([title, text]) => {
  const form = new FormData()
  form.set('title', title)
  form.set('text', text)
  await fetch('/jaa', { method: 'POST', body: form, redirect: 'manual' })
}"""
FETCH_PHOTO = """async (sha) => {
  const reply = await fetch(`/api/files/${sha}`)
  return [...new Uint8Array(await reply.arrayBuffer())]
}"""


def identity_code(day: str, order: int) -> str:
    """A code that nobody has: the orders from 900 are never given."""
    return f"{day}-{order}{CHECK_MARKS[int(f'{day}{order}') % 31]}"


def test_an_idea_takes_five_taps_at_most(place) -> None:
    aino = place.person("Aino", viewport=PHONE, has_touch=True, is_mobile=True)
    aino.offline()
    aino.page.evaluate(COUNT_TAPS)
    aino.menu().get_by_role("button", name="Kirjaa uusi").tap()
    expect(aino.field("Mitä ehdotat?")).to_be_focused()
    aino.page.keyboard.type("Lamppu käytävään. Yöllä ei näe.")
    aino.button("Tallenna idea").tap()
    expect(aino.page.get_by_role("dialog", name="Tallessa tässä laitteessa")).to_be_visible()
    aino.button("Valmis").tap()
    assert aino.page.evaluate("globalThis.taps") <= 5
    aino.sees_on_board("Lamppu käytävään")


def test_a_personal_identity_code_cannot_be_saved(place) -> None:
    aino = place.person("Aino")
    code = identity_code("010190", 901)
    aino.begin_idea(f"Asukas {code} kaatui. Lamppu käytävään.")
    aino.sees("Tekstissä on henkilötunnus")
    aino.press("Tallenna idea")
    expect(aino.button("Tallenna idea")).to_be_visible()

    aino.press("Poista tunnus")
    expect(aino.field("Mitä ehdotat?")).not_to_have_value(code)
    aino.save_idea()


def test_an_identity_code_with_a_wrong_mark_and_a_phone_number_are_only_asked_about(place) -> None:
    aino = place.person("Aino")
    aino.begin_idea("Soita 040 123 4567, niin lamppu vaihtuu.")
    aino.sees("Onko tässä jotain asiakkaasta?")
    aino.save_idea()


@pytest.mark.parametrize("where", ["comment", "edit"])
def test_an_identity_code_is_stopped_wherever_words_are_written(place, where) -> None:
    aino = place.person("Aino")
    aino.write_idea("Lamppu käytävään")
    aino.open_card("Lamppu käytävään")
    words = f"Näin {identity_code('311299', 955)} sanoi"
    if where == "comment":
        aino.field("Kirjoita kommentti").fill(words)
        aino.press("Tallenna kommentti")
    else:
        aino.press("Muokkaa")
        aino.field("Teksti").fill(words)
        aino.press("Tallenna")
    aino.sees("Tekstissä on henkilötunnus")
    aino.everything_is_delivered()
    aino.page.reload()
    expect(aino.page.get_by_role("paragraph").filter(has_text=words)).to_have_count(0)


def test_changing_the_language_keeps_a_half_written_text(place) -> None:
    aino = place.person("Aino")
    aino.begin_idea("Lamppu käytävään, koska")
    aino.press("Sulje, luonnos säilyy")
    aino.go("Minä")
    aino.page.get_by_role("radio", name="Svenska").click()
    aino.page.get_by_role("heading", name="Språk").wait_for()
    aino.page.get_by_role("navigation").get_by_role("button").click()
    expect(aino.page.get_by_role("dialog").get_by_role("textbox").first).to_have_value(
        "Lamppu käytävään, koska"
    )


def test_an_observation_reaches_the_other_device(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    aino.page.get_by_role("radio", name="Havainto").click()
    aino.field("Mitä huomasit?").fill("Kärryn pyörä vinkuu.")
    aino.page.get_by_role("radio", name="Hankaluus").click()
    aino.press("Tallenna havainto")
    aino.press("Valmis")
    jorma.go("Taulu")
    jorma.sees("Kärryn pyörä vinkuu.")


def test_a_photo_arrives_small_and_without_hidden_facts(place) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    aino.page.set_viewport_size({"width": 2400, "height": 1800})
    taken = with_facts(aino.page.screenshot(type="jpeg", quality=90))
    aino.page.set_viewport_size(PHONE)
    aino.offline()
    aino.begin_idea("Lamppu käytävään")
    picker = aino.page.get_by_label("Kuva", exact=True)
    expect(picker).to_have_accessible_description("Ei asiakkaita kuvaan.")  # R17
    picker.set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": taken})
    aino.field("Mitä kuvassa on?").fill("Pimeä käytävä")
    aino.save_idea()
    aino.press("Valmis")
    aino.online()
    aino.everything_is_delivered()

    jorma.open_card("Lamppu käytävään")
    photo = jorma.page.get_by_role("img", name="Pimeä käytävä")
    jorma.until(lambda: photo.evaluate("(one) => one.naturalWidth ?? 0") > 0)
    assert photo.evaluate(READ_PHOTO) == [1600, 1200]
    sha = next(line.rpartition("/")[2] for line in jorma.network.asked if "/api/files/" in line)
    bytes_ = bytes(jorma.page.evaluate(FETCH_PHOTO, sha))
    assert sha256(bytes_).hexdigest() == sha
    assert len(bytes_) <= 300_000
    assert b"Exif" not in bytes_
    assert b"60.1699N" not in bytes_


def test_what_another_app_shares_becomes_a_draft(place) -> None:
    aino = place.person("Aino")
    aino.offline()
    aino.page.evaluate(SHARE, ["Lamppu käytävään", "Yöllä ei näe."])
    aino.page.reload()
    aino.menu().get_by_role("button", name="Kirjaa uusi").click()
    expect(aino.field("Mitä ehdotat?")).to_have_value("Lamppu käytävään\nYöllä ei näe.")
    aino.save_idea()


def with_facts(jpeg: bytes) -> bytes:
    """The picture as cameras write it: with place and owner."""
    segment = b"\xff\xe1" + (len(HIDDEN_FACTS) + 2).to_bytes(2) + HIDDEN_FACTS
    return jpeg[:2] + segment + jpeg[2:]
