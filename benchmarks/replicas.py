"""One to three replicas of ours behind nginx, over one Neo4j: are they one API, and what do more earn?

    python benchmarks/replicas.py [--folder FOLDER] [--rounds 3] [--seconds 3] [--writes 20]

Checks that all answer the same bytes, measures how long a write through one is not seen through another,
kills and stops one under load, and prints the throughput as a Markdown table. Needs nginx. Where Neo4j,
nginx, the load and the replicas share the cores, CPU a request says more than the rate.
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from http.client import HTTPException
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks import catalogue, visits, wire
from benchmarks.contestants import OURS
from benchmarks.deck import Mode
from benchmarks.fleet import REPLICAS, Fleet, answered, begin, ready, written
from benchmarks.load import Task
from benchmarks.measure import send
from benchmarks.processes import Usage
from benchmarks.writing import progress_writes

CLIENTS: Final = 16
LOSERS: Final = 8
TRIES: Final = 4
"""So often a client sends a request until it counts as lost."""

MOST: Final = 8_000
"""Requests that a window is supplied with, for each of its seconds."""

_READ: Final = "query Read($slug: String!) { topic(slug: $slug) { summary } }"


def same(fleet: Fleet) -> int:
    """How many requests all replicas have answered with the same bytes. Raises AssertionError for another."""
    topics, roadmaps = catalogue.topic_slugs(fleet.data.roadmaps)[::90], catalogue.slugs(fleet.data.roadmaps)
    requests = [visits.page("roadmap-page", slug) for slug in roadmaps]
    requests += [visits.page("topic", slug) for slug in topics]
    for kind in ("page", "topics", "topic", "search"):
        requests += [wire.encode(*OURS.dialect.request(each)) for each in fleet.deck.examples(kind)]
    for request in requests:
        answers = {answered(port, request) for port in fleet.ports}
        assert len(answers) == 1, f"{len(answers)} different answers to {request!r}"
    return len(requests)


def freshness(fleet: Fleet, writes: int) -> tuple[list[float], list[float]]:
    """Seconds from the answer to a write until others show it: by themselves, and when it is demanded."""
    alone, demanded = [], []
    slugs = catalogue.topic_slugs(fleet.data.roadmaps)
    for number in range(writes):
        here, there, elsewhere = (fleet.ports[(number + place) % REPLICAS] for place in range(REPLICAS))
        slug, summary = slugs[7 * number], f"Written as number {number} at {time.time()}."
        for port in (there, elsewhere):
            _summary(port, slug)  # it is kept there, as it was
        revision = written(here, slug, summary)
        began = time.perf_counter()
        assert _summary(elsewhere, slug, least=revision) == summary
        demanded.append(time.perf_counter() - began)
        while _summary(there, slug) != summary:
            time.sleep(0.01)
        alone.append(time.perf_counter() - began)
    return alone, demanded


def _summary(port: int, slug: str, *, least: int = 0) -> str:
    body: dict[str, Any] = {"query": _READ, "variables": {"slug": slug}}
    if least:
        body["extensions"] = {"minRevision": least}
    answer, _ = wire.ask(port, "/graphql", body)
    return str(answer["data"]["topic"]["summary"])


def losses(stack: ExitStack, fleet: Fleet, seconds: float) -> None:
    """Print a row for reads by GET and by POST, with a replica that is killed and one that is stopped."""
    slugs = catalogue.slugs(fleet.data.roadmaps)
    by_get = [visits.page("roadmap-page", slug, headers="Graph-Min-Revision: 1\r\n") for slug in slugs]
    by_post = list(islice(_encoded(fleet, "varied"), 2000))
    print("| one of three | requests | cut off | and again | slowest ms |\n|---|---|---|---|---|")
    for name, requests in (("GET", by_get), ("POST", by_post)):
        for ending in (signal.SIGKILL, signal.SIGTERM):
            times, once, again = _ended(stack, fleet, requests, ending, seconds)
            how, slowest = "killed" if ending is signal.SIGKILL else "stopped", 1000 * max(times)
            print(f"| {how}, {name} | {len(times):,} | {once} | {again} | {slowest:,.0f} |", flush=True)


def _ended(
    stack: ExitStack, fleet: Fleet, requests: list[bytes], ending: signal.Signals, seconds: float
) -> tuple[list[float], int, int]:
    """What came of a load through the balancer of all while one replica was ended; it starts anew."""
    port, victim = fleet.balancers[-1].port, fleet.replicas[-1]
    with ThreadPoolExecutor(LOSERS) as threads:
        until = time.monotonic() + seconds
        loads = [threads.submit(_asked, port, requests[place::LOSERS], until) for place in range(LOSERS)]
        time.sleep(seconds / 3)
        os.kill(victim.pid, ending)
        outcomes = [load.result() for load in loads]
    victim.__exit__()
    stack.enter_context(victim)
    ready(victim.port)
    times = [each for found, _, _ in outcomes for each in found]
    return times, sum(once for _, once, _ in outcomes), sum(again for _, _, again in outcomes)


def _asked(port: int, requests: list[bytes], until: float) -> tuple[list[float], int, int]:
    """Seconds of each answer of one client; how many came when it asked again, and of them the third time.

    It asks again at once, and may meet another connection that was kept to who is gone. Raises AssertionError
    when a request is not answered when it was asked TRIES times.
    """
    times: list[float] = []
    once = again = 0
    for request in cycle(requests):
        if (began := time.monotonic()) > until:
            break
        faults = 0
        while not _is_answered(port, request):
            faults += 1
            assert faults < TRIES
        once, again = once + (faults > 0), again + (faults > 1)
        times.append(time.monotonic() - began)
    return times, once, again


def _is_answered(port: int, request: bytes) -> bool:
    try:
        answered(port, request)
    except (AssertionError, OSError, HTTPException):
        return False
    return True


def _encoded(fleet: Fleet, mode: Mode) -> Iterator[bytes]:
    questions = fleet.deck.questions("page", mode)
    return (wire.encode(*OURS.dialect.request(question)) for question in questions)


@dataclass(frozen=True, slots=True)
class Window:
    """Requests a second, milliseconds of the median, and milliseconds of CPU a request."""

    rate: float
    p50: float
    replicas: float
    balancer: float
    database: float


def window(
    fleet: Fleet, count: int, supply: Iterable[bytes], seconds: float, *, direct: bool = False
) -> Window:
    """Measure so many replicas once, through their balancer, or one without."""
    processes = [*fleet.replicas[:count], fleet.balancers[count - 1]]
    pids = [each.pid for each in processes] + [fleet.data.pid]
    requests = list(islice(supply, int(MOST * seconds)))
    port = fleet.replicas[0].port if direct else fleet.balancers[count - 1].port
    before = [Usage.of(pid).cpu for pid in pids]
    told = send(Task(ports=[port], requests=requests, clients=CLIENTS, seconds=seconds, repeat=True))
    *used, nginx, data = (Usage.of(pid).cpu - was for pid, was in zip(pids, before, strict=True))
    times = sorted(each for kind in told["times"].values() for each in kind)
    each = 1000 / len(times)
    return Window(len(times) / told["seconds"], median(times), each * sum(used), each * nginx, each * data)


def throughput(fleet: Fleet, rounds: int, seconds: float) -> None:
    """Print a row for each kind of request and number of replicas, in turn; medians."""
    roadmaps = fleet.data.roadmaps
    supplies: dict[str, Callable[[], Iterable[bytes]]] = {
        "a page, kept answers": lambda: [
            wire.encode(*OURS.dialect.request(each)) for each in fleet.deck.each_selection("page")
        ],
        "a page, each different": _supplied(_encoded(fleet, "varied"), int(500 * seconds)),
        "the next step of who asks": _supplied(visits.next_steps(roadmaps), int(500 * seconds)),
        "a topic that is learned": _supplied(progress_writes(OURS, roadmaps, "replicas"), int(500 * seconds)),
    }
    cases = [(1, True), *((count, False) for count in range(1, REPLICAS + 1))]
    print(
        "| what | replicas | requests/s | p50 ms | CPU ms, replicas | nginx | Neo4j |"
        "\n|---|---|---|---|---|---|---|"
    )
    for name, supply in supplies.items():
        found: dict[tuple[int, bool], list[Window]] = {}
        for number in range(rounds + 1):
            for case in cases:
                count, direct = case
                measured = window(fleet, count, supply(), seconds if number else 1.0, direct=direct)
                if number:  # the round before is to warm up
                    found.setdefault(case, []).append(measured)
        for (count, direct), windows in found.items():
            print(_row(name, f"{count}, no nginx" if direct else str(count), windows), flush=True)


def _supplied(supply: Iterator[bytes], count: int) -> Callable[[], list[bytes]]:
    return lambda: list(islice(supply, count))


def _row(name: str, who: str, windows: Sequence[Window]) -> str:
    def of(figure: Callable[[Window], float]) -> float:
        return median(map(figure, windows))

    used = (of(lambda w: w.replicas), of(lambda w: w.balancer), of(lambda w: w.database))
    shares = " | ".join(f"{each:.2f}" for each in used)
    return f"| {name} | {who} | {of(lambda w: w.rate):,.0f} | {of(lambda w: w.p50):.1f} | {shares} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "results" / "scaling")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--writes", type=int, default=20)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n", flush=True)
    with tempfile.TemporaryDirectory() as logs, ExitStack() as stack:
        fleet = begin(stack, options.folder, Path(logs))
        print(f"{same(fleet)} requests were answered with the same bytes by all {REPLICAS}.\n", flush=True)
        alone, demanded = (sorted(each) for each in freshness(fleet, options.writes))
        for name, times in (("by themselves", alone), ("when asked for the revision", demanded)):
            print(f"Others show a write {name} after {median(times):.3f} s, {times[-1]:.3f} s at the most.")
        print(flush=True)
        losses(stack, fleet, max(6.0, options.seconds))
        print(flush=True)
        visits.make_learners(fleet.ports[0], fleet.data.roadmaps)
        throughput(fleet, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
