"""(f): reads of topics, and one write of what a learner knows among ten requests.

Ours keeps the history of each learner and a revision of it, under a lock; the peers only set an edge.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from benchmarks.contestants import APOLLO, CYPHER, NAIVE, OURS, Contestant
from benchmarks.experiments import Run
from benchmarks.load import Task
from benchmarks.measure import Sample
from benchmarks.results import Row
from benchmarks.writing import make_learners, progress_writes

EVERY: Final = 10
CLIENTS: Final = 16
READ, WRITE = 0, 1


def progress(run: Run) -> None:
    """Two rows each: the reads and the writes."""
    arena = run.arena()
    everybody = (OURS, APOLLO, NAIVE, CYPHER)
    arena.check(everybody, ["topic"])
    make_learners(arena.stand(APOLLO).server.port)
    turns = [(who, _turn(run, who)) for who in everybody]
    for _, measure in turns:
        measure()  # plans the writes
    found: dict[tuple[str, int], list[Sample]] = {}
    for _ in range(run.rounds):
        for who, measure in turns:
            for kind, sample in measure().items():
                found.setdefault((who.name, kind), []).append(sample)
    for (name, kind), samples in sorted(found.items(), key=lambda entry: entry[0][1]):
        mode = "the writes" if kind == WRITE else "the reads"
        run.results.add(Row(experiment="f", mode=mode, clients=CLIENTS, who=name, samples=samples))


def _turn(run: Run, who: Contestant) -> Callable[[], dict[int, Sample]]:
    arena = run.arena()
    arena.window(who, "topic", "varied", clients=CLIENTS, seconds=run.seconds)
    writes = progress_writes(who, arena.roadmaps, "progress")

    def measure() -> dict[int, Sample]:
        stand = arena.stand(who)
        reads = stand.enough(
            ("topic", "varied", CLIENTS), arena.requests(who, "topic", "varied"), run.seconds
        )
        requests, kinds = _mixed(reads, writes)
        seconds = run.seconds
        task = Task(
            ports=[stand.server.port], requests=requests, kinds=kinds, clients=CLIENTS, seconds=seconds
        )
        return stand.run(task)

    return measure


def _mixed(reads: list[bytes], writes: Iterator[bytes]) -> tuple[list[bytes], bytes]:
    """The reads with every tenth replaced by a write, and the kind of each."""
    kinds = bytes(WRITE if place % EVERY == EVERY // 2 else READ for place in range(len(reads)))
    return [next(writes) if kind == WRITE else read for read, kind in zip(reads, kinds, strict=True)], kinds
