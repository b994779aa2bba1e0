"""Times cheapest paths over a course catalogue and over synthetic structures; prints a Markdown table.

    python benchmarks/knowledge_path.py COURSES.json [--quick]

COURSES.json maps a course to `prerequisites`, nested and/or of courses, as the Quatalog project gives
them. It has no hours: they are 1..20, from a hash of the course, or all 1.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from random import Random

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.path import LearningPath, cheapest_path
from graph_api.knowledge.requirement import Expression, all_of, any_of, normal_form


def slug_of(course: str) -> str:
    return course.lower().replace(" ", "-")


def expression_of(node: dict[str, object]) -> Expression:
    if node["type"] == "course":
        return slug_of(str(node["course"]))
    parts = [expression_of(part) for part in node["nested"]]  # type: ignore[attr-defined] # plain JSON
    return all_of(*parts) if node["type"] == "and" else any_of(*parts)


def courses(path: Path, *, equal: bool) -> PrerequisiteGraph:
    """The catalogue as a graph; courses that are required but not listed become topics of their own."""
    groups: list[tuple[str, int, tuple[str, ...]]] = []
    slugs: set[str] = set()
    for course, entry in json.loads(path.read_text()).items():
        slugs.add(slug_of(course))
        if entry["prerequisites"]:
            for group in normal_form(expression_of(entry["prerequisites"])):
                groups.append((slug_of(course), group.need, group.of))
                slugs.update(group.of)
    hours = {slug: 1.0 if equal else 1.0 + zlib.crc32(slug.encode()) % 20 for slug in slugs}
    return PrerequisiteGraph.assemble(sorted(hours.items()), groups)


def cover(*, groups: int, members: int, width: int, seed: int) -> PrerequisiteGraph:
    """One goal with groups of `width` random alternatives: a set cover, the hard core of the problem."""
    random = Random(seed)
    leaves = [f"leaf-{index}" for index in range(members)]
    rows = [("goal", 1, sorted(random.sample(leaves, width))) for _ in range(groups)]
    hours = [("goal", 1.0)] + [(leaf, float(random.randint(1, 20))) for leaf in leaves]
    return PrerequisiteGraph.assemble(hours, rows)


def tangle(*, topics: int, seed: int) -> PrerequisiteGraph:
    """Random groups over all topics, so that nearly everything is on loops; some topics need nothing."""
    random = Random(seed)
    slugs = [f"topic-{index}" for index in range(topics)]
    rows = [
        (slug, 1, sorted(random.sample(slugs, 3)))
        for place, slug in enumerate(slugs)
        if place % 8
        for _ in range(2)
    ]
    return PrerequisiteGraph.assemble([(slug, float(random.randint(1, 20))) for slug in slugs], rows)


def layered(*, topics: int, seed: int) -> PrerequisiteGraph:
    """Four edges a topic to the 200 before it, a fifth of them in groups of two alternatives."""
    random = Random(seed)
    slugs = [f"topic-{index:06}" for index in range(topics)]
    rows: list[tuple[str, int, tuple[str, ...]]] = []
    for place, slug in enumerate(slugs[50:], start=50):
        below = random.sample(slugs[max(0, place - 200) : place], 4)
        alike = random.random() < 0.4
        rows += [(slug, 1, (below[0], below[1]))] if alike else [(slug, 1, (one,)) for one in below[:2]]
        rows += [(slug, 1, (one,)) for one in below[2:]]
    return PrerequisiteGraph.assemble([(slug, float(random.randint(1, 20))) for slug in slugs], rows)


Solve = Callable[[], LearningPath]


def measure(name: str, solves: Iterable[Solve]) -> None:
    times: list[float] = []
    proven = 0
    for solve in solves:
        started = time.perf_counter()
        proven += solve().optimal
        times.append((time.perf_counter() - started) * 1e3)
    times.sort()
    p95 = times[min(len(times) - 1, int(len(times) * 0.95))]
    median = times[len(times) // 2]
    share = 100 * proven / len(times)
    print(
        f"| {name} | {len(times)} | {median:.1f} | {p95:.1f} | {times[-1]:.1f} | {share:.0f} % |", flush=True
    )


def on_courses(graph: PrerequisiteGraph, label: str, *, quick: bool) -> None:
    demanding = [slug for slug in graph.slugs if len(graph.groups[graph.number[slug]])]
    random = Random(7)
    tens = [random.sample(demanding, 10) for _ in range(20 if quick else 200)]
    singles: Sequence[list[str]] = [[slug] for slug in demanding[:: 10 if quick else 1]]
    for what, sets in (("one goal", singles), ("ten goals", tens)):
        for next_best in (False, True):
            priced = "with next best" if next_best else "path alone"
            measure(f"courses, {label}, {what}, {priced}", solves(graph, sets, next_best=next_best))


def solves(
    graph: PrerequisiteGraph, sets: Iterable[list[str]], *, next_best: bool = False, seconds: float = 1.0
) -> Iterable[Solve]:
    def solved(goals: list[str]) -> LearningPath:
        found = cheapest_path(graph, goals=goals, deadline_seconds=seconds)
        if next_best:
            found.choices()
        return found

    return (partial(solved, goals) for goals in sets)


def three_of(graph: PrerequisiteGraph) -> list[str]:
    """The first three topics with requirements that can be learned."""
    learnable = graph.members_in(graph.learnable() & (graph.groups.sizes() > 0))
    return list(learnable[:3])


def synthetic(*, quick: bool) -> None:
    count = 3 if quick else 10
    for groups, members in ((30, 40), (100, 100), (400, 300)):
        graphs = [cover(groups=groups, members=members, width=5, seed=seed) for seed in range(count)]
        measure(
            f"set cover, {groups} groups of 5 of {members}",
            (s for g in graphs for s in solves(g, [["goal"]])),
        )
    for topics in (60, 200, 1000):
        graphs = [tangle(topics=topics, seed=seed) for seed in range(count)]
        name = f"tangle of loops, {topics} topics, three goals"
        measure(name, (solve for graph in graphs for solve in solves(graph, [three_of(graph)])))
    for topics in (10_000,) if quick else (10_000, 100_000):
        graph = layered(topics=topics, seed=1)
        goals = [[graph.slugs[topics * part // 10]] for part in range(1, 10)]
        measure(f"layered, {topics} topics", solves(graph, goals))


def delay_of_others() -> None:
    """The longest that a loop sleeping 1 ms at a time is held up by solves in two threads."""
    graph = cover(groups=400, members=300, width=5, seed=1)
    threads = [
        threading.Thread(
            target=cheapest_path, args=(graph,), kwargs={"goals": ["goal"], "deadline_seconds": 2}
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    worst = 0.0
    while any(thread.is_alive() for thread in threads):
        started = time.perf_counter()
        time.sleep(0.001)
        worst = max(worst, time.perf_counter() - started - 0.001)
    print(f"\nTwo hard solves of 2 s in threads held up a loop in the main thread by {worst * 1e3:.1f} ms.")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("courses", type=Path)
    parser.add_argument("--quick", action="store_true", help="a tenth of the cases")
    arguments = parser.parse_args()
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {sys.version.split()[0]}; deadline 1 s\n")
    print("| what | paths | median ms | p95 ms | max ms | proven |\n|---|---|---|---|---|---|")
    for equal, label in ((False, "1-20 h"), (True, "1 h each")):
        on_courses(courses(arguments.courses, equal=equal), label, quick=arguments.quick)
    synthetic(quick=arguments.quick)
    delay_of_others()


if __name__ == "__main__":
    main()
