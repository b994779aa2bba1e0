"""A small process between us and Java: whatever becomes of us, Java is asked to end, and does end.

    python guard.py STATE_FILE LOCK_DESCRIPTOR JAVA ARGUMENT...

Standard input is a pipe from the parent. Its end, the parent's death, SIGTERM and SIGINT all make the
guard send SIGTERM to Java, and SIGKILL after 20 seconds. The byte `d` on the pipe detaches: from then on
only a signal ends it. The guard's own death is covered by the kernel where it can be (Linux).

It runs as a file and imports nothing but the standard library, so that it starts in 20 ms and stays small.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

KILL_AFTER_SECONDS: Final = 20.0
LOOK_SECONDS: Final = 1.0
DETACH: Final = b"d"
STDIN: Final = 0
SIGNALLED: Final = 128  # plus the signal's number, as shells tell it
PR_SET_PDEATHSIG: Final = 1


class Guard:
    """Watches one Java process until it has ended."""

    def __init__(self, java: subprocess.Popen[bytes], parent: int, wake: int) -> None:
        self._java = java
        self._parent = parent
        self._wake = wake
        self._sources = [STDIN, wake]
        self._detached = False
        self._kill_at: float | None = None

    def watch(self) -> int:
        """Return Java's exit code once it has ended, by itself or because it had to."""
        while self._java.poll() is None:
            for source in select.select(self._sources, [], [], LOOK_SECONDS)[0]:
                self._read(source)
            # A forked relative of the parent may hold its end of the pipe open for longer than it lives.
            if not self._detached and os.getppid() != self._parent:
                self._end()
            if self._kill_at is not None and time.monotonic() > self._kill_at:
                self._java.kill()
        return self._java.returncode

    def _read(self, source: int) -> None:
        received = os.read(source, 16)
        if source == self._wake:
            if not {signal.SIGTERM, signal.SIGINT}.isdisjoint(received):
                self._end()
        elif DETACH in received:
            self._detached = True
        elif not received:
            self._sources.remove(STDIN)
            if not self._detached:
                self._end()

    def _end(self) -> None:
        if self._kill_at is None:
            self._kill_at = time.monotonic() + KILL_AFTER_SECONDS
            self._java.terminate()


def wake_on_signals() -> int:
    """Return a descriptor that carries the number of every signal that matters here."""
    wake, write = os.pipe()
    os.set_blocking(write, False)
    signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    return wake


def ending_with_its_parent() -> Callable[[], None] | None:
    """Return what a child runs before its program, so that the kernel ends it with its parent."""
    if sys.platform != "linux":
        return None
    libc, guard = ctypes.CDLL(None), os.getpid()

    def ask_the_kernel() -> None:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != guard:
            os.kill(os.getpid(), signal.SIGTERM)

    return ask_the_kernel


def main(state_file: str, lock: str, *command: str) -> int:
    """Start Java, tell its process id on standard output, watch it; return its exit code as shells do."""
    parent, wake = os.getppid(), wake_on_signals()
    java = subprocess.Popen(  # noqa: S603 - the command is our own
        command,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        preexec_fn=ending_with_its_parent(),  # noqa: PLW1509 - the guard has one thread
        pass_fds=[int(lock)],  # so that the home stays locked until Java has ended, whoever died before
    )
    os.write(1, b"%d\n" % java.pid)
    code = Guard(java, parent, wake).watch()
    Path(state_file).unlink(missing_ok=True)
    return code if code >= 0 else SIGNALLED - code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
