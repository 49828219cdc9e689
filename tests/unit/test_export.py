"""One's own export: what it holds of its person besides their words, and what it never holds (R14)."""

import io
from base64 import b64encode
from zipfile import ZipFile

import pytest
from msgspec.structs import replace

from server import export
from server.store import audit, identities, passkeys, people
from server.store.audit import Told
from server.store.export import OwnCard
from server.store.identities import Account
from server.store.passkeys import Passkey
from server.store.people import Device
from server.t import LANGS, t
from server.templates import render
from tests.town import SECRET, Town

LABEL = "Puhelimen <b>avain</b>"


def with_ways_in(town: Town, lang: str) -> Passkey:
    """Aino speaks a language, and has a session, a passkey, a notice of it and the organisation's account."""
    aino = town.people["aino"]
    key = Passkey(b"credential-of-aino", aino.number, b"public-key-of-aino", 0, LABEL, True)
    person = town.db.write(people.person_of, aino.number)
    town.db.write(people.change_person, replace(person, lang=lang))
    town.db.write(people.start_session, Device(aino.device, aino.number, lang, SECRET), town.now)
    town.db.write(passkeys.add_passkey, key, town.now)
    town.db.write(audit.tell, aino.number, Told("passkey_made", {"label": LABEL}), town.now)
    account = Account("https://login.example", "subject-of-aino")
    town.db.write(identities.link_identity, account, aino.number, town.now)
    return key


@pytest.mark.parametrize("lang", LANGS)
def test_r14_the_export_names_ways_in_and_notices_by_the_day_and_holds_no_secret(town, lang):
    key = with_ways_in(town, lang)

    own = town.db.write(export.collect, town.device("aino"), town.now)
    archive = ZipFile(io.BytesIO(export.pack(own, render("export.html", export.words(own)))))
    page, data = archive.read(export.HTML).decode(), archive.read(export.JSON).decode()

    today, label = export.day(town.now), LABEL.replace("<", "&lt;").replace(">", "&gt;")
    told = t(lang, "notice.passkey_made", {"label": label})
    for line in (f"{label} ({today})", f"{told} ({today})", "https://login.example"):
        assert f"<li>{line}</li>" in page
    assert f"({today} – {today})</li>" in page, "a session by its days"
    assert t(lang, "export.passkeys") in page
    assert f'"label": "{LABEL}"' in data
    assert "https://login.example" in data
    for secret in (key.id, key.public_key, SECRET):
        for form in (secret.decode(), secret.hex(), b64encode(secret).decode().rstrip("=")):
            assert form not in page + data


def test_r14_a_task_is_in_the_export_with_its_prompt_and_its_steps_in_order(town):
    own = town.db.write(export.collect, town.device("aino"), town.now)
    fields = {
        "title": "Raportti",
        "prompt": "Kokeilkaa kahdesti",
        "steps/18": "Toinen askel",
        "steps/09": "Ensi askel",
    }
    task = OwnCard(
        id="01" * 16, space=1, place="Koivu", kind="task", made=town.now, hidden=False, fields=fields
    )

    page = render("export.html", export.words(replace(own, cards=[task])))

    order = [page.index(words) for words in ("Raportti", "Kokeilkaa kahdesti", "Ensi askel", "Toinen askel")]
    assert order == sorted(order)
    for label in ("task.prompt", "task.steps"):
        assert t(own.person.lang, label) in page
