"""Every screen and sheet of the app, and how to get there, in any language."""

import re
from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import expect

from server.forms import RemoveForm
from server.t import t
from tests.e2e.device import Device
from tests.e2e.place import PHONE, Place
from tests.e2e.tablet_screens import GUEST, LANGUAGES, LEADER, STAFF
from tests.e2e.task_device import give_task, open_task, take, write_leg

ACCOUNT = "Kehräveden hyvinvointialueen kirjautumispalvelutunnus"
LONG_NAME = "Maximiliana-Aleksandriina"
LONG = "Käytävävalaistuksen yöaikainen himmentäminen osastonhoitajansihteerin toimistohuoneessa. Soita 040 123 4567."
LONG_THANKS = "Yövuorojärjestelyjenuudelleensuunnittelusta. Kaksi kutsua soi yhtä aikaa, ja ehdit silti."

LONG_TASK = "Hiljainenraportointikokeiluviikonvaihteessa kulkee vuorolta vuorolle"


class Home(NamedTuple):
    """A lived-in team: Aino's card has two versions, Jorma has to answer it and one of his words was refused.

    Another of hers was hidden, and words of Ville's, who has left, wait for Jorma to decide. He has given the team a
    task in steps and a relay, whose baton Aino has for the second time.
    """

    aino: Device
    jorma: Device
    guest: Device
    ville: Device
    place: Place
    card: str
    hidden: str
    task: str
    relay: str
    lang: str = "fi"

    def say(self, key: str, **params: object) -> str:
        """A message in the language at hand."""
        return t(self.lang, key, params)

    def speak(self, lang: str) -> "Home":
        """Change everybody's language."""
        for device in (self.aino, self.jorma):
            device.visit("/mina")
            device.page.get_by_role("radio", name=LANGUAGES[lang]).click()
            device.page.wait_for_function("(lang) => document.documentElement.lang === lang", arg=lang)
        return self._replace(lang=lang)


def settle_in(place: Place) -> Home:
    """Make the team and let it live a little."""
    aino, jorma = place.person("Aino"), place.person(LONG_NAME, "supervisor")
    aino.write_idea("Lamppu käytävään. Yöllä ei näe kulkea.")
    aino.open_card("Lamppu käytävään")
    card = aino.page.url.rpartition("/")[2]
    aino.edit_together(True)
    aino.comment("Sähköasentaja käy perjantaina.")
    aino.press("Meilläkin")
    expect(aino.page.get_by_role("button", name="Meilläkin 1")).to_be_visible()
    aino.everything_is_delivered()
    jorma.open_card("Lamppu käytävään")
    jorma.comment("Kysyn tarjouksen.")
    for device, text in ((aino, "Yöllä kompastuu kärryihin."), (jorma, "Yöllä on aivan pimeää.")):
        device.offline()
        device.edit(text)
    for device in (aino, jorma):
        device.online()
        device.everything_is_delivered()
    jorma.offline()
    jorma.edit("Yöllä pitää nähdä kulkea.")
    aino.edit_together(False)
    aino.everything_is_delivered()
    jorma.online()
    jorma.sees("1 vaatii huomiosi")
    aino.write_idea(LONG)
    hidden = _hide_one(aino, jorma)
    _thank(jorma, "Aino")
    tasks = _give_tasks(jorma, aino)
    return Home(aino, jorma, place.device(), _who_left(place), place, card, hidden, *tasks)


def _hide_one(aino: Device, jorma: Device) -> str:
    """A card of hers that he has hidden; its id."""
    aino.write_idea("Kahvinkeitin taukotilaan")
    jorma.open_card("Kahvinkeitin taukotilaan")
    hidden = jorma.page.url.rpartition("/")[2]
    jorma.press("Piilota")
    jorma.page.get_by_role("radio", name="Muu syy").click()
    jorma.field("Kerro tarkemmin").fill("Sama on jo hankintalistalla.")
    jorma.press("Piilota lappu")
    aino.go("Taulu")
    expect(aino.page.get_by_role("link", name="Kahvinkeitin taukotilaan", exact=True)).to_have_count(0)
    return hidden


