"""What lies on a device: sealed words and nameless names, and a message when it is full."""

import re

from playwright.sync_api import expect

MARK = "Kvartsilamppu"
SAID = "Heliumpallo"
NAME = "Violeetta"
FILL = """async () => {
  const asked = (request, at) => new Promise((done, fail) => {
    request[at] = () => done(request.result)
    request.onerror = request.onabort = () => fail(request.error)
  })
  const open = indexedDB.open('filler', 1)
  open.onupgradeneeded = () => open.result.createObjectStore('bytes', { autoIncrement: true })
  const db = await asked(open, 'onsuccess')
  for (let size = 1048576; size >= 1024; size /= 2)
    for (;;) {
      const bytes = new Uint8Array(size)
      for (let at = 0; at < size; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536))
      const tx = db.transaction('bytes', 'readwrite', { durability: 'strict' })
      tx.objectStore('bytes').add(bytes)
      if (!(await asked(tx, 'oncomplete').then(() => true, () => false))) break
    }
  db.close()
}"""


def test_d15_d75_no_word_and_no_name_lies_open_in_the_profile(place) -> None:
    other = place.person("Jorma", "supervisor")
    aino = place.person(NAME, kept=True)
    aino.write_idea(f"{MARK} käytävään")
    aino.open_card(f"{MARK} käytävään")
    aino.comment(f"{SAID} auttaisi.")
    aino.everything_is_delivered()
    other.open_card(f"{MARK} käytävään")
    other.comment(f"{SAID}kin kävisi.")
    aino.sees(f"{SAID}kin kävisi.")
    aino.page.locator("summary", has_text="Historia").click()
    aino.sees(f"{NAME} kirjasi lapun")
    aino.begin_idea(f"{MARK} kesken")
    aino.keeps_a_draft()
    aino.close()

    found = [
        f"{path.relative_to(aino.profile)}: {word}"
        for path in aino.profile.rglob("*")
        if path.is_file() and not path.is_symlink()
        for word in (MARK, SAID, NAME)
        if is_in(word, path.read_bytes())
    ]
    assert found == []


def is_in(word: str, content: bytes) -> bool:
    return any(word.encode(code) in content for code in ("utf-8", "utf-16-le"))


def test_d01_names_of_databases_say_nothing_about_persons(place) -> None:
    device = place.person("Aino")
    device.write_idea("Lamppu käytävään")
    device.everything_is_delivered()
    device.visit("/mina")
    device.press("Kirjaudu ulos tältä laitteelta")
    device.page.get_by_role("alertdialog").get_by_role("button", name="Kirjaudu ulos", exact=True).click()
    device.page.wait_for_url(f"{device.url}/")
    device.join(place.code(), "Timo")
    device.everything_is_delivered()

    names = device.page.evaluate("indexedDB.databases().then((all) => all.map((one) => one.name))")

    assert [name for name in names if not re.fullmatch(r"v-device|v-p-[0-9a-f]{16}", name)] == []
    assert len([name for name in names if name.startswith("v-p-")]) == 2


def test_d15_d22_no_api_reply_lies_in_a_cache_and_no_storage_but_ours_is_used(place) -> None:
    aino = place.person("Aino")
    aino.write_idea("Lamppu käytävään")
    aino.everything_is_delivered()
    cached = aino.page.evaluate("""async () => {
      const all = []
      for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys()) all.push(new URL(request.url).pathname)
      return all
    }""")
    assert "/" in cached
    assert [path for path in cached if path.startswith("/api")] == []
    assert aino.page.evaluate("Object.keys(sessionStorage).length") == 0
    assert "Lamppu" not in aino.page.evaluate("JSON.stringify(localStorage) + document.title + location.href")


def test_d05_a_full_device_says_so_and_keeps_the_words_in_the_form(place) -> None:
    aino = place.device()
    # Before the first word is stored: Chromium remembers for half a minute how much room there is.
    cdp = aino.context.new_cdp_session(aino.page)
    cdp.send("Storage.overrideQuotaForOrigin", {"origin": aino.url, "quotaSize": 3_000_000})
    aino.join(place.code(), "Aino")
    aino.begin_idea("Lamppu käytävään. " + "Yöllä ei näe mitään. " * 45)
    aino.keeps_a_draft()
    aino.page.evaluate(FILL)
    aino.press("Tallenna idea")
    aino.sees("Laitteen muisti on täynnä.")
    expect(aino.field("Mitä ehdotat?")).to_have_value(re.compile("^Lamppu käytävään"))

    cdp.send("Storage.overrideQuotaForOrigin", {"origin": aino.url})
    aino.save_idea()
    aino.press("Valmis")
    aino.everything_is_delivered()
    aino.sees_on_board("Lamppu käytävään")
