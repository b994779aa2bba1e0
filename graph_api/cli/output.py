"""Where bytes go: standard output, or a file that is never half written."""

from __future__ import annotations

import errno
import os
import sys
from contextlib import suppress
from pathlib import Path

from graph_api.errors import BadInput


def write(data: bytes, path: Path | None) -> None:
    """Write to a file, or to standard output when there is none; raises BadInput when that cannot be."""
    try:
        if path is None:
            _to_output(data)
        elif path.exists() and not path.is_file():
            path.write_bytes(data)  # a device or a pipe, which another file must not take the place of
        else:
            write_whole(path.resolve(), data)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise  # who reads has seen enough: the process ends without a word
        where = path or "Standard output"
        raise BadInput(f"{where} cannot be written: {error.strerror or error}.") from None


def write_whole(path: Path, data: bytes) -> None:
    """Replace a file, or leave it as it is when anything goes wrong; who reads sees the old or the new."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            draft.chmod(path.stat().st_mode & 0o7777)
        draft.replace(path)
    finally:
        with suppress(OSError):  # the error that led here tells more
            draft.unlink(missing_ok=True)


def _to_output(data: bytes) -> None:
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except OSError:
        # What is left in the buffer would fail once more when the interpreter ends, with a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
