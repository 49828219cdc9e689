"""The main job: from a link to everybody's board."""


def test_a_link_leads_into_the_team(place) -> None:
    phone = place.device()
    phone.join(place.code(), "Aino")
    phone.sees(place.team)


def test_an_idea_written_offline_reaches_the_other_device(place) -> None:
    aino, jorma = place.person("Aino", kept=True), place.person("Jorma", "supervisor")
    jorma.go("Taulu")
    aino.offline()
    aino.write_idea("Lamppu käytävään. Yöllä ei näe.")
    aino.close()

    aino.open("/taulu")
    aino.sees_on_board("Lamppu käytävään")
    aino.online()

    jorma.sees_on_board("Lamppu käytävään")
    aino.everything_is_delivered()
