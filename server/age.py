"""Files in the age format, which any `age` tool opens (age-encryption.org), written and read as streams by pyrage.

pyrage reads from one stream and writes to another, so it works in a thread of its own, at the other end of a pipe.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import IO

HEAD = b"age-encryption.org/v1\n"
SECRET = "AGE-SECRET-KEY-1"  # how a private key begins
CHUNK = 1 << 20


class WrongKey(Exception):
    """The file is for another key, or its head was changed."""


class Damaged(Exception):
    """The file was cut or changed."""


def is_encrypted(path: Path) -> bool:
    """Whether a file begins as one of age."""
    with path.open("rb") as file:
        return file.read(len(HEAD)) == HEAD


def generate() -> str:
    """A new private key: one line."""
    from pyrage import x25519  # needed by commands alone

    return str(x25519.Identity.generate())


def public_of(secret: str) -> str:
    """The public half of a private key; ValueError where it is none."""
    from pyrage import IdentityError, x25519

    try:
        return str(x25519.Identity.from_str(secret).to_public())
    except IdentityError as error:
        raise ValueError(str(error)) from None


@contextmanager
def encrypting(target: IO[bytes], public: str) -> Iterator[IO[bytes]]:
    """What is written in the block goes into `target` encrypted, all of it when the block ends. Raises OSError."""
    import pyrage

    out, into = os.pipe()

    def work() -> None:
        with os.fdopen(out, "rb", CHUNK) as plain:
            try:
                pyrage.encrypt_io(plain, target, [pyrage.x25519.Recipient.from_str(public)])
            except pyrage.EncryptError as error:
                raise OSError(str(error)) from None

    with _beside(work), os.fdopen(into, "wb", CHUNK) as plain:
        yield plain


@contextmanager
def decrypting(source: IO[bytes], secret: str) -> Iterator[IO[bytes]]:
    """What `source` says in the clear, piece by piece, each one checked. Raises WrongKey, Damaged when the block ends.

    Only who reads to the end knows that nothing is missing.
    """
    import pyrage

    out, into = os.pipe()

    def work() -> None:
        with os.fdopen(into, "wb", CHUNK) as plain:
            try:
                pyrage.decrypt_io(source, plain, [pyrage.x25519.Identity.from_str(secret)])
            except pyrage.DecryptError as error:
                raise WrongKey(str(error)) from None
            except OSError as error:
                if error.errno is None:  # said by pyrage, not by the disk
                    raise Damaged(str(error)) from None
                raise

    with _beside(work), os.fdopen(out, "rb", CHUNK) as plain:
        yield plain


@contextmanager
def _beside(work: Callable[[], None]) -> Iterator[None]:
    """Run it in a thread during the block; what fails there comes before what that leads to here."""
    failed: list[Exception] = []

    def run() -> None:
        try:
            work()
        except BrokenPipeError:  # the block has given up: it says why
            pass
        except Exception as error:  # told by the block's thread
            failed.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()
        if failed:
            raise failed[0]
