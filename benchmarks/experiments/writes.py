"""(g): reads of pages while one content write is made every second: is any read held up by it?

The write is made through the process that is read from, and through another one. The slowest read of a
window is a single one, whatever held it up, so there are more windows than elsewhere, and as many without a
write: what the machine does to reads is in both.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from benchmarks.contestants import APOLLO, OURS, UNCACHED, Contestant
from benchmarks.experiments import Run
from benchmarks.load import Task
from benchmarks.measure import Sample
from benchmarks.results import Row
from benchmarks.writing import content_writes, warm_writes

CLIENTS: Final = 4
MORE: Final = 2
"""So many windows for each of the others."""
BESIDE: Final = 9
"""The kind that the load gives to what is sent beside."""


def writes(run: Run) -> None:
    """Rows without a write, with one a second, and of those writes themselves."""
    cases: list[tuple[Contestant, Contestant | None, str]] = [
        (OURS, None, "no writes"),
        (OURS, OURS, "writes by itself"),
        (OURS, UNCACHED, "writes by another"),
        (APOLLO, None, "no writes"),
        (APOLLO, APOLLO, "writes by itself"),
    ]
    turns = [(who, mode, _turn(run, who, writer)) for who, writer, mode in cases]
    found: dict[tuple[str, str], list[Sample]] = {}
    for _ in range(MORE * run.rounds):
        for who, mode, measure in turns:
            for kind, sample in measure().items():
                case = f"{mode}: the write" if kind == BESIDE else mode
                found.setdefault((who.name, case), []).append(sample)
    for (name, mode), samples in found.items():
        run.results.add(Row(experiment="g", mode=mode, clients=CLIENTS, who=name, samples=samples))


def _turn(run: Run, who: Contestant, writer: Contestant | None) -> Callable[[], dict[int, Sample]]:
    arena = run.arena()
    arena.window(who, "page", "varied", clients=CLIENTS, seconds=run.seconds)
    seconds = max(3 * run.seconds, 2.0)
    supply = content_writes(writer or who, arena.roadmaps, f"writes {who.name}")
    if writer:
        warm_writes(arena.stand(writer), supply)

    def measure() -> dict[int, Sample]:
        stand = arena.stand(who)
        cell = ("page", "varied", CLIENTS)
        beside = list(islice(supply, int(seconds) + 1)) if writer else []
        task = Task(
            ports=[stand.server.port],
            requests=stand.enough(cell, arena.requests(who, "page", "varied"), seconds),
            clients=CLIENTS,
            seconds=seconds,
            beside=beside,
            beside_port=arena.stand(writer).server.port if writer else 0,
        )
        return stand.run(task)

    return measure
