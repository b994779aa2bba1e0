"""Cold after a write: before each timed read of a page, another process writes to the content.

Ours asks the database for the revision on each request here, so that it may not answer from before the write.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from benchmarks.contestants import APOLLO, CYPHER, UNCACHED, Contestant, variant
from benchmarks.experiments import Run
from benchmarks.load import Task
from benchmarks.measure import Sample
from benchmarks.writing import content_writes, warm_writes

FRESH: Final = variant("fresh", "ours, never behind", {"REVISION_POLL": "0"})
READS: Final = 400
"""More than a window can hold."""


def cold(run: Run) -> None:
    """Milliseconds of the first read after a write."""
    run.arena().check((FRESH, APOLLO, CYPHER), ["page"])
    run.interleave(
        "cold", "after a write", 1, ((who.name, _turn(run, who)) for who in (FRESH, APOLLO, CYPHER))
    )


def _turn(run: Run, who: Contestant) -> Callable[[], Sample]:
    arena = run.arena()
    writes = content_writes(UNCACHED, arena.roadmaps, f"cold {who.name}")
    # The first window makes plans and the like.
    arena.window(who, "page", "varied", clients=1, seconds=run.seconds)
    warm_writes(arena.stand(UNCACHED), writes)

    def measure() -> Sample:
        stand = arena.stand(who)
        task = Task(
            ports=[stand.server.port],
            requests=list(islice(arena.requests(who, "page", "varied"), READS)),
            seconds=2 * run.seconds,
            before=list(islice(writes, READS)),
            before_port=arena.stand(UNCACHED).server.port,
        )
        return stand.run(task)[0]

    return measure
