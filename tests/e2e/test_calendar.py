"""Tasks in one's own calendar: an address made under Minä, and ended there."""

import httpx


def test_an_address_made_on_the_own_phone_is_a_calendar_until_it_is_changed_or_ended(place) -> None:
    aino = place.person("Aino")
    aino.go("Minä")
    aino.press("Tee osoite")
    first = aino.field("Kalenterin osoite").input_value()
    assert "BEGIN:VCALENDAR" in httpx.get(first).text
    aino.press("Sulje")
    aino.sees("Osoite on tehty tänään")
    aino.press("Vaihda osoite")
    second = aino.field("Kalenterin osoite").input_value()
    assert [httpx.get(url).status_code for url in (first, second)] == [404, 200]
    aino.press("Sulje")
    aino.press("Poista osoite")
    aino.sees("Osoite on poistettu")
    assert httpx.get(second).status_code == 404
