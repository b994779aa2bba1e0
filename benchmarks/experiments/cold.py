"""Cold after a write: before each timed read, another process writes to a topic that it reads.

Ours asks the database for the revision on each request here, so that it may not answer from before the write.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice, tee
from typing import Final

from benchmarks import wire
from benchmarks.contestants import APOLLO, CYPHER, UNCACHED, Contestant, variant
from benchmarks.experiments import Run
from benchmarks.experiments.reads import KINDS
from benchmarks.load import Task
from benchmarks.measure import Sample
from benchmarks.question import Kind
from benchmarks.writing import content_writes, rewrites, warm_writes

FRESH: Final = variant("fresh", "ours, never behind", {"REVISION_POLL": "0"})
READS: Final = 200
"""More than a window can hold."""

_WHO: Final = (FRESH, APOLLO, CYPHER)
_WINDOWS: Final = 4
"""A write takes so much longer than a read that a window is as long as four others."""


def cold(run: Run) -> None:
    """Milliseconds of the first read after a write, of (a) to (c)."""
    for letter in "abc":
        run.arena().check(_WHO, [KINDS[letter]])
        turns = [(who.name, _turn(run, who, KINDS[letter])) for who in _WHO]
        run.interleave("cold", f"{letter} after a write", 1, turns)


def _turn(run: Run, who: Contestant, kind: Kind) -> Callable[[], Sample]:
    arena = run.arena()
    questions, read = tee(arena.deck.questions(kind, "varied"))
    seed = f"cold {who.name} {kind}"
    writes = rewrites(UNCACHED, map(arena.deck.read_by, read), seed)
    # The first window makes plans and the like.
    arena.window(who, kind, "varied", clients=1, seconds=run.seconds)
    warm_writes(arena.stand(UNCACHED), content_writes(UNCACHED, arena.roadmaps, seed))

    def measure() -> Sample:
        stand = arena.stand(who)
        task = Task(
            ports=[stand.server.port],
            requests=[wire.encode(*who.dialect.request(each)) for each in islice(questions, READS)],
            seconds=_WINDOWS * run.seconds,
            before=[*islice(writes, READS)],
            before_port=arena.stand(UNCACHED).server.port,
        )
        return stand.run(task)[0]

    return measure
