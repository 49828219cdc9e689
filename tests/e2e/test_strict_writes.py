"""What is said to be safe is on the disk: the system's own sync calls, counted from outside the browser."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import expect

from tests.e2e.device import Device
from tests.e2e.test_crash import is_of

SAVES = 40
WAIT_S = 20
RELAXED = """(() => {
  const real = IDBDatabase.prototype.transaction
  IDBDatabase.prototype.transaction = function (stores, mode) {
    return real.call(this, stores, mode, { durability: 'relaxed' })
  }
})()"""


@contextmanager
def counting_syncs(device: Device, log: Path) -> Iterator[Callable[[], int]]:
    """While it lasts every process of the browser is looked at; the call says how many syncs they made."""
    mine = [p for p in psutil.process_iter(["cmdline"]) if is_of(p, f"--user-data-dir={device.profile}")]
    family = {child for process in mine for child in process.children(recursive=True)} | set(mine)
    named = [part for process in family for part in ("-p", str(process.pid))]
    tracer = subprocess.Popen(["strace", "-f", "-y", "-qq", "-e", "trace=fsync,fdatasync", "-o", log, *named])
    try:
        until_traced([process.pid for process in mine])
        yield lambda: sum("IndexedDB" in line for line in log.read_text().splitlines())
    finally:
        tracer.send_signal(signal.SIGINT)
        tracer.wait(timeout=WAIT_S)


def until_traced(pids: list[int]) -> None:
    """Wait until somebody looks at these processes."""
    end = time.monotonic() + WAIT_S
    while any("TracerPid:\t0\n" in Path(f"/proc/{pid}/status").read_text() for pid in pids):
        assert time.monotonic() < end, "strace can't look at the browser"
        time.sleep(0.05)


@pytest.fixture
def aino(place) -> Device:
    """Somebody whose profile lies on a disk, before a card of a colleague's, without a network."""
    jorma, aino = place.person("Jorma", "supervisor"), place.person("Aino", kept=True)
    jorma.write_idea("Kello seinälle")
    aino.open_card("Kello seinälle")
    aino.everything_is_delivered()
    aino.offline()
    return aino


def save_often(device: Device) -> None:
    """Give a mark and take it back, each time until the screen says that it is kept."""
    mark = device.page.get_by_role("region", name="Reaktiot").get_by_role("button", name="Meilläkin")
    for number in range(SAVES):
        mark.click()
        expect(mark).to_have_attribute("aria-pressed", "false" if number % 2 else "true")


def test_d04_every_save_syncs_the_disk_before_it_shows(aino, tmp_path) -> None:
    with counting_syncs(aino, tmp_path / "syncs") as count:
        save_often(aino)
    assert count() >= SAVES


def test_saves_that_are_not_strict_would_be_found(aino, tmp_path) -> None:
    aino.context.add_init_script(RELAXED)
    aino.page.reload()
    expect(aino.page.get_by_role("heading", name="Kello seinälle", level=1)).to_be_visible()
    with counting_syncs(aino, tmp_path / "syncs") as count:
        save_often(aino)
    assert count() < SAVES / 2
