"""Two processes against one: clients that are shared out between two servers of ours over one database.

Where wrk is installed it repeats the one question: `load.py` would take half of a core from the servers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from benchmarks import wrk
from benchmarks.contestants import OURS, variant
from benchmarks.deck import Mode
from benchmarks.experiments import Run
from benchmarks.load import Task
from benchmarks.measure import Sample

SECOND: Final = variant("second", "ours, a second process", {})
CLIENTS: Final = 16


def workers(run: Run) -> None:
    """Rows for one process and for two."""
    run.arena().check((OURS, SECOND), ["page"])
    for mode in ("varied", "repeated"):
        for who in (OURS, SECOND):  # both are warm before either is measured
            run.arena().window(who, "page", mode, clients=CLIENTS, seconds=run.seconds)
        turns = [("ours", _turn(run, mode, 1)), ("two", _turn(run, mode, 2))]
        run.interleave("workers", mode, CLIENTS, turns)


def _turn(run: Run, mode: Mode, processes: int) -> Callable[[], Sample]:
    def measure() -> Sample:
        arena = run.arena()
        stand = arena.stand(OURS)
        ports = [stand.server.port, arena.stand(SECOND).server.port][:processes]
        supply = arena.requests(OURS, "page", mode)
        if mode == "repeated" and wrk.is_there():
            return wrk.window(stand, ports, next(supply), clients=CLIENTS, seconds=run.seconds)
        requests = [next(supply)] if mode == "repeated" else stand.enough("workers", supply, run.seconds)
        repeat = mode == "repeated"
        task = Task(ports=ports, requests=requests, clients=CLIENTS, seconds=run.seconds, repeat=repeat)
        return stand.run(task)[0]

    return measure
