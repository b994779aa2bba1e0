"""Processes that cannot be mistaken for a later one of the same number."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STATE, STARTED = 0, 19  # fields of /proc/PID/stat, counted after the command in parentheses


@dataclass(frozen=True, slots=True)
class Process:
    """A process id and the moment that process began, in whatever unit the system tells it."""

    pid: int
    began: str

    @classmethod
    def named(cls, pid: int) -> Process:
        """Return the process with this id, or, when there is none, one that is not alive."""
        return cls.of(pid) or cls(pid, "")

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """Return the process that has this id now; None when there is none, or only its exit code."""
        began = _began_linux(pid) if sys.platform == "linux" else _began_elsewhere(pid)
        return cls(pid, began) if began else None

    @property
    def alive(self) -> bool:
        """Whether this very process still runs."""
        return Process.of(self.pid) == self

    def signal(self, number: int) -> None:
        """Send a signal, unless the process has ended; raises PermissionError when it is another user's."""
        if self.alive:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    @property
    def memory(self) -> int | None:
        """Resident bytes; None where the system does not tell."""
        try:
            status = Path(f"/proc/{self.pid}/status").read_text()
        except OSError:
            return None
        rows = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        return int(rows["VmRSS"].split()[0]) * 1024 if "VmRSS" in rows else None


def _began_linux(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[STATE] == "Z" else fields[STARTED]


def _began_elsewhere(pid: int) -> str | None:
    command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
    told = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own
    state, _, began = told.strip().partition(" ")
    return None if state.startswith("Z") else began.strip() or None