def _thank(device: Device, whom: str) -> None:
    """A thanks that its receiver may put on the wall."""
    device.go("Kiitos")
    form = device.page.get_by_role("form", name="Anna kiitos")
    form.get_by_role("button", name=whom).click()
    form.get_by_role("button", name="Rauhan tuoja").click()
    form.get_by_label("Mistä kiität?").fill(LONG_THANKS)
    form.get_by_role("switch", name=re.compile("seinällä")).click()
    form.get_by_role("button", name="Lähetä kiitos").click()
    device.sees("Kiitos on tallessa")


def _give_tasks(jorma: Device, aino: Device) -> tuple[str, str]:
    """A task in steps, and a relay that Aino carries on; their ids."""
    jorma.go("Tänään")
    give_task(jorma, "Hiljainen raportti", steps=f"Sovi päivä\n{LONG}", waits=True)
    give_task(jorma, LONG_TASK, relay=True, waits=True)
    aino.go("Tänään")
    open_task(aino, "Hiljainen raportti")
    aino.page.get_by_role("button", name="Sovi päivä").click()
    task = aino.page.url.rpartition("/")[2]
    aino.go("Tänään")
    take(aino, LONG_TASK)
    write_leg(aino, LONG_THANKS)
    aino.press("Ota viestikapula")
    aino.sees("Viestikapula on sinulla")
    return task, aino.page.url.rpartition("/")[2]


def _who_left(place: Place) -> Device:
    """The phone of somebody who was removed while words waited on it."""
    ville = place.person("Ville")
    ville.offline()
    ville.write_idea("Tuoli aulaan. Odottaessa ei jaksa seistä.")
    ville.write_idea(LONG)
    number = place.number("Ville")
    place.server.ask("people.remove", RemoveForm(number), type(None))
    ville.online()
    ville.sees("meni palvelimelle")
    return ville


# ---- what anybody sees


def _today(home: Home, device: Device) -> None:
    device.visit("/")


def _board(home: Home, device: Device) -> None:
    device.visit("/taulu")


def _board_search(home: Home, device: Device) -> None:
    device.visit("/taulu")
    if device.page.viewport_size and device.page.viewport_size["width"] <= PHONE["width"]:
        device.press(home.say("board.tools"))
    device.page.get_by_role("searchbox").fill("lamppu")


