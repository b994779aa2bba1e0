"""How long the knowledge engine takes: fringe, learnable set, diagnosis, growth. Prints a Markdown table.

    python benchmarks/knowledge_fringe.py [COURSES.json]

COURSES.json maps a course to its `prerequisites`, null or nested {"type": "and" | "or" | "course", ...}.
Without it only synthetic catalogues are measured, which are the same in every run.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from time import perf_counter

import numpy as np

from graph_api.knowledge.diagnosis import diagnose
from graph_api.knowledge.graph import Mask, PrerequisiteGraph
from graph_api.knowledge.requirement import Expression, all_of, any_of, normal_form
from graph_api.knowledge.state import KnowledgeState

NEAR = 2_000
FOUNDATIONS = 200


def synthetic(topics: int, *, local: bool) -> PrerequisiteGraph:
    """4 memberships a topic; a fifth of the groups are alternatives, some with loops that others avoid.

    `local`: like a catalogue of subjects, topics rest on near ones and on FOUNDATIONS. Otherwise they rest
    on any earlier ones, so that nearly everything leads to nearly everything: the hardest case.
    """
    random = Random(7)
    slugs = [f"topic-{number:06d}" for number in range(topics)]
    hours = ((slug, float(random.randrange(1, 40))) for slug in slugs)
    return PrerequisiteGraph.assemble(hours, _synthetic_groups(random, slugs, local=local))


def _synthetic_groups(
    random: Random, slugs: list[str], *, local: bool
) -> Iterator[tuple[str, int, set[str]]]:
    for number, slug in enumerate(slugs[1:], start=1):
        for _ in range(random.choice((3, 3, 3, 4))):
            size = random.choice((2, 2, 3)) if random.random() < 0.2 else 1
            members = {slugs[_earlier(random, number, local=local)] for _ in range(size)}
            if size > 1 and random.random() < 0.05:
                members.add(slugs[min(number + random.randrange(1, NEAR), len(slugs) - 1)])
            yield slug, 1, members


def _earlier(random: Random, number: int, *, local: bool) -> int:
    if not local:
        return random.randrange(number)
    if random.random() < 0.1:
        return random.randrange(min(number, FOUNDATIONS))
    return random.randrange(max(0, number - NEAR), number)


def courses(path: Path) -> PrerequisiteGraph:
    """The courses of a file; those that are only mentioned become topics without requirements."""
    table = json.loads(path.read_bytes())
    groups = [
        (slug, group.need, group.of)
        for slug, entry in table.items()
        if entry["prerequisites"]
        for group in normal_form(_expression(entry["prerequisites"]))
    ]
    slugs = set(table).union(*(of for _, _, of in groups))
    return PrerequisiteGraph.assemble(((slug, None) for slug in slugs), groups)


def _expression(node: dict[str, object]) -> Expression:
    if node["type"] == "course":
        return str(node["course"]).replace(" ", "-")
    nested = node["nested"]
    assert isinstance(nested, list)
    return (all_of if node["type"] == "and" else any_of)(*map(_expression, nested))


def learners(graph: PrerequisiteGraph, count: int) -> list[Mask]:
    """What `count` learners know: some topics of the lower levels and all that these rest on."""
    random, found = Random(11), []
    upward = np.argsort(graph.level, kind="stable").tolist()
    for place in range(count):
        below = upward[: max(1, len(graph) * (place + 1) // (2 * count))]
        chosen = graph.mask_of_all(random.sample(below, min(len(below), place)))
        found.append(chosen | graph.all_prerequisites(chosen))
    return found


def measure(name: str, calls: list[Callable[[], object]]) -> float:
    """Print a row; the median in milliseconds."""
    times = []
    for call in calls:
        start = perf_counter()
        call()
        times.append(1000 * (perf_counter() - start))
    times.sort()
    median, p95 = statistics.median(times), times[max(0, -(-95 * len(times) // 100) - 1)]
    print(f"| {name} | {len(times)} | {median:.2f} | {p95:.2f} | {times[-1]:.2f} |", flush=True)
    return median


def rows(title: str, graph: PrerequisiteGraph, *, runs: int) -> dict[str, float]:
    known, random = learners(graph, runs), Random(5)
    goals = [random.sample(graph.slugs, 10) for _ in known]
    start = perf_counter()
    graph.downward, graph.from_nothing, graph.looped  # noqa: B018 - kept by the graph once they are asked for
    print(f"| {title}: kept once a graph (loops, levels) | 1 | {1000 * (perf_counter() - start):.2f} | | |")

    nothing = graph.mask(())

    def fringe(place: int, wanted: list[str]) -> Callable[[], object]:
        return lambda: KnowledgeState(graph, known[place], nothing).next(goals=wanted, first=20)

    every = range(len(known))
    return {
        "fringe": measure(f"{title}: ready, ranked, first 20 with reasons", [fringe(i, []) for i in every]),
        "goals": measure(f"{title}: the same for 10 goals", [fringe(i, goals[i]) for i in every]),
        "inner": measure(
            f"{title}: inner fringe",
            [lambda mask=mask: KnowledgeState(graph, mask, nothing).inner_fringe for mask in known[:50]],  # type: ignore[misc]
        ),
        "learnable": measure(f"{title}: learnable set", [graph.learnable] * 20),
        "diagnosis": measure(f"{title}: diagnosis", [lambda: diagnose(graph)] * 5),
    }


def growth(kind: str, *, local: bool) -> None:
    medians = []
    for topics in (10_000, 100_000):
        start = perf_counter()
        graph = synthetic(topics, local=local)
        title = f"{kind}, {topics:,} topics, {len(graph.members.values):,} edges"
        print(f"| {title}: made and built | 1 | {1000 * (perf_counter() - start):.2f} | | |")
        medians.append(rows(title, graph, runs=100))
    exponents = (f"{name} {np.log10(medians[1][name] / small):.2f}" for name, small in medians[0].items())
    print(f"| {kind}: growth from 10,000 to 100,000 as an exponent: {', '.join(exponents)} | | | | |")


def main() -> None:
    versions = f"Python {platform.python_version()}, NumPy {np.__version__}"
    print(f"{os.cpu_count()} cores, {platform.machine()}, {versions}\n")
    print("| what | runs | median ms | p95 ms | max ms |\n|---|---|---|---|---|")
    if len(sys.argv) > 1:
        graph = courses(Path(sys.argv[1]))
        rows(f"courses, {len(graph):,} topics, {len(graph.members.values):,} edges", graph, runs=200)
    growth("subjects", local=True)
    growth("any to any", local=False)


if __name__ == "__main__":
    main()
