"""A device that has heard nothing for 45 days shows what its person wrote, and nothing of others (H8)."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.mark.parametrize(("days", "shows_others"), [(44, True), (46, False)])
def test_h8_others_words_are_hidden_after_45_days_until_there_is_contact(place, days, shows_others) -> None:
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino")
    jorma.write_idea("Kello seinälle")
    aino.write_idea("Lamppu käytävään")
    aino.sees_on_board("Kello seinälle")
    aino.everything_is_delivered()
    aino.offline()
    aino.page.clock.set_system_time(datetime.now(UTC) + timedelta(days=days))
    aino.page.reload()

    aino.write_idea("Uusi sana")
    for title in ("Lamppu käytävään", "Uusi sana", *(["Kello seinälle"] if shows_others else [])):
        aino.sees_on_board(title)
    if not shows_others:
        aino.sees("Laite ei ole saanut yhteyttä 45 päivään.")
        aino.sees_no("Kello seinälle")

    aino.online()
    aino.sees_on_board("Kello seinälle")
    aino.sees_no("Laite ei ole saanut yhteyttä 45 päivään.")
    jorma.sees_on_board("Uusi sana")