def _card(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{home.card}")


def _missing(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{'0' * 32}")


def _me(home: Home, device: Device) -> None:
    device.visit("/mina")
    device.page.get_by_role("button", name=re.compile(f"^{home.say('devices.open')}")).first.wait_for()


def _thanks(home: Home, device: Device) -> None:
    device.visit("/kiitos")
    device.page.get_by_role("article").filter(has_text=LONG_THANKS).first.wait_for()


def _attention(home: Home, device: Device) -> None:
    device.visit("/huomio")


def _capture_idea(home: Home, device: Device) -> None:
    device.visit("/uusi")
    device.page.get_by_role("radio", name=home.say("kind.idea")).click()
    device.field(home.say("capture.idea_label")).fill(LONG)
    device.page.locator("summary").last.click()


def _capture_observation(home: Home, device: Device) -> None:
    device.visit("/uusi?havainto")
    device.page.get_by_role("dialog").get_by_role("radio").nth(1).click()
    device.field(home.say("capture.observation_label")).fill("Asukas 010190-901R kaatui.")


def _saved(home: Home, device: Device) -> None:
    _capture_idea(home, device)
    device.press(home.say("capture.save_idea"))
    device.button(home.say("saved.done")).wait_for()


def _versions(home: Home, device: Device) -> None:
    _card(home, device)
    device.press(home.say("versions.compare"))


def _sign_out(home: Home, device: Device) -> None:
    _me(home, device)
    device.press(home.say("out.open"))


def _leave(home: Home, device: Device) -> None:
    _me(home, device)
    device.press(home.say("leave.open"))
    expect(device.button(home.say("leave.do"))).to_be_enabled()  # once it is known what is left behind


def _account(home: Home, device: Device) -> None:
    _me(home, device)
    device.press(home.say("account.open"))
    expect(device.button(home.say("account.do"))).to_be_enabled()  # once it is known what is left behind


def _with_account(device: Device, path: str, status: int, reply: dict[str, object]) -> None:
    """What the server answers where the organisation has a sign-in of its own; others test it with a real one."""
    device.page.unroute(path)
    headers = {"Cache-Control": "no-store"}
    device.page.route(path, lambda route: route.fulfill(status=status, json=reply, headers=headers))


def _account_linked(home: Home, device: Device) -> None:
    _with_account(device, "**/api/oidc", 200, {"on": True, "name": ACCOUNT, "linked": True})
    _me(home, device)
    device.button(home.say("oidc.unlink")).wait_for()


def _unlink(home: Home, device: Device) -> None:
    _account_linked(home, device)
    device.press(home.say("oidc.unlink"))


# ---- what the author, the supervisor or a guest sees


def _hidden(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{home.hidden}")
    device.button(home.say("hidden.ask")).wait_for()


def _late(home: Home, device: Device) -> None:
    _attention(home, device)
    device.button(home.say("late.accept")).first.wait_for()


def _edit(home: Home, device: Device) -> None:
    _card(home, device)
    device.press(home.say("edit.open"))


def _answer(home: Home, device: Device) -> None:
    _card(home, device)
    device.page.get_by_role("radio", name=home.say("size.project")).click()
    device.page.get_by_role("radio", name=home.say("stage.not_now")).click()
    device.press(home.say("answer.send"))


def _move(home: Home, device: Device) -> None:
    _card(home, device)
    device.press(home.say("move.menu"))
    sheet = device.page.get_by_role("dialog")
    sheet.get_by_role("radio", name=home.say("stage.not_now")).click()
    sheet.get_by_role("button", name=home.say("move.save"), exact=True).click()


def _hide(home: Home, device: Device) -> None:
    _card(home, device)
    device.press(home.say("hide.open"))
    device.press(home.say("hide.do"))


def _invite(home: Home, device: Device) -> None:
    _prove(home, device)
    device.press(home.say("proof.passkey"))
    device.page.get_by_role("img", name=home.say("invite.qr")).wait_for()


def _prove(home: Home, device: Device) -> None:
    home.place.forget_proofs()
    _me(home, device)
    device.press(home.say("invite.open"))
    device.button(home.say("proof.passkey")).wait_for()


def _codes(home: Home, device: Device) -> None:
    _me(home, device)
    device.page.get_by_role(
        "button", name=re.compile(f"{home.say('codes.make')}|{home.say('codes.renew')}")
    ).click()
    device.button(home.say("codes.kept")).wait_for()


def _own_device(home: Home, device: Device) -> None:
    _me(home, device)
    device.page.get_by_role("button", name=re.compile(f"^{home.say('devices.open')}")).first.click()


def _join(home: Home, device: Device) -> None:
    device.page.goto("about:blank")
    device.visit(f"/liity#{home.place.code()}")
    device.page.get_by_role("radio", name=LANGUAGES[home.lang]).click()
    device.press(home.say("join.do"))


def _account_unknown(home: Home, device: Device) -> None:
    """Back from the organisation's sign-in, as somebody who may be new."""
    _with_account(device, "**/api/oidc", 200, {"on": True, "name": ACCOUNT, "linked": False})
    _with_account(device, "**/api/oidc/finish", 409, {"error": "identity_new", "message": "-"})
    device.page.goto("about:blank")
    device.visit("/kirjautunut#code=code&state=state")
    device.page.get_by_role("heading", name=t("fi", "oidc.first")).wait_for()


def _account_refused(home: Home, device: Device) -> None:
    device.page.goto("about:blank")
    device.visit("/kirjautunut#error=access_denied")
    device.page.get_by_role("heading", name=t("fi", "oidc.stopped")).wait_for()


def _no_link(home: Home, device: Device) -> None:
    device.page.goto("about:blank")
    device.visit("/")
    device.page.get_by_role("radio", name=LANGUAGES[home.lang]).click()


def _drop_box(home: Home, device: Device) -> None:
    device.visit("/pudota")
    device.button(home.say("drop.do")).wait_for()


def _dropped(home: Home, device: Device) -> None:
    _drop_box(home, device)
    device.field(home.say("capture.idea_label")).fill("Lamppu ulko-oveen.")
    device.press(home.say("drop.do"))
    device.page.get_by_role("heading", name=home.say("drop.kept")).wait_for()


def _claim(home: Home, device: Device) -> None:
    device.page.goto("about:blank")
    device.visit("/lunasta")
    device.button(home.say("claim.do")).wait_for()


def _strengths(home: Home, device: Device) -> None:
    """With a card that is chosen and shared once."""
    device.visit("/vahvuudet")
    device.button(home.say("strengths.add")).wait_for()
    if not device.page.locator("ol > li").count():
        device.press(home.say("strengths.add"))
        device.page.get_by_role("dialog").get_by_role("button", name=home.say("strength.twinkle")).click()
        device.button(f"{home.say('strengths.open')} {home.say('strength.twinkle')}").click()
        device.press(home.say("strengths.share", team=home.place.team))
        device.page.get_by_text(home.say("strengths.is_shared", team=home.place.team)).wait_for()
        device.page.keyboard.press("Escape")
    device.page.get_by_text(home.say("strengths.shared"), exact=True).click()


def _strength_deck(home: Home, device: Device) -> None:
    _strengths(home, device)
    device.press(home.say("strengths.add"))


def _strength(home: Home, device: Device) -> None:
    _strengths(home, device)
    device.button(f"{home.say('strengths.open')} {home.say('strength.twinkle')}").click()
    device.field(home.say("strengths.note")).fill(LONG)


def _tasks(home: Home, device: Device) -> None:
    device.visit("/valitehtavat")
    device.page.get_by_role("link", name=LONG_TASK).wait_for()


def _task(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{home.task}")
    device.field(home.say("task.noticed")).fill(LONG)


def _task_change(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{home.task}")
    device.press(home.say("edit.open"))
    device.page.get_by_role("textbox", name=home.say("task.steps")).wait_for()


def _task_form(home: Home, device: Device) -> None:
    device.visit("/uusi")
    device.press(home.say("task.new"))
    device.page.get_by_role("switch").click()
    device.press(home.say("task.give"))


def _relay(home: Home, device: Device) -> None:
    device.visit(f"/kortti/{home.relay}")
    device.page.get_by_role("list").filter(has_text=LONG_THANKS).wait_for()


def _calendar(home: Home, device: Device) -> None:
    _me(home, device)
    device.page.get_by_role(
        "button", name=re.compile(f"{home.say('calendar.make')}|{home.say('calendar.renew')}")
    ).click()
    device.page.get_by_role("textbox", name=home.say("calendar.address")).wait_for()


ANYBODY = (
    _today,
    _board,
    _board_search,
    _card,
    _missing,
    _me,
    _thanks,
    _capture_idea,
    _saved,
    _sign_out,
    _leave,
    _own_device,
    _account_linked,
    _unlink,
)
SCREENS: dict[str, tuple[Callable[[Home, Device], None], ...]] = {
    "aino": (
        *ANYBODY,
        _versions,
        _edit,
        _attention,
        _capture_observation,
        _hidden,
        _account,
        _drop_box,
        _dropped,
        _claim,
        _tasks,
        _task,
        _relay,
        _strengths,
        _strength_deck,
        _strength,
        _calendar,
        *STAFF,
    ),
    "jorma": (
        _today,
        _board,
        _card,
        _late,
        _versions,
        _answer,
        _move,
        _hide,
        _task_form,
        _task_change,
        _relay,
        _prove,
        _invite,
        _codes,
        *LEADER,
    ),
    "guest": (_join, _no_link, *GUEST, _account_unknown, _account_refused),
    "ville": (_no_link,),
}
