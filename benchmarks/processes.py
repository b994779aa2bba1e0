"""Server processes: started, waited for, ended, and what they use of CPU and memory, read from /proc."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

TICKS: Final = os.sysconf("SC_CLK_TCK")
PAGE: Final = os.sysconf("SC_PAGE_SIZE")
START_SECONDS: Final = 60.0
END_SECONDS: Final = 15.0


def free_port() -> int:
    """A port of the loopback interface that nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True)
class Usage:
    """Seconds of CPU and bytes of memory of a process and its children; `peak` only of the process itself."""

    cpu: float
    memory: int
    peak: int

    @classmethod
    def of(cls, pid: int) -> Usage:
        """What a process that runs has used so far."""
        tree = _tree(pid)
        return cls(sum(map(_cpu, tree)), sum(map(_memory, tree)), _peak(pid))


def _tree(pid: int) -> list[int]:
    found = [pid]
    for parent in found:  # grows while it is walked
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, task.read_text().split())
    return found


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _memory(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


def _peak(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def _follow() -> list[str]:
    """What makes a process end with this one, also when this one is killed; where util-linux can do it."""
    return ["setpriv", "--pdeathsig", "TERM"] if shutil.which("setpriv") else []


class Server:
    """A server of its own process, which ends with the `with` block; its output goes to a log file."""

    def __init__(
        self, command: Sequence[str], *, port: int, log: Path, environment: Mapping[str, str]
    ) -> None:
        self.port = port
        self._command, self._log, self._environment = list(command), log, environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its process, while it runs."""
        if self._process is None:
            raise RuntimeError("It does not run.")
        return self._process.pid

    def usage(self) -> Usage:
        """What it has used so far."""
        return Usage.of(self.pid)

    def __enter__(self) -> Self:
        self._log.parent.mkdir(parents=True, exist_ok=True)
        command, environment = [*_follow(), *self._command], dict(self._environment)
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _wait(self) -> None:
        """Until it takes connections. Raises RuntimeError when it ends or takes too long."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is not None and self._process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError(f"{self._command[0]} did not start:\n{self._log.read_text()[-2000:]}")
