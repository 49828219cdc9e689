"""Record today's bytes of the protocol, once for each version: python -m tests.faults.record

What a device sends, hears and stores lands in tests/fixtures/protocol/<version> and stays there: a server and a client
of any later day have to take it (P9). A version that has been recorded is not recorded again.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from sync import PROTOCOL
from tests.conftest import ROOT, Server, join_with
from tests.faults.devices import bundle

FIXTURES = ROOT / "tests" / "fixtures" / "protocol"


def record(folder: Path) -> None:
    """Make the fixtures in a new folder."""
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        server = Server(place / "data")
        server.cli("init")
        server.start()
        try:
            server.add_team()
            client = join_with(server, server.invite(), "Aino")
            program = bundle(Path(__file__).parent / "record.ts", place / "record.mjs")
            told = [server.url, server.url, client.auth.cookie, json.dumps(client.me), str(folder)]
            subprocess.run(["node", str(program), *told], check=True, timeout=120)
            (folder / "me.json").write_text(json.dumps(client.me, indent=1, ensure_ascii=False) + "\n")
        finally:
            server.close()


if __name__ == "__main__":
    target = FIXTURES / str(PROTOCOL)
    if target.exists():
        sys.exit(f"Version {PROTOCOL} has been recorded, and its bytes are kept as they were.")
    record(target)
    print(f"{len(list(target.iterdir()))} files in {target.relative_to(ROOT)}")
