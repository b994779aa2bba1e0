"""Files that are never half written, locks that die with their holder, and errors of the disk in words."""

from __future__ import annotations

import errno
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE: Final = 0o600
FULL: Final = {errno.ENOSPC, errno.EDQUOT}


def write_whole(path: Path, text: str) -> None:
    """Replace `path` by `text`, readable by its owner alone; another reader sees the old or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE), "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def try_lock(path: Path) -> int | None:
    """Lock `path` for this process and whoever inherits the descriptor; None when somebody else has it.

    The kernel frees the lock when the last holder has closed it or died, so none is ever stale. The
    file's content is the process id of the one who took it.
    """
    import fcntl  # not at the top: Windows has none, and is to be told so in a sentence

    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, PRIVATE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode(), 0)
    return descriptor


def lock_holder(path: Path) -> int | None:
    """The process id written into a lock, if one is."""
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


@contextmanager
def in_words(place: Path) -> Iterator[None]:
    """Turn an error of the operating system into one sentence about `place`.

    Raises LocalDatabaseError for every OSError of the body.
    """
    try:
        yield
    except OSError as error:
        raise LocalDatabaseError(sentence_for(error, place)) from error


def sentence_for(error: OSError, place: Path) -> str:
    """What a person can do about an error of the operating system."""
    if error.errno in FULL:
        return f"The disk that holds {place} is full; free some space there and start again."
    if isinstance(error, PermissionError):
        return f"{error.filename or place} may not be written; change its owner or choose another folder."
    return f"The local database cannot use {error.filename or place}: {error.strerror or error}."
