"""One person's device in a browser that Playwright doesn't drive: the same verbs as `Device`, by script."""

import json
import time

from tests.e2e.drivers import Driver, Refusal

SOON_S = 60
# Reports of what the policy refused before this script ran are handed over as well.
WATCH = """
  globalThis.refused = []
  const refuse = (what) => globalThis.refused.push(what)
  addEventListener('error', (event) => refuse(event.message))
  addEventListener('unhandledrejection', (event) => refuse(String(event.reason)))
  addEventListener('securitypolicyviolation', (event) => refuse(`${event.violatedDirective} ${event.blockedURI}`))
  if ('ReportingObserver' in globalThis) {
    const tell = (reports) => reports.forEach((one) => refuse(JSON.stringify(one.body)))
    new ReportingObserver(tell, { types: ['csp-violation'], buffered: true }).observe()
  }
"""
FIND = """
  const top = [...document.querySelectorAll('dialog[open]')].at(-1) ?? document
  const shown = (one) => one.checkVisibility({ visibilityProperty: true })
  const called = (one) => (one.ariaLabel ?? one.textContent).trim()
  const pressable = (name) => [...top.querySelectorAll('button, a[href]')]
    .filter((one) => shown(one) && !one.disabled && called(one) === name).at(-1)
  const field = (name) => [...top.querySelectorAll('label')]
    .filter((one) => shown(one) && called(one) === name).at(-1)?.control
"""
PRESS = "const found = pressable(NAME); found?.click(); return found !== undefined"
FILL = """
  const found = field(NAME)
  if (!found) return false
  const whole = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(found), 'value')
  whole.set.call(found, WORDS)
  found.dispatchEvent(new Event('input', { bubbles: true }))
  return true
"""


class Elsewhere:
    """What a person does and sees in this browser at this address; whatever goes wrong meanwhile is in `faults`."""

    def __init__(self, driver: Driver, url: str) -> None:
        self.driver, self.url = driver, url
        self._faults: list[str] = []

    def visit(self, path: str) -> None:
        """Type an address; what went wrong on the page before counts no more."""
        self.driver.visit(self.url + path)
        self.driver.run(WATCH)

    def reload(self) -> None:
        """Load the page anew."""
        self._faults = self.faults()
        self.driver.reload()
        self.driver.run(WATCH)

    def faults(self) -> list[str]:
        """What scripts threw and what the policy refused, on all pages so far."""
        return [*self._faults, *self.driver.run("return globalThis.refused ?? []")]

    def until(self, script: str) -> None:
        """Wait until the script with FIND's words at hand gives true."""
        end = time.monotonic() + SOON_S
        while True:
            try:
                found = self.driver.run(FIND + script)
            except Refusal as refusal:  # the page may just go away under the question
                found, why = False, str(refusal)
            else:
                why = ""
            if found is True:
                return
            assert time.monotonic() < end, (
                f"{script}: {why} {self.driver.run('return document.body.innerText')}"
            )
            time.sleep(0.1)

    def press(self, name: str) -> None:
        """Press the topmost button or link of this name."""
        self.until(PRESS.replace("NAME", json.dumps(name)))

    def fill(self, label: str, words: str) -> None:
        """Write into a field."""
        self.until(FILL.replace("NAME", json.dumps(label)).replace("WORDS", json.dumps(words)))

    def holds(self, label: str, words: str) -> None:
        """The field holds these words."""
        self.until(f"return field({json.dumps(label)})?.value === {json.dumps(words)}")

    def sees(self, words: str) -> None:
        """The words are on the screen."""
        self.until(f"return document.body.innerText.includes({json.dumps(words)})")

    def sees_no(self, words: str) -> None:
        """The words are not, or no more, on the screen."""
        self.until(f"return !document.body.innerText.includes({json.dumps(words)})")

    def join(self, code: str, name: str) -> None:
        """Open an invitation's link, take it up, and wait until the worker is there."""
        self.visit(f"/liity#{code}")
        self.press("Suomi")
        self.fill("Etunimesi", name)
        self.press("Liity")
        self.until("pressable('Myöhemmin')?.click(); return pressable('Kaikki perillä') !== undefined")
        self.driver.run("await navigator.serviceWorker.ready")

    def write_idea(self, words: str) -> None:
        """Write an idea from beginning to end, and read that it is safe."""
        self.press("Kirjaa uusi")
        self.fill("Mitä ehdotat?", words)
        self.press("Tallenna idea")
        self.sees("Tallessa tässä laitteessa")
        self.press("Valmis")

    def everything_is_delivered(self) -> None:
        """What waits has arrived."""
        self.until("return pressable('Kaikki perillä') !== undefined")
