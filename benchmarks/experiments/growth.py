"""Ten times the catalogue: how much slower warm reads become, and how much memory a process takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from benchmarks import catalogue, wire
from benchmarks.arena import Arena
from benchmarks.contestants import OURS
from benchmarks.deck import TOGETHER
from benchmarks.experiments import Run
from benchmarks.experiments.knowledge import next_window
from benchmarks.experiments.reads import KINDS
from benchmarks.load import Task
from benchmarks.measure import Sample, send
from benchmarks.question import Kind

MEMORY_CLIENTS = 16


def growth(run: Run) -> None:
    """A row for each catalogue, with one client: what it waits is what the work takes."""
    for letter in "abc":
        for large in (False, True):  # both are warm before either is measured
            _turn(run, KINDS[letter], large=large)()
        turns = [(who, _turn(run, KINDS[letter], large=who == "large")) for who in ("ours", "large")]
        run.interleave("growth", f"{letter} varied", 1, turns)


def _turn(run: Run, kind: Kind, *, large: bool) -> Callable[[], Sample]:
    return lambda: run.arena(large=large).window(OURS, kind, "varied", clients=1, seconds=run.seconds)


def memory(run: Run) -> None:
    """What a process over the large catalogue holds after it has answered for all of it."""
    arena = run.arena(large=True)
    send(Task(ports=[arena.stand(OURS).server.port], requests=_everything(arena), clients=4, seconds=300))

    def measure() -> Sample:
        for kind in KINDS.values():
            arena.window(OURS, kind, "varied", clients=MEMORY_CLIENTS, seconds=run.seconds)
        return next_window(run, arena, clients=MEMORY_CLIENTS)

    run.interleave("memory", "large, after all reads", MEMORY_CLIENTS, [("large", measure)])


def _everything(arena: Arena) -> list[bytes]:
    """Questions for every roadmap and every topic."""
    page, topics = arena.deck.whole("page"), arena.deck.whole("topics")
    ids = sorted(arena.database.topic_ids().values())
    questions = [replace(page, keys=(slug,)) for slug in catalogue.slugs(arena.roadmaps)]
    questions += [
        replace(topics, keys=tuple(ids[start : start + TOGETHER])) for start in range(0, len(ids), TOGETHER)
    ]
    return [wire.encode(*OURS.dialect.request(question)) for question in questions]
