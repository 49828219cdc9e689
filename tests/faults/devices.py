"""The real engine in Node, driven from a test; and the wires that it is given."""

import json
import os
import subprocess
from pathlib import Path

import httpx

from tests.conftest import ROOT, Server, join_with

ESBUILD = ROOT / "web" / "node_modules" / ".bin" / "esbuild"
REQUIRE = "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)"


def bundle(source: Path, to: Path) -> Path:
    """A TypeScript module and all that it needs, as one file that Node runs."""
    options = ["--bundle", "--platform=node", "--format=esm", "--target=node20", "--log-level=warning"]
    command = [str(ESBUILD), str(source), *options, f"--banner:js={REQUIRE}", f"--outfile={to}"]
    env = {**os.environ, "NODE_PATH": str(ROOT / "web" / "node_modules")}
    subprocess.run(command, check=True, env=env, timeout=60)
    return to


class Engines:
    """A Node process with some devices in it. `ask` sends one command and gives its answer."""

    def __init__(self, program: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, **command: object) -> dict:
        """One command, one answer; what went wrong in the engine fails the test."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(json.dumps(command) + "\n")
        stdin.flush()
        answer = json.loads(stdout.readline())
        assert "fault" not in answer, answer["fault"]
        return answer

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


class Device:
    """A person's device in Node, behind a wire."""

    def __init__(
        self, engines: Engines, server: Server, name: str, url: str, disk: Path | None = None
    ) -> None:
        self.client: httpx.Client = join_with(server, server.invite(), name)
        me = self.client.me
        self.engines, self.name = engines, name.lower()
        self.space = next(space for space, _, kind, _ in me["grants"] if kind == "team")
        self.saved: list[str] = []
        opened = engines.ask(
            do="open",
            url=url,
            origin=server.url,
            cookie=self.client.auth.cookie,
            person=me["person"],
            grants=me["grants"],
            **({} if disk is None else {"disk": str(disk)}),
        )
        self.number = opened["device"]

    def ask(self, command: str, **given: object) -> dict:
        """A command to this device."""
        return self.engines.ask(do=command, device=self.number, space=self.space, **given)

    def write(self, card: str | None = None, words: int = 4) -> str:
        """Save an idea of new words, or put them at the end of a card; gives its id."""
        fresh = [f"{self.name}{len(self.saved)}x{n}" for n in range(words)]
        self.saved += fresh
        given = {"card": card} if card else {"title": fresh[0]}
        return self.ask("write", text=" ".join(fresh), **given)["card"]

    def state(self) -> dict:
        """What it shows and what waits."""
        return self.ask("state")
