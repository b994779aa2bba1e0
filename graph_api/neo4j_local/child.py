"""A guard with its Java, as their parent holds them."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from graph_api.neo4j_local.guard import DETACH, KILL_AFTER_SECONDS, SIGNALLED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from graph_api.neo4j_local.home import Home

GUARD: Final = Path(__file__).with_name("guard.py")
MARGIN_SECONDS: Final = 5.0


class Child:
    """A running guard; the open pipe to it is what keeps Java alive."""

    def __init__(self, guard: subprocess.Popen[bytes]) -> None:
        self._guard = guard
        self.java_pid = 0  # until the guard has told it; none when the guard could not start Java

    @classmethod
    def spawn(cls, command: Sequence[str], *, home: Home, environment: Mapping[str, str], lock: int) -> Child:
        """Start the guard in a session of its own, so that Ctrl-C reaches us alone and we end it in order.

        Whatever interrupts this, the pipe closes with it and the guard ends.
        """
        with home.console_log.open("wb") as console:
            guard = subprocess.Popen(  # noqa: S603 - the command is our own
                [sys.executable, "-I", "-S", str(GUARD), str(home.state_file), str(lock), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=console,
                env=environment,
                cwd=home.root,
                pass_fds=[lock],
                start_new_session=True,
            )
        child = cls(guard)
        try:
            with guard.stdout as told:  # type: ignore[union-attr] # a pipe, as asked for above
                line = told.readline()
            child.java_pid = int(line or 0)
        except BaseException:
            child.stop()
            raise
        return child

    @property
    def guard_pid(self) -> int:
        """The guard's own process id."""
        return self._guard.pid

    @property
    def running(self) -> bool:
        """Whether Java still runs; the guard ends right after it."""
        return self._guard.poll() is None

    @property
    def ending(self) -> str:
        """How Java ended, for people; call it only after that."""
        code = self._guard.poll() or 0
        if code > SIGNALLED:
            return f"by signal {code - SIGNALLED}, which the system may send when memory runs out"
        return f"exit code {code}"

    def detach(self) -> None:
        """Let it live on after us; from now on only a signal to the guard ends it."""
        self._guard.stdin.write(DETACH)  # type: ignore[union-attr] # a pipe, see spawn
        self._guard.stdin.close()  # type: ignore[union-attr] # flushes
        # It is not ours to wait for any more; this keeps Popen from warning about that.
        self._guard.returncode = 0

    def stop(self) -> None:
        """End Java in order, within a second as a rule, and wait for it; by force after 25 seconds."""
        with suppress(BrokenPipeError):  # the guard may have ended already
            self._guard.stdin.close()  # type: ignore[union-attr] # a pipe, see spawn
        try:
            self._guard.wait(KILL_AFTER_SECONDS + MARGIN_SECONDS)
        except subprocess.TimeoutExpired:
            self._guard.kill()
            self._guard.wait()
