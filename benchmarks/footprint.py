"""What the structure of a catalogue takes in a process: memory, and CPU to make and to change it.

    python benchmarks/footprint.py [--topics 4500 45000 ...] [--kept FOLDER [--roadmaps 50 500]]

Prints a Markdown table. Each size has a process of its own. The catalogue is the synthetic one of
`knowledge_fringe.py`, about four prerequisites a topic, near ones as in a catalogue of subjects. With
--kept, which keeps imported databases, it measures a whole server over 4,500 and 45,000 topics besides.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, TypeVar

from benchmarks.processes import Usage

if TYPE_CHECKING:
    from benchmarks.arena import Arena

T = TypeVar("T")

SIZES: Final = (4_500, 45_000, 100_000, 1_000_000)
PLACED: Final = 90
NEAR: Final = 300
KNOWN: Final = 60
GOALS: Final = 3
"""A learner knows some of the first topics and wants some others of them: the same in every catalogue."""

ROUNDS: Final = 5
COLUMNS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "topics": ("topics", "{:,}"),
        "held": ("MB held", "{:.1f}"),
        "peak": ("MB at the most", "{:.1f}"),
        "made": ("CPU s to build", "{:.2f}"),
        "moved": ("CPU s to move an edge", "{:.2f}"),
        "checked": ("CPU s to check a write", "{:.3f}"),
        "next": ("CPU ms for `next`", "{:.2f}"),
        "path": ("CPU ms for a path", "{:.1f}"),
    }
)
"""What is measured of a structure: its title and its form."""

SERVED: Final = (50, 500)
"""Roadmaps of the catalogues that a server is measured over."""


def structure_of(topics: int) -> dict[str, float]:
    """Megabytes, and seconds of CPU, of a structure of so many topics, in this process."""
    from benchmarks.knowledge_fringe import synthetic
    from graph_api.knowledge.model import Aliases, Placement, Requirement, Roadmap, Section, Topic
    from graph_api.knowledge.path import cheapest_path
    from graph_api.knowledge.state import KnowledgeState
    from graph_api.store.structure import Structure

    before = _megabytes()
    made, graph = _timed(lambda: synthetic(topics, local=True))
    outlines = {}
    for start in range(0, topics, PLACED):
        slug = f"roadmap-{start}"
        placed = tuple(Placement(topic) for topic in graph.slugs[start : start + PLACED])
        outlines[slug] = Roadmap(slug, slug, sections=(Section(slug, slug, placements=placed),))
    structure = Structure(1, graph, outlines, Aliases())
    graph.downward, graph.from_nothing, graph.looped  # noqa: B018 - kept once they are asked for
    held = _megabytes() - before
    known, *goals = Random(0).sample(graph.slugs[:NEAR], KNOWN), *graph.slugs[NEAR // 2 :][:GOALS]
    state = KnowledgeState(graph, graph.mask(known), graph.mask(()))
    following = _median(lambda: state.next(first=5))
    finding = _median(lambda: cheapest_path(graph, goals=goals, known=known))
    last = Topic(graph.slugs[-1], "", requires=(Requirement((graph.slugs[0],)),))
    edited = [_timed(lambda: graph.changed([last], (), structure.aliases.topics))[0] for _ in range(2)]
    learned, _ = _timed(graph.learnable)
    return {
        "topics": topics,
        "held": held,
        "made": made,
        "next": 1000 * following,
        "path": 1000 * finding,
        "moved": min(edited),
        "checked": learned,
        "peak": Usage.of(os.getpid()).peak / 1e6 - before,
    }


def served(folder: Path, roadmaps: int, logs: Path) -> tuple[int, float, float, float]:
    """Topics, and megabytes of a server at its start, with the structure, and with all entities read."""
    from benchmarks.arena import Arena
    from benchmarks.contestants import OURS
    from benchmarks.fleet import ready
    from benchmarks.load import Task
    from benchmarks.measure import send

    with Arena(folder=folder, logs=logs, roadmaps=roadmaps) as arena:
        server = arena.stand(OURS).server
        ready(server.port)
        start, questions = server.usage().memory, _everything(arena)
        send(Task(ports=[server.port], requests=questions[:1], seconds=60.0))
        known = server.usage().memory
        send(Task(ports=[server.port], requests=questions, clients=4, seconds=300.0))
        full = server.usage().memory
        topics = len(arena.database.topic_ids())
    return topics, start / 1e6, known / 1e6, full / 1e6


def _everything(arena: Arena) -> list[bytes]:
    """Questions for every roadmap and every topic."""
    from benchmarks import catalogue, wire
    from benchmarks.contestants import OURS
    from benchmarks.deck import TOGETHER

    ids = sorted(arena.database.topic_ids().values())
    page, topics = arena.deck.whole("page"), arena.deck.whole("topics")
    batches = [tuple(ids[start : start + TOGETHER]) for start in range(0, len(ids), TOGETHER)]
    questions = [replace(page, keys=(slug,)) for slug in catalogue.slugs(arena.roadmaps)]
    questions += [replace(topics, keys=batch) for batch in batches]
    return [wire.encode(*OURS.dialect.request(question)) for question in questions]


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Seconds of CPU, which say the same on a busy machine, and what it returns."""
    began = time.process_time()
    done = work()
    return time.process_time() - began, done


def _median(work: Callable[[], object]) -> float:
    """Seconds of CPU of a call, after one that does not count."""
    work()
    return median(_timed(work)[0] for _ in range(ROUNDS))


def _megabytes() -> float:
    return Usage.of(os.getpid()).memory / 1e6


def _in_a_process(topics: int) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", str(topics)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _structures(sizes: list[int]) -> None:
    print(f"| {' | '.join(title for title, _ in COLUMNS.values())} |\n{'|---' * len(COLUMNS)}|")
    for size in sizes:
        row = _in_a_process(size)
        figures = (form.format(row[name]) for name, (_, form) in COLUMNS.items())
        print(f"| {' | '.join(figures)} |", flush=True)


def _servers(kept: Path, catalogues: list[int]) -> None:
    print("\n| topics | MB at the start | with the structure | with all that was read |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as logs:
        for roadmaps in catalogues:
            topics, *sizes = served(kept, roadmaps, Path(logs) / str(roadmaps))
            print(f"| {topics:,} | {' | '.join(f'{size:.1f}' for size in sizes)} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--topics", type=int, nargs="*", default=list(SIZES))
    parser.add_argument("--kept", type=Path, metavar="FOLDER")
    parser.add_argument("--roadmaps", type=int, nargs="+", default=list(SERVED))
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one is not None:
        print(json.dumps(structure_of(options.one)))
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n")
    if options.topics:
        _structures(options.topics)
    if options.kept is not None:
        _servers(options.kept, options.roadmaps)


if __name__ == "__main__":
    main()
