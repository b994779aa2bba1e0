"""What a request of each kind costs: CPU of the API and of Neo4j, statements, bytes. Prints a Markdown table.

    python benchmarks/costs.py [--folder FOLDER] [--rounds 3] [--seconds 3]

The figures that `model.py` computes with. Kinds take turns, each is the median of its windows. The same pages
are asked of three servers: one that keeps answers and entities, one without answers, one without either.
"""

from __future__ import annotations

import argparse
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import catalogue, visits
from benchmarks.arena import Arena
from benchmarks.contestants import Contestant, variant
from benchmarks.experiments.knowledge import states
from benchmarks.fleet import SETTINGS, ready
from benchmarks.load import Task
from benchmarks.measure import Sample, Stand, send
from benchmarks.switches import SWITCHES, all_off
from benchmarks.writing import progress_writes
from graph_api.telemetry.metrics import PREFIX

CLIENTS: Final = 8
RECORDED: Final = 3_000
_OPEN: Final = SETTINGS | {"METRICS": "true"}
_KEEPING: Final = variant("keeping", "ours", _OPEN)
_WARM: Final = variant("warm", "ours without answers", _OPEN | dict(SWITCHES["answers"]))
_COLD: Final = replace(variant("cold", "ours without caches", _OPEN | all_off()), keeps=False)
_STATEMENTS: Final = re.compile(rf"^{PREFIX}_statement_seconds_count (\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request: who is asked, and the requests without end."""

    title: str
    who: Contestant
    supply: Iterator[bytes]
    warm_up: int = 0


def kinds(arena: Arena) -> list[Kind]:
    """What is measured, in its order."""
    roadmaps = arena.roadmaps
    found = []
    for operation, name, slugs in (
        ("roadmap-page", "a roadmap page", catalogue.slugs(roadmaps)),
        ("topic", "a topic's page", catalogue.topic_slugs(roadmaps)[::9]),
    ):
        requests = [visits.page(operation, slug) for slug in slugs]
        for state, who in (("kept answer", _KEEPING), ("kept entities", _WARM), ("nothing kept", _COLD)):
            warm_up = 2 * len(requests) if who is not _COLD else 20
            found.append(Kind(f"{name}, {state}", who, _endless(requests), warm_up))
    return [
        *found,
        Kind("a search", _KEEPING, arena.requests(_KEEPING, "search", "varied"), 50),
        Kind("`next` for a state that is sent along", _KEEPING, states(roadmaps, "next"), 50),
        Kind("the next step of who asks, and the path", _KEEPING, visits.next_steps(roadmaps), 50),
        Kind("a topic that is learned", _KEEPING, progress_writes(_KEEPING, roadmaps, "costs"), 50),
    ]


def _endless(requests: list[bytes]) -> Iterator[bytes]:
    while True:
        yield from requests


def measured(arena: Arena, kind: Kind, seconds: float) -> tuple[Sample, float]:
    """A window of a kind, and statements a request in it."""
    stand = arena.stand(kind.who)
    before = _statements(stand)
    sample = stand.window(kind.title, kind.supply, clients=CLIENTS, seconds=seconds, repeat=False)
    return sample, (_statements(stand) - before) / sample.requests


def _statements(stand: Stand) -> float:
    connection = HTTPConnection("127.0.0.1", stand.server.port, timeout=10)
    try:
        connection.request("GET", "/metrics")
        found = _STATEMENTS.search(connection.getresponse().read().decode())
    finally:
        connection.close()
    if found is None:
        raise RuntimeError("/metrics counts no statements.")
    return float(found[1])


def run(arena: Arena, rounds: int, seconds: float) -> None:
    """Measure all and print the table."""
    for who in (_KEEPING, _WARM, _COLD):
        ready(arena.stand(who).server.port)
    everything = kinds(arena)
    visits.make_learners(arena.stand(_KEEPING).server.port, arena.roadmaps)
    for kind in everything:
        requests = list(islice(kind.supply, kind.warm_up))
        send(Task(ports=[arena.stand(kind.who).server.port], requests=requests, clients=4, seconds=60.0))
    found: dict[str, list[tuple[Sample, float]]] = {}
    for _ in range(rounds):
        for kind in everything:
            found.setdefault(kind.title, []).append(measured(arena, kind, seconds))
    print(
        "| what | requests/s | CPU ms, API | CPU ms, Neo4j | statements | bytes |\n|---|---|---|---|---|---|"
    )
    for title, windows in found.items():
        print(_row(title, windows), flush=True)


def stored(folder: Path, logs: Path) -> float:
    """Bytes on disk that a recorded topic takes: of the closed store, without the logs."""
    with Arena(folder=folder, logs=logs, roadmaps=catalogue.ROADMAPS) as arena:
        port = arena.stand(_KEEPING).server.port
        ready(port)
        writes = list(islice(progress_writes(_KEEPING, arena.roadmaps, "stored"), RECORDED))
        outcome = send(Task(ports=[port], requests=writes, clients=CLIENTS, seconds=600.0))
    [before] = folder.glob(f"imported-{catalogue.ROADMAPS}-*")
    return (_size(folder / f"neo4j-{catalogue.ROADMAPS}") - _size(before)) / len(outcome["times"]["0"])


def _size(home: Path) -> int:
    [store] = home.rglob("databases/neo4j")
    return sum(path.stat().st_size for path in store.rglob("*") if path.is_file())


def _row(title: str, windows: list[tuple[Sample, float]]) -> str:
    def of(figure: Callable[[Sample], float]) -> float:
        return median(figure(sample) for sample, _ in windows)

    return (
        f"| {title} | {of(lambda s: s.rate):,.0f} | {of(lambda s: s.server_cpu):.2f}"
        f" | {of(lambda s: s.database_cpu):.2f} | {median(count for _, count in windows):.2f}"
        f" | {of(lambda s: s.bytes):,.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "results" / "scaling")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n", flush=True)
    with tempfile.TemporaryDirectory() as logs:
        folder = options.folder
        with Arena(folder=folder, logs=Path(logs), roadmaps=catalogue.ROADMAPS) as arena:
            run(arena, options.rounds, options.seconds)
        print(f"\nA recorded topic takes {stored(folder, Path(logs) / 'stored'):.0f} bytes on disk.")


if __name__ == "__main__":
    main()
