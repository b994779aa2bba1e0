"""The guard with a stand-in for Java: in whatever way we end, so does the child."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from graph_api.neo4j_local import guard
from graph_api.neo4j_local.process import Process

from .conftest import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

OBEDIENT = ("sleep", "60")
STUBBORN = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)")
# Loaded by path and with a short patience, as the real one is started by path.
PROGRAM = f"""
import runpy, sys
guard = runpy.run_path({guard.__file__!r})
guard["main"].__globals__["KILL_AFTER_SECONDS"] = 0.3
sys.exit(guard["main"](*sys.argv[1:]))
"""


class Guarded:
    """A guard, the pipe to it and its child."""

    def __init__(self, folder: Path, command: tuple[str, ...]) -> None:
        self.state = folder / "state.json"
        self.state.write_text("{}")
        lock = os.open(folder / "lock", os.O_CREAT | os.O_RDWR)
        self.popen = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(self.state), str(lock), *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=[lock],
        )
        os.close(lock)
        assert self.popen.stdin
        assert self.popen.stdout
        self.pipe = self.popen.stdin
        with self.popen.stdout as told:
            self.child = Process.named(int(told.readline()))
        assert self.child.alive


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Guarded]]:
    begun: list[Guarded] = []

    def start(*command: str) -> Guarded:
        begun.append(Guarded(tmp_path, command or OBEDIENT))
        return begun[-1]

    yield start
    for guarded in begun:
        guarded.pipe.close()
        guarded.child.signal(signal.SIGKILL)
        guarded.popen.wait(5)


def test_the_end_of_the_pipe_ends_the_child_and_the_state_file(start: Callable[..., Guarded]) -> None:
    guarded = start()
    guarded.pipe.close()
    assert guarded.popen.wait(5) == guard.SIGNALLED + signal.SIGTERM
    assert not guarded.child.alive
    assert not guarded.state.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_guard_ends_the_child(start: Callable[..., Guarded], number: int) -> None:
    guarded = start()
    guarded.popen.send_signal(number)
    guarded.popen.wait(5)
    assert not guarded.child.alive


def test_a_child_that_ignores_the_request_is_killed(start: Callable[..., Guarded]) -> None:
    guarded = start(*STUBBORN)
    time.sleep(0.3)  # until it ignores the signal
    guarded.pipe.close()
    assert guarded.popen.wait(5) == guard.SIGNALLED + signal.SIGKILL
    assert not guarded.child.alive


def test_a_detached_child_outlives_the_pipe_until_a_signal(start: Callable[..., Guarded]) -> None:
    guarded = start()
    guarded.pipe.write(guard.DETACH)
    guarded.pipe.close()
    with pytest.raises(subprocess.TimeoutExpired):
        guarded.popen.wait(1.5)
    assert guarded.child.alive
    guarded.popen.terminate()
    guarded.popen.wait(5)
    assert not guarded.child.alive


def test_the_guard_tells_how_the_child_ended_by_itself(start: Callable[..., Guarded]) -> None:
    guarded = start(sys.executable, "-c", "import time; time.sleep(0.5); raise SystemExit(7)")
    assert guarded.popen.wait(5) == 7


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_the_death_of_the_guard_ends_the_child(start: Callable[..., Guarded]) -> None:
    guarded = start()
    guarded.popen.kill()
    assert eventually(lambda: not guarded.child.alive, seconds=5)
