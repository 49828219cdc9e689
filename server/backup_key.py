"""The key that opens the backups: `backup.key` in the data folder and in no backup, so its people keep a copy (D-49).

The file is as `age-keygen` writes it. Beside it lies the public half of the key that somebody keeps a copy of.
"""

import os
from pathlib import Path

from server import age
from server.refusals import Stop

FILE = "backup.key"
KEPT = "backup.key-kept"


def ready(data: Path) -> str:
    """The public half of the key, which is made where there is none. Raises Stop where one was lost."""
    file = data / FILE
    if not file.exists():
        if (data / KEPT).exists():
            raise Stop(
                f"{file} is gone: put it back from the copy that is kept ({data / KEPT} names its public half)."
            )
        _make(file)
    return age.public_of(read(file))


def read(file: Path) -> str:
    """The private key in a file, which may have other lines too. Raises Stop."""
    try:
        lines = [line.strip() for line in file.read_text().splitlines()]
    except FileNotFoundError:
        raise Stop(f"There is no key {file}: name the copy that is kept with --key FILE.") from None
    except UnicodeDecodeError:
        lines = []
    found = next((line for line in lines if line.startswith(age.SECRET)), "")
    try:
        age.public_of(found)
    except ValueError:
        raise Stop(f"{file} has no key of backups: a line that begins with {age.SECRET}, whole.") from None
    return found


def write(file: Path, secret: str) -> None:
    """Write a key into a new file, for its owner alone and on the disk."""
    text = f"# Opens the backups of Virtaamo.\n# public key: {age.public_of(secret)}\n{secret}\n"
    _write(file, text)


def is_kept(data: Path) -> bool:
    """Whether somebody has said that a copy of this very key lies elsewhere."""
    try:
        return (data / KEPT).read_text().strip() == age.public_of(read(data / FILE))
    except (OSError, Stop):
        return False


def note_kept(data: Path) -> None:
    """Somebody says so."""
    part = data / f"{KEPT}.{os.getpid()}"
    _write(part, ready(data) + "\n")
    part.replace(data / KEPT)


def _make(file: Path) -> None:
    part = file.with_name(f"{FILE}.{os.getpid()}")
    write(part, age.generate())
    try:
        os.link(part, file)
    except FileExistsError:  # another process was faster
        pass
    except OSError:  # a file system without links
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _write(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
