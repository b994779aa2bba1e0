"""Trusted documents by GET through nginx as an HTTP cache: how often it answers, and what that earns.

    python benchmarks/http_cache.py [--folder FOLDER] [--rounds 3] [--seconds 20]

A mix of roadmap and topic pages, of which few are asked for often, while a topic is changed every second, or
every ten; two replicas, with the cache and without it in turn, medians. Prints Markdown tables. Needs nginx.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks import catalogue, visits
from benchmarks.balancer import FLUSH_SECONDS, Balancer
from benchmarks.contestants import OURS
from benchmarks.fleet import Fleet, answered, begin, written
from benchmarks.load import Task
from benchmarks.measure import send
from benchmarks.processes import Usage
from benchmarks.sharing import kept_for
from benchmarks.writing import content_writes, token

REPLICAS: Final = 2
CLIENTS: Final = 16
PAGES: Final = 40_000
SHARE: Final = 0.4
EXPONENT: Final = 1.0
MAX_AGE: Final = 10
EVERY: Final = (1, 10)
"""Seconds from one content write to the next."""

CHANGES: Final = 5
WARM_UP: Final = 3
FLAG: Final = "graph-min-revision: {}\r\n"


@dataclass(frozen=True, slots=True)
class Window:
    """Requests a second, milliseconds, milliseconds of CPU a request, and what the cache did."""

    rate: float
    p50: float
    p99: float
    replicas: float
    balancer: float
    database: float
    statuses: Counter[str]

    @property
    def hits(self) -> float:
        """The share that the cache has answered by itself."""
        return self.statuses["HIT"] / self.statuses.total()

    @property
    def same(self) -> float:
        """The share of which a replica has said that it is as before."""
        return self.statuses["REVALIDATED"] / self.statuses.total()


def window(fleet: Fleet, balancer: Balancer, requests: list[bytes], every: int, seconds: float) -> Window:
    """Measure once, with a content write through a replica every so many seconds."""
    pids = [*(replica.pid for replica in fleet.replicas[:REPLICAS]), balancer.pid, fleet.data.pid]
    seed = f"{balancer.port} {time.time()}"
    writes = islice(content_writes(OURS, fleet.data.roadmaps, seed), int(seconds / every) + 1)
    before = [Usage.of(pid).cpu for pid in pids]
    balancer.forget()
    told = send(
        Task(
            ports=[balancer.port],
            requests=requests,
            clients=CLIENTS,
            seconds=seconds,
            repeat=True,
            beside=list(writes),
            beside_port=fleet.replicas[0].port,
            beside_seconds=every,
        )
    )
    *used, nginx, data = (Usage.of(pid).cpu - was for pid, was in zip(pids, before, strict=True))
    time.sleep(FLUSH_SECONDS)
    times = sorted(told["times"]["0"])
    each, late = 1000 / len(times), times[int(0.99 * len(times))]
    cpu = (each * sum(used), each * nginx, each * data)
    return Window(len(times) / told["seconds"], median(times), late, *cpu, balancer.statuses())


def compare(fleet: Fleet, cached: Balancer, passing: Balancer, rounds: int, seconds: float) -> None:
    """Print a row for each rate of writes, with the cache and without it."""
    roadmaps = fleet.data.roadmaps
    requests = visits.popular(PAGES, roadmaps=roadmaps, share=SHARE, exponent=EXPONENT, seed="pages")
    turns = [(every, balancer) for every in EVERY for balancer in (cached, passing)]
    found: dict[tuple[int, Balancer], list[Window]] = {}
    for number in range(rounds + 1):
        for every, balancer in turns:
            measured = window(fleet, balancer, requests, every, seconds if number else 3.0)
            if number:  # the round before is to warm up
                found.setdefault((every, balancer), []).append(measured)
    print(
        "| a write every | cache | requests/s | p50 ms | p99 ms | hits | 304 | computed hits"
        " | CPU ms, replicas | nginx | Neo4j |\n|---|---|---|---|---|---|---|---|---|---|---|"
    )
    for (every, balancer), windows in found.items():
        print(_row(f"{every} s", windows, kept=balancer is cached), flush=True)


def _row(every: str, windows: Sequence[Window], *, kept: bool) -> str:
    def of(name: str) -> float:
        return float(median(getattr(window, name) for window in windows))

    shares = f"{of('hits'):.1%} | {of('same'):.1%} | {computed(of('rate')):.1%}" if kept else "- | - | -"
    used = " | ".join(f"{of(name):.2f}" for name in ("replicas", "balancer", "database"))
    times = f"{of('rate'):,.0f} | {of('p50'):.2f} | {of('p99'):.1f}"
    return f"| {every} | {'yes' if kept else 'no'} | {times} | {shares} | {used} |"


def computed(rate: float) -> float:
    """The share of hits that the formula of the model gives for this mix."""
    roadmaps = kept_for(catalogue.ROADMAPS, SHARE * rate, exponent=EXPONENT, seconds=MAX_AGE)
    topics = kept_for(len(catalogue.topic_slugs()), (1 - SHARE) * rate, exponent=EXPONENT, seconds=MAX_AGE)
    return SHARE * roadmaps + (1 - SHARE) * topics


def ages(fleet: Fleet, cached: Balancer) -> list[float]:
    """Seconds for which the cache shows what was before a write; it is passed by whoever asks for more."""
    slugs, found = catalogue.topic_slugs(fleet.data.roadmaps), []
    for number in range(WARM_UP):
        written(fleet.replicas[0].port, slugs[0], f"Number {number}.")  # the first one takes seconds
    for number in range(CHANGES):
        slug, summary = slugs[11 * number + 3], f"As of {time.time()}."
        plain = visits.page("topic", slug)
        was = answered(cached.port, plain)
        revision = written(fleet.replicas[0].port, slug, summary)
        began = time.perf_counter()
        assert answered(cached.port, plain) == was, "The cache has not kept it, or the write took too long."
        demanding = visits.page("topic", slug, headers=FLAG.format(revision))
        assert summary.encode() in answered(cached.port, demanding)[0], "It was not passed by."
        known = visits.page("topic", slug, headers=f"Authorization: Bearer {token('ada', 'learner')}\r\n")
        time.sleep(FLUSH_SECONDS)
        cached.forget()
        answered(cached.port, known)
        time.sleep(FLUSH_SECONDS)
        assert set(cached.statuses()) == {"-"}, "The answer to somebody came through the cache."
        while summary.encode() not in answered(cached.port, plain)[0]:
            time.sleep(0.05)
        found.append(time.perf_counter() - began)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(__file__).parent / "results" / "scaling")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=20.0)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}\n", flush=True)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        logs = Path(folder)
        fleet = begin(stack, options.folder, logs)
        ports = fleet.ports[:REPLICAS]
        cached = stack.enter_context(Balancer(ports, folder=logs / "cached"))
        passing = stack.enter_context(Balancer(ports, folder=logs / "passing", cached=False))
        found = ages(fleet, cached)
        print(
            f"Through the cache a write is seen after {median(found):.1f} s, {max(found):.1f} s at the most;"
            " at once by whoever asks for its revision.\n",
            flush=True,
        )
        compare(fleet, cached, passing, options.rounds, options.seconds)


if __name__ == "__main__":
    main()
