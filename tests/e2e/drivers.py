"""Debian's Firefox by WebDriver BiDi and WebKitGTK by WebDriver: each opens pages and runs scripts in them."""

import json
import os
import re
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import httpx
from websockets.sync.client import connect

from tests.e2e.proxies import free_port

FIREFOX = os.environ.get("FIREFOX", "firefox-esr")
WEBKIT = os.environ.get("WEBKIT", "WebKitWebDriver")
XVFB = os.environ.get("XVFB", "Xvfb")
START_S = 120
LARGEST = 1 << 24


class Refusal(Exception):
    """What a browser, or a script in it, said against it."""


class Driver(Protocol):
    """A browser that believes every certificate. It has a window from `begin` on."""

    def begin(self) -> None:
        """A new window on a new profile, in the place of the one before."""

    def visit(self, url: str) -> None:
        """Open a page and wait for it."""

    def reload(self) -> None:
        """Load the page anew and wait for it."""

    def run(self, script: str) -> object:
        """What the async function with this body gives, as JSON has it; Refusal when it throws."""

    def close(self) -> None:
        """End the browser."""


def promised(script: str) -> str:
    """An expression whose promise never rejects: JSON of [value] or [null, what was thrown]."""
    return (
        f"(async () => {{ {script} }})()"
        ".then((value) => [value ?? null], (fault) => [null, String(fault)]).then(JSON.stringify)"
    )


def told(answer: str) -> object:
    """The value that `promised` wrote; Refusal for what was thrown."""
    value, *fault = json.loads(answer)
    if fault:
        raise Refusal(fault[0])
    return value


class Firefox:
    """Firefox without a window, by its own BiDi server: Debian has no geckodriver."""

    def __init__(self, folder: Path) -> None:
        profile = folder / "firefox"
        profile.mkdir()
        log = folder / "firefox.log"
        command = [FIREFOX, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"]
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                env={**os.environ, "HOME": str(folder)},
                stdout=out,
                stderr=out,
            )
        address = f"{_told_address(log, self._process)}/session"
        self._open = ExitStack()
        self._line = self._open.enter_context(connect(address, max_size=LARGEST, proxy=None))
        self._asked = 0
        self._ask("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self._profile = ""

    def begin(self) -> None:
        """A new window on a new profile."""
        if self._profile:
            self._ask("browser.removeUserContext", userContext=self._profile)
        self._profile = self._ask("browser.createUserContext")["userContext"]
        made = self._ask("browsingContext.create", type="window", userContext=self._profile)
        self._window = made["context"]

    def visit(self, url: str) -> None:
        """Open a page and wait for it."""
        self._ask("browsingContext.navigate", context=self._window, url=url, wait="complete")

    def reload(self) -> None:
        """Load the page anew and wait for it."""
        self._ask("browsingContext.reload", context=self._window, wait="complete")

    def run(self, script: str) -> object:
        """What the async function with this body gives."""
        done = self._ask(
            "script.evaluate",
            expression=promised(script),
            target={"context": self._window},
            awaitPromise=True,
        )
        if done["type"] != "success":
            raise Refusal(done["exceptionDetails"]["text"])
        return told(done["result"]["value"])

    def close(self) -> None:
        """End the browser."""
        self._open.close()
        self._process.terminate()
        self._process.wait(timeout=START_S)

    def _ask(self, method: str, **params: object) -> dict:
        self._asked += 1
        self._line.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while (heard := json.loads(self._line.recv(timeout=START_S))).get("id") != self._asked:
            pass  # an event
        if heard["type"] == "error":
            raise Refusal(f"{method}: {heard['error']}: {heard['message']}")
        return heard["result"]


def _told_address(log: Path, process: subprocess.Popen[bytes]) -> str:
    end = time.monotonic() + START_S
    while not (found := re.search(r"BiDi listening on (ws://\S+)", log.read_text(errors="replace"))):
        assert process.poll() is None, log.read_text(errors="replace")
        assert time.monotonic() < end, log.read_text(errors="replace")
        time.sleep(0.05)
    return found[1]


class WebKit:
    """WebKitGTK's own small browser on a screen that nobody sees."""

    def __init__(self, folder: Path) -> None:
        log = (folder / "webkit.log").open("wb")
        # Without -noreset it begins anew, and turns browsers away meanwhile, whenever the last window is shut.
        self._screen = subprocess.Popen(
            [XVFB, "-noreset", "-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert self._screen.stdout is not None
        display = f":{self._screen.stdout.readline().strip()}"
        port = free_port()
        environ = {**os.environ, "HOME": str(folder), "DISPLAY": display, "LIBGL_ALWAYS_SOFTWARE": "1"}
        self._process = subprocess.Popen([WEBKIT, f"--port={port}"], env=environ, stdout=log, stderr=log)
        log.close()
        self._line = httpx.Client(
            base_url=f"http://127.0.0.1:{port}",
            timeout=START_S,
            trust_env=False,
            transport=httpx.HTTPTransport(retries=8),
        )
        self._session = ""

    def begin(self) -> None:
        """A new window on a new profile: a session has its own."""
        self._end()
        began = self._ask("/session", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
        self._session = f"/session/{began['sessionId']}"
        self._ask("/timeouts", script=START_S * 1000, pageLoad=START_S * 1000)

    def visit(self, url: str) -> None:
        """Open a page and wait for it."""
        self._ask("/url", url=url)

    def reload(self) -> None:
        """Load the page anew and wait for it."""
        self._ask("/refresh")

    def run(self, script: str) -> object:
        """What the async function with this body gives."""
        body = f"{promised(script)}.then(arguments[arguments.length - 1])"
        return told(self._ask("/execute/async", script=body, args=[]))

    def close(self) -> None:
        """End the browser and its screen."""
        self._end()
        self._line.close()
        for process in (self._process, self._screen):
            process.terminate()
            process.wait(timeout=START_S)
        if self._screen.stdout is not None:
            self._screen.stdout.close()

    def _end(self) -> None:
        if self._session:
            self._line.delete(self._session)
        self._session = ""

    def _ask(self, path: str, **params: object):
        heard = self._line.post(self._session + path, json=params).json()["value"]
        if isinstance(heard, dict) and "error" in heard:
            raise Refusal(f"{path}: {heard['error']}: {heard['message']}")
        return heard


DRIVERS = {"firefox": Firefox, "webkit": WebKit}
