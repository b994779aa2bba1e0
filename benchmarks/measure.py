"""Rounds of measured windows, everybody in turn, and what is kept of each."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, Final, Self

from benchmarks.contestants import Contestant
from benchmarks.load import Task
from benchmarks.processes import Server, Usage

LOAD: Final = Path(__file__).parent / "load.py"
FIRST_RATE: Final = 2000.0
"""Requests a second for which the first window of a cell is supplied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One window: requests a second, milliseconds, and seconds of CPU for 1,000 requests by process."""

    requests: int
    rate: float
    p50: float
    p99: float
    worst: float
    server_cpu: float
    database_cpu: float
    load_cpu: float
    memory: int
    bytes: int

    @classmethod
    def of(cls, outcome: dict[str, Any], times: list[float], used: tuple[float, float], memory: int) -> Self:
        """From what the load tells; `used` are seconds of CPU of server and database, for all kinds."""
        every = sum(map(len, outcome["times"].values()))
        ordered, thousands = sorted(times), every / 1000
        return cls(
            requests=len(times),
            rate=len(times) / outcome["seconds"],
            p50=median(ordered),
            p99=ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))],
            worst=ordered[-1],
            server_cpu=used[0] / thousands,
            database_cpu=used[1] / thousands,
            load_cpu=outcome["cpu"] / thousands,
            memory=memory,
            bytes=outcome["received"] // every,
        )


def send(task: Task) -> dict[str, Any]:
    """Let another process do the task. Raises RuntimeError with the first answer that was not right."""
    done = subprocess.run(
        [sys.executable, str(LOAD)], input=pickle.dumps(task), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"The load failed: {done.stderr.decode().strip().splitlines()[-1]}")
    outcome: dict[str, Any] = json.loads(done.stdout)
    return outcome


class Stand:
    """One contestant while it is measured: its server, and the database beneath."""

    def __init__(self, contestant: Contestant, server: Server, database_pid: int) -> None:
        self.contestant, self.server = contestant, server
        self._database_pid = database_pid
        self._rates: dict[object, float] = {}

    def window(
        self, cell: object, supply: Iterator[bytes], *, clients: int, seconds: float, repeat: bool
    ) -> Sample:
        """Measure once. `cell` tells which former windows say how many requests will be needed."""
        requests = [next(supply)] if repeat else self.enough(cell, supply, seconds)
        ports = [self.server.port]
        task = Task(ports=ports, requests=requests, clients=clients, seconds=seconds, repeat=repeat)
        sample = self.run(task)[0]
        self._rates[cell] = sample.rate
        return sample

    def enough(self, cell: object, supply: Iterator[bytes], seconds: float) -> list[bytes]:
        """As many requests as the last window of the cell lets expect, and half more."""
        return list(islice(supply, 50 + int(1.5 * self._rates.get(cell, FIRST_RATE) * seconds)))

    def run(self, task: Task) -> dict[int, Sample]:
        """Do a task, and measure what it takes: a sample for each kind of request."""
        before, outcome, after = self.usage(), send(task), self.usage()
        used = (after[0].cpu - before[0].cpu, after[1].cpu - before[1].cpu)
        return {
            int(kind): Sample.of(outcome, times, used, after[0].memory)
            for kind, times in outcome["times"].items()
        }

    def usage(self) -> tuple[Usage, Usage]:
        """What the server and the database have used so far."""
        return self.server.usage(), Usage.of(self._database_pid)


def middle(samples: Sequence[Sample], name: str) -> float:
    """The median of a figure over the rounds."""
    return float(median(getattr(sample, name) for sample in samples))
